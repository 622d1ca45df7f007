// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// access: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(access, syscall(SYS_access, path, W_OK))
