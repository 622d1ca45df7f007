// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fcntl: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static int fd;

CAPABILITY_OF(CAP_LEASE, 28, lease_of_roots_file, (roots_files(), fd = REQUIRE_OK(open("file", O_RDONLY))), syscall(SYS_fcntl, fd, F_SETLEASE, F_RDLCK))
