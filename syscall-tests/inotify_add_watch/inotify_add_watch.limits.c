// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_add_watch: how many watches may there be in a user namespace whose root has bounded them?
#include "../harness/inotifies.h"
#include "../harness/namespaces.h"

CASE(as_many_as_the_user_namespace_allows) {
	REQUIRE(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0 && mkdir("c", 0755) == 0);
	IN_CHILD(NULL) {
		unshare_user(0, 0);
		OBSERVE_RET("bound", put_text("/proc/sys/user/max_inotify_watches", "2"));
		int fd = REQUIRE_OK(syscall(SYS_inotify_init1, 0));
		int a = REQUIRE_OK(syscall(SYS_inotify_add_watch, fd, "a", IN_CREATE));
		OBSERVE_OK("second", syscall(SYS_inotify_add_watch, fd, "b", IN_CREATE));
		OBSERVE_RET("third", syscall(SYS_inotify_add_watch, fd, "c", IN_CREATE));
		OBSERVE_OK("one that is there", syscall(SYS_inotify_add_watch, fd, "a", IN_DELETE));
		REQUIRE_OK(syscall(SYS_inotify_rm_watch, fd, a));
		OBSERVE_OK("third, without the first", syscall(SYS_inotify_add_watch, fd, "c", IN_CREATE));
		OBSERVE_RET("no watches at all", put_text("/proc/sys/user/max_inotify_watches", "0"));
		OBSERVE_RET("then", syscall(SYS_inotify_add_watch, fd, "a", IN_CREATE));
		OBSERVE("file", "%s", read_file("/proc/sys/user/max_inotify_watches"));
	}
}
