// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsetxattr: setxattr of an open file
#include "../harness/xattrs.h"

static long on_fd(int fd) { return syscall(SYS_fsetxattr, fd, "user.a", "value", 5, 0); }

CASE(descriptors, "fs:xattr") { observe_xattr_fds(on_fd); }
CASE(flags, "fs:xattr") { observe_set_flags(BY_FD); }
CASE(names, "fs:xattr") { observe_set_names(BY_FD); }
CASE(pointers, "fs:xattr") { observe_set_pointers(BY_FD); }
CASE(rights, "root fs:xattr") { observe_set_rights(BY_FD); }
CASE(times, "fs:xattr") { observe_set_times(BY_FD); }
