// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdirat: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY(mkdirat, syscall(SYS_mkdirat, AT_FDCWD, path, 0755))
NO_INODES(mkdirat, syscall(SYS_mkdirat, AT_FDCWD, path, 0755))
