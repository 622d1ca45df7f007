// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rmdir: what of a file system or a mount that is read-only, a mount point?
#include "../harness/places.h"

READ_ONLY(rmdir, syscall(SYS_rmdir, path))
MOUNTED_ON(rmdir, syscall(SYS_rmdir, path))
