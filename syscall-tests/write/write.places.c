// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// write: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

static char block[8192];

READ_ONLY_FD(write, syscall(SYS_write, fd, "x", 1))
NO_ROOM(write, syscall(SYS_write, fd, block, 8192))
