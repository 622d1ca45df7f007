// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unlink: what of a file system or a mount that is read-only, a mount point?
#include "../harness/places.h"

READ_ONLY(unlink, syscall(SYS_unlink, path))
MOUNTED_ON(unlink, syscall(SYS_unlink, path))
