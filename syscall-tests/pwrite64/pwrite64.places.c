// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwrite64: what of one that is full?
#include "../harness/places.h"

static char block[8192];

NO_ROOM(pwrite64, syscall(SYS_pwrite64, fd, block, 8192, lseek(fd, 0, SEEK_CUR)))
