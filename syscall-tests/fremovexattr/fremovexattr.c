// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fremovexattr: removexattr of an open file
#include "../harness/xattrs.h"

static long on_fd(int fd) { return syscall(SYS_fremovexattr, fd, "user.a"); }

CASE(descriptors, "fs:xattr") { observe_xattr_fds(on_fd); }
CASE(remove, "fs:xattr") { observe_remove(BY_FD); }
