// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchown: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static int fd;
static void open_file(void) {
	roots_files();
	fd = REQUIRE_OK(open("file", O_RDWR));
}

CAPABILITY(to_oneself, open_file(), syscall(SYS_fchown, fd, 65534, -1))
