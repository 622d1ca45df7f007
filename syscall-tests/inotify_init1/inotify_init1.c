// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_init1: its flags, and what a child and a duplicate share.
#include "../harness/inotifies.h"

CASE(flags) {
	for (int f = 0; f < 4; f++) {
		int flags = (f & 1 ? IN_CLOEXEC : 0) | (f & 2 ? IN_NONBLOCK : 0);
		int fd = REQUIRE_OK(syscall(SYS_inotify_init1, flags));
		OBSERVE(name("%#x", flags), "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	}
	for (int bit = 0; bit < 32; bit++)
		if (1U << bit != IN_CLOEXEC && 1U << bit != IN_NONBLOCK)
			CHECK_ERR(syscall(SYS_inotify_init1, 1U << bit), EINVAL);
}

// The limit is each user's, so this one is alone.
CASE(too_many_instances, "root") {
	struct rlimit lim = {4096, 4096};
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	int most = 0;
	FILE *f = fopen("/proc/sys/fs/inotify/max_user_instances", "r");
	REQUIRE(f != NULL);
	REQUIRE(fscanf(f, "%d", &most) == 1);
	REQUIRE_OK(setresuid(54321, 54321, 54321));
	int n = 0, fd = -1;
	while (n <= most && (fd = syscall(SYS_inotify_init1, 0)) >= 0)
		n++;
	CHECK(n <= most);
	CHECK_EQ(errno, EMFILE);
	close(most / 2);
	CHECK_OK(syscall(SYS_inotify_init1, 0));
}

// A duplicate is the same queue; so is what a child inherits.
CASE(shared) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	watch(fd, "d", IN_CREATE | IN_DELETE);
	int st;
	IN_CHILD(st) {
		close(make_file("d/a", ""));
		int wd = inotify_add_watch(fd, ".", IN_CREATE);
		CHECK_EQ(wd, 2);
	}
	CHECK_EQ(st, 0);
	close(make_file("b", ""));
	int other = REQUIRE_OK(dup(fd));
	OBSERVE("by the duplicate", "%s", events(other));
	OBSERVE("left", "%s", events(fd));
	close(fd);
	REQUIRE_OK(unlink("d/a"));
	OBSERVE("still watched", "%s", events(other));
}

CASE(poll_and_epoll) {
	int fd = make_inotify(), ep = REQUIRE_OK(epoll_create1(0));
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.fd = fd}, got;
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	watch(fd, ".", IN_CREATE);
	CHECK_EQ(epoll_wait(ep, &got, 1, 0), 0);
	close(make_file("a", ""));
	CHECK_EQ(epoll_wait(ep, &got, 1, 1000), 1);
	OBSERVE("ready", "%#x %s", got.events, poll_text(fd));
	CHECK_EQ(epoll_wait(ep, &got, 1, 0), 0);
	close(make_file("b", ""));
	CHECK_EQ(epoll_wait(ep, &got, 1, 1000), 1);
	OBSERVE("events", "%s", events(fd));
	OBSERVE("read", "%s", poll_text(fd));
}
