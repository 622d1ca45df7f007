// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_rm_watch: the end of a watch.
#include "../harness/inotifies.h"

CASE(removes) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	int wd = watch(fd, "d", IN_ALL_EVENTS);
	close(make_file("d/a", ""));
	OBSERVE_RET("remove", syscall(SYS_inotify_rm_watch, fd, wd));
	close(make_file("d/b", ""));
	OBSERVE("events", "%s", events(fd));
	CHECK_ERR(syscall(SYS_inotify_rm_watch, fd, wd), EINVAL);
	OBSERVE("the next", "%d", watch(fd, "d", IN_ALL_EVENTS));
	OBSERVE("none", "%s", events(fd));
}

CASE(errors) {
	int fd = make_inotify(), pipes[2];
	REQUIRE_OK(pipe(pipes));
	int wd = watch(fd, ".", IN_CREATE);
	CHECK_ERR(syscall(SYS_inotify_rm_watch, -1, wd), EBADF);
	CHECK_ERR(syscall(SYS_inotify_rm_watch, 99, wd), EBADF);
	CHECK_ERR(syscall(SYS_inotify_rm_watch, pipes[0], wd), EINVAL);
	for (int bad = -1; bad < 4; bad++)
		if (bad != wd)
			CHECK_ERR(syscall(SYS_inotify_rm_watch, fd, bad), EINVAL);
	int other = make_inotify();
	CHECK_ERR(syscall(SYS_inotify_rm_watch, other, wd), EINVAL);
	int path = REQUIRE_OK(open(".", O_PATH));
	CHECK_ERR(syscall(SYS_inotify_rm_watch, path, wd), EBADF);
}
