// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mknodat: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY(mknodat, syscall(SYS_mknodat, AT_FDCWD, path, 0100644, 0))
NO_INODES(mknodat, syscall(SYS_mknodat, AT_FDCWD, path, 0100644, 0))
