// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// creat: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

static long made(int fd) { return fd < 0 ? -1 : close(fd); }

READ_ONLY(creat, strcmp(path, "fifo") == 0 ? 0 : syscall(SYS_creat, path, 0644))
NO_INODES(creat, made(syscall(SYS_creat, path, 0644)))
