// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// linkat: what of a file system or a mount that is read-only, one that is full, another mount?
#include "../harness/places.h"

READ_ONLY(linkat, syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "new", AT_SYMLINK_FOLLOW))
NO_INODES(linkat, syscall(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, path, 0))
ACROSS(linkat, syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0))
