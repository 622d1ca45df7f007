// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unlink: which names can go, who may take them, and what of the file behind
#include "../harness/unlinks.h"

static long del(const char *path) { return syscall(SYS_unlink, path); }

CASE(walk) { observe_walk(del); }
CASE(as_nobody, "root") { observe_walk_as_nobody(del); }
CASE(path_pointers) { observe_path_pointers(del); }
CASE(open_file) { check_unlink_open_file(del); }
CASE(links_and_times) { observe_unlink_links(del); }
CASE(sticky, "root") { observe_unlink_sticky(del); }

CASE(special) {
	REQUIRE_OK(mkfifo("fifo", 0644));
	REQUIRE_OK(mknod("sock", S_IFSOCK | 0644, 0));
	CHECK_OK(del("fifo"));
	CHECK_OK(del("sock"));
	OBSERVE_RET("/", del("/"));
	OBSERVE_RET("/proc", del("/proc"));
	OBSERVE_RET("/proc/self/status", del("/proc/self/status"));
}
