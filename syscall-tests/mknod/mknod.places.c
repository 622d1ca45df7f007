// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mknod: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY(mknod, syscall(SYS_mknod, path, 010644, 0))
NO_INODES(mknod, syscall(SYS_mknod, path, 010644, 0))
