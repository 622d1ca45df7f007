// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_add_watch: which paths are refused?
#include "../harness/namespaces.h"

#include <sys/inotify.h>

CASE(long_paths) {
	int fd = REQUIRE_OK(inotify_init1(0));
	OBSERVE_OK("name of 256", syscall(SYS_inotify_add_watch, fd, repeat("n", 256, ""), IN_OPEN));
	OBSERVE_OK("path of 4096", syscall(SYS_inotify_add_watch, fd, repeat("./", 4096, "."), IN_OPEN));
	OBSERVE_OK("path of 4095", syscall(SYS_inotify_add_watch, fd, repeat("./", 4095, "."), IN_OPEN));
}
