// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fallocate: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY_FD(fallocate, syscall(SYS_fallocate, fd, 0, 0L, 10L))
NO_ROOM(fallocate, syscall(SYS_fallocate, fd, 0, lseek(fd, 0, SEEK_CUR), 8192L))
