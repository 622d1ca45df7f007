// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// writev: what of one that is full?
#include "../harness/places.h"

#include <sys/uio.h>

static char block[8192];
static struct iovec parts[2] = {{block, 5000}, {block, 3192}};

NO_ROOM(writev, syscall(SYS_writev, fd, parts, 2))
