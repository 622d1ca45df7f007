// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mknod: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/sysmacros.h>

CAPABILITY(a_fifo_in_roots_directory, roots_files(), syscall(SYS_mknod, "dir/new", 010600, 0))
CAPABILITY(a_device, REQUIRE_OK(chmod(".", 0777)), syscall(SYS_mknod, "new", 020600, makedev(1, 3)))
