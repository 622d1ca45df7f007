// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

static long made(int fd) { return fd < 0 ? -1 : close(fd); }

READ_ONLY(openat_for_both, syscall(SYS_openat, AT_FDCWD, path, O_NONBLOCK | O_RDWR))
READ_ONLY(openat_exclusively, syscall(SYS_openat, AT_FDCWD, path, O_NONBLOCK | O_RDONLY | O_CREAT | O_EXCL, 0644))
READ_ONLY(openat_without_a_name, syscall(SYS_openat, AT_FDCWD, path, O_TMPFILE | O_WRONLY, 0644))
READ_ONLY(openat_for_reading, syscall(SYS_openat, AT_FDCWD, path, O_NONBLOCK | O_RDONLY))
NO_INODES(openat, made(syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0644)))
