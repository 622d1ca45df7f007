// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// umount2: what of a mount point?
#include "../harness/places.h"

MOUNTED_ON(umount2, syscall(SYS_umount2, path, 0))
MOUNTED_ON(expire, syscall(SYS_umount2, path, MNT_EXPIRE))
