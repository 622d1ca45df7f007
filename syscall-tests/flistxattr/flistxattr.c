// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// flistxattr: listxattr of an open file
#include "../harness/xattrs.h"

static char scratch[1024];
static long on_fd(int fd) { return syscall(SYS_flistxattr, fd, scratch, sizeof scratch); }

CASE(descriptors, "fs:xattr") { observe_xattr_fds(on_fd); }
CASE(list, "fs:xattr") { observe_list(BY_FD); }
CASE(privileged, "root fs:xattr cap:21") { observe_list_privileged(BY_FD); }
