// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unlinkat: what of a file system or a mount that is read-only, a mount point?
#include "../harness/places.h"

READ_ONLY(unlinkat, syscall(SYS_unlinkat, AT_FDCWD, path, 0))
READ_ONLY(unlinkat_directory, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR))
MOUNTED_ON(unlinkat, syscall(SYS_unlinkat, AT_FDCWD, path, 0))
MOUNTED_ON(unlinkat_directory_of, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR))
