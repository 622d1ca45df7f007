// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rename: what of a file system or a mount that is read-only, one that is full, a mount point, another mount?
#include "../harness/places.h"

READ_ONLY(rename_away, syscall(SYS_rename, path, "new"))
READ_ONLY(rename_over, syscall(SYS_rename, "file", path))
NO_INODES(rename, syscall(SYS_rename, "file", path) < 0 ? -1 : rename(path, "file"))
MOUNTED_ON(rename, syscall(SYS_rename, path, "new"))
MOUNTED_ON(rename_over, syscall(SYS_rename, "empty", path))
ACROSS(rename, syscall(SYS_rename, from, to))
