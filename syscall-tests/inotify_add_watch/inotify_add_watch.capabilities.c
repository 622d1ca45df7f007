// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_add_watch: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/inotify.h>

static int fd;

CAPABILITY(of_a_secret, (roots_files(), fd = REQUIRE_OK(inotify_init())), syscall(SYS_inotify_add_watch, fd, "secret", IN_OPEN))
