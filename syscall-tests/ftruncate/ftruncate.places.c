// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ftruncate: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY_FD(ftruncate, syscall(SYS_ftruncate, fd, 3L))
NO_ROOM(ftruncate, syscall(SYS_ftruncate, fd, lseek(fd, 0, SEEK_CUR) + 8192))
