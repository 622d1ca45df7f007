// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fgetxattr: getxattr of an open file
#include "../harness/xattrs.h"

static long on_fd(int fd) { return syscall(SYS_fgetxattr, fd, "user.a", NULL, 0); }

CASE(descriptors, "fs:xattr") { observe_xattr_fds(on_fd); }
CASE(sizes, "fs:xattr") { observe_get_sizes(BY_FD); }
CASE(pointers, "fs:xattr") { observe_get_pointers(BY_FD); }
