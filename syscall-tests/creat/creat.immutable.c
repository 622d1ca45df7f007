// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// creat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(creat, syscall(SYS_creat, path, 0600))
