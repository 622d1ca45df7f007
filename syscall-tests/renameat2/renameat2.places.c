// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// renameat2: what of a file system or a mount that is read-only, a mount point, another mount?
#include "../harness/places.h"

READ_ONLY(renameat2_exchange, syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, "dir", 2))
READ_ONLY(renameat2_noreplace, syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, "file", 1))
MOUNTED_ON(renameat2_exchange_of, syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, "other", 2))
ACROSS(renameat2, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1))
