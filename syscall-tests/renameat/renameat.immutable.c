// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// renameat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(renameat, syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, "dir/renamed"))
