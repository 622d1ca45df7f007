// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount: what of a mount point?
#include "../harness/places.h"

MOUNTED_ON(mount_once_more_on, syscall(SYS_mount, "x", path, "tmpfs", 0, NULL))
MOUNTED_ON(remount_of, syscall(SYS_mount, NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
MOUNTED_ON(bind_mount_of, syscall(SYS_mount, path, "other", NULL, MS_BIND, NULL))
MOUNTED_ON(make_shared, syscall(SYS_mount, NULL, path, NULL, MS_SHARED, NULL))
