// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

static long made(int fd) { return fd < 0 ? -1 : close(fd); }

READ_ONLY(open_to_write, syscall(SYS_open, path, O_NONBLOCK | O_WRONLY))
READ_ONLY(open_and_truncate, syscall(SYS_open, path, O_NONBLOCK | O_RDONLY | O_TRUNC))
READ_ONLY(open_or_create, syscall(SYS_open, path, O_NONBLOCK | O_RDONLY | O_CREAT, 0644))
NO_INODES(open, made(syscall(SYS_open, path, O_CREAT | O_WRONLY, 0644)))
