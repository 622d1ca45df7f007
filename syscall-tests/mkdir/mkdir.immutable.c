// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdir: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(mkdir, syscall(SYS_mkdir, path, 0755))
