// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwritev: what of one that is full?
#include "../harness/places.h"

#include <sys/uio.h>

static char block[8192];
static struct iovec parts[2] = {{block, 5000}, {block, 3192}};

NO_ROOM(pwritev, syscall(SYS_pwritev, fd, parts, 2, lseek(fd, 0, SEEK_CUR), 0L))
