// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// poll: which changes of the tree of mounts does who polls /proc/self/mounts or mountinfo hear of, and how often? Who else
// hears of them: a descriptor of its own, an epoll, a sleeper, a reader of another namespace?
#include "../harness/mounts.h"

#include <poll.h>
#include <sys/epoll.h>

static const char *poll_text(int fd, short events) {
	static char text[8][96];
	static int at;
	struct pollfd p = {.fd = fd, .events = events};
	char *s = text[at++ % 8];
	long n = syscall(SYS_poll, &p, 1, 0);
	snprintf(s, sizeof text[0], "%ld:%s%s%s%s%s", n, p.revents & POLLIN ? " IN" : "", p.revents & POLLRDNORM ? " RDNORM" : "",
		 p.revents & POLLPRI ? " PRI" : "", p.revents & POLLERR ? " ERR" : "",
		 p.revents & (POLLOUT | POLLHUP | POLLNVAL) ? " other" : "");
	return s;
}

#define WANT_ALL (POLLIN | POLLRDNORM | POLLPRI | POLLOUT)

CASE(mounts_change, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "e", "old");
		int fd = REQUIRE_OK(open("/proc/self/mounts", O_RDONLY));
		int info = REQUIRE_OK(open("/proc/self/mountinfo", O_RDONLY));
		int stats = REQUIRE_OK(open("/proc/self/mountstats", O_RDONLY));
		OBSERVE("at first", "%s", poll_text(fd, WANT_ALL));
#define STEP(what, call)                                                         \
	do {                                                                     \
		OBSERVE_RET(what, call);                                         \
		OBSERVE(name("%s: told", what), "%s", poll_text(fd, WANT_ALL));  \
		OBSERVE(name("%s: again", what), "%s", poll_text(fd, WANT_ALL)); \
		OBSERVE(name("%s: info", what), "%s", poll_text(info, POLLPRI)); \
	} while (0)
		STEP("mount", mount("x", "d", "tmpfs", 0, NULL));
		STEP("failed mount", mount("x", "missing", "tmpfs", 0, NULL));
		STEP("remount,bind", mount(NULL, "d", NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC, NULL));
		STEP("remount", mount(NULL, "d", NULL, MS_REMOUNT, "size=64k"));
		STEP("shared", mount(NULL, "d", NULL, MS_SHARED, NULL));
		STEP("private", mount(NULL, "d", NULL, MS_PRIVATE, NULL));
		STEP("bind", mount("d", "e", NULL, MS_BIND, NULL));
		STEP("umount of the bind", umount2("e", 0));
		STEP("move", mount("d", "e", NULL, MS_MOVE, NULL));
		STEP("a file", close(open("e/file", O_CREAT | O_RDWR, 0600)));
		STEP("busy umount", umount2(".", 0));
		STEP("umount", umount2("e", 0));
		STEP("lazy umount of a tree", mount("x", "d", "tmpfs", 0, NULL) | umount2("d", MNT_DETACH));
		OBSERVE("stats", "%s", poll_text(stats, WANT_ALL));
		int ep = REQUIRE_OK(epoll_create1(0));
		struct epoll_event ev = {.events = EPOLLPRI};
		OBSERVE_RET("epoll of stats", epoll_ctl(ep, EPOLL_CTL_ADD, stats, &ev));
		OBSERVE_RET("epoll of mounts", epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	}
}

CASE(mounts_change_for_each_file, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		int a = REQUIRE_OK(open("/proc/self/mounts", O_RDONLY)), b = REQUIRE_OK(open("/proc/self/mounts", O_RDONLY)), same = REQUIRE_OK(dup(a));
		REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
		int late = REQUIRE_OK(open("/proc/self/mounts", O_RDONLY));
		OBSERVE("one", "%s", poll_text(a, POLLPRI));
		OBSERVE("the same again", "%s", poll_text(same, POLLPRI));
		OBSERVE("another", "%s", poll_text(b, POLLPRI));
		OBSERVE("opened later", "%s", poll_text(late, POLLPRI));
		REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
		REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
		OBSERVE("two at once", "%s", poll_text(a, POLLPRI));
		OBSERVE("and then", "%s", poll_text(a, POLLPRI));
		OBSERVE("nothing wanted", "%s", poll_text(b, 0));
		char text[4096];
		REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
		CHECK(read(a, text, sizeof text) > 0);
		OBSERVE("after a read", "%s", poll_text(a, POLLPRI));
	}
}

// A file stays that of the namespace in which it was opened.
CASE(mounts_of_the_old_namespace, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		int fd = REQUIRE_OK(open("/proc/self/mounts", O_RDONLY));
		REQUIRE_OK(unshare(CLONE_NEWNS));
		OBSERVE("unshared", "%s", poll_text(fd, POLLPRI));
		REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
		OBSERVE("a mount in the new one", "%s", poll_text(fd, POLLPRI));
		static char text[1 << 16];
		ssize_t n = pread(fd, text, sizeof text - 1, 0);
		REQUIRE(n > 0);
		text[n] = 0;
		OBSERVE("the old one shows it", "%d", strstr(text, "\nx ") != NULL);
		int now = REQUIRE_OK(open("/proc/self/mounts", O_RDONLY));
		n = pread(now, text, sizeof text - 1, 0);
		REQUIRE(n > 0);
		text[n] = 0;
		OBSERVE("the new one shows it", "%d", strstr(text, "\nx ") != NULL);
	}
}

CASE(mounts_wake_a_sleeper, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		int fd = REQUIRE_OK(open("/proc/self/mounts", O_RDONLY));
		pid_t pid = harness_fork();
		if (!pid) {
			struct pollfd p = {.fd = fd, .events = POLLPRI};
			OBSERVE_RET("poll", syscall(SYS_poll, &p, 1, -1));
			OBSERVE("events", "%#x", p.revents);
			_exit(0);
		}
		wait_blocked(pid, pid);
		REQUIRE_OK(mount("x", "d", "tmpfs", 0, NULL));
		wait_for(pid);
		pid = harness_fork();
		if (!pid) {
			int ep = REQUIRE_OK(epoll_create1(0));
			struct epoll_event ev = {.events = EPOLLPRI | EPOLLET, .data.u32 = 7};
			REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
			OBSERVE_RET("epoll_wait", epoll_wait(ep, &ev, 1, -1));
			OBSERVE("its events", "%#x %u", ev.events, ev.data.u32);
			OBSERVE_RET("once", epoll_wait(ep, &ev, 1, 0));
			_exit(0);
		}
		wait_blocked(pid, pid);
		REQUIRE_OK(umount2("d", 0));
		wait_for(pid);
	}
}
