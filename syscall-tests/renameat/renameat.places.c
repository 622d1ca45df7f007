// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// renameat: what of a file system or a mount that is read-only, a mount point, another mount?
#include "../harness/places.h"

READ_ONLY(renameat, syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, "new"))
MOUNTED_ON(renameat, syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, "new"))
ACROSS(renameat, syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to))
