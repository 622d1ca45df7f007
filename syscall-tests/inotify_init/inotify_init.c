// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_init: the descriptor, and reading from it.
#include "../harness/inotifies.h"

CASE(descriptor) {
	int fd = REQUIRE_OK(syscall(SYS_inotify_init));
	OBSERVE("flags", "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	char link[64] = "";
	REQUIRE(readlink(name("/proc/self/fd/%d", fd), link, sizeof link - 1) > 0);
	OBSERVE("link", "%s", link);
	OBSERVE("events", "%s", poll_text(fd));
	char c = 0;
	OBSERVE_RET("write", write(fd, &c, 1));
	OBSERVE_RET("pread", pread(fd, &c, 1, 0));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
	OBSERVE_RET("fsync", fsync(fd));
	OBSERVE_RET("mmap", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	int n = -1;
	OBSERVE_RET("FIONREAD", ioctl(fd, FIONREAD, &n));
	OBSERVE("waiting", "%d", n);
	OBSERVE_RET("other ioctl", ioctl(fd, FIONBIO + 1, &n));
}

CASE(too_many_descriptors) {
	struct rlimit lim = {3, 3};
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERR(syscall(SYS_inotify_init), EMFILE);
}

// A read takes as many events as fit, and none if the first does not.
CASE(read_sizes) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	watch(fd, "d", IN_CREATE);
	char buf[512];
	OBSERVE_RET("none", read(fd, buf, sizeof buf));
	close(make_file("d/short", ""));
	close(make_file("d/quite-a-long-name", ""));
	close(make_file("d/fifteen-letters", ""));
	close(make_file("d/sixteen--letters", ""));
	int n = -1;
	REQUIRE_OK(ioctl(fd, FIONREAD, &n));
	OBSERVE("waiting", "%d %s", n, poll_text(fd));
	OBSERVE_RET("no room", read(fd, buf, 0));
	OBSERVE_RET("no room for the head", read(fd, buf, 15));
	OBSERVE_RET("no room for the name", read(fd, buf, 31));
	OBSERVE_RET("one", read(fd, buf, 32));
	OBSERVE("its length", "%u", ((struct inotify_event *)buf)->len);
	OBSERVE_RET("one, and a part", read(fd, buf, 48 + 31));
	OBSERVE("length of the second", "%u", ((struct inotify_event *)buf)->len);
	OBSERVE_RET("the rest", read(fd, buf, sizeof buf));
	OBSERVE("lengths", "%u %u", ((struct inotify_event *)buf)->len, ((struct inotify_event *)(buf + 32))->len);
	REQUIRE_OK(ioctl(fd, FIONREAD, &n));
	OBSERVE("left at the end", "%d %s", n, poll_text(fd));
}

// An event is taken before it is copied out.
CASE(read_bad_address) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	watch(fd, "d", IN_CREATE);
	close(make_file("d/a", ""));
	close(make_file("d/b", ""));
	OBSERVE_RET("nowhere", read(fd, (void *)8, 100));
	OBSERVE("left", "%s", events(fd));
}

CASE(read_waits) {
	int fd = REQUIRE_OK(syscall(SYS_inotify_init));
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(inotify_add_watch(fd, "d", IN_CREATE));
	pid_t c = harness_fork();
	if (c == 0) {
		char buf[100];
		ssize_t n = read(fd, buf, sizeof buf);
		_exit(n == 32 && ((struct inotify_event *)buf)->mask == IN_CREATE ? 0 : 1);
	}
	REQUIRE(wait_blocked(c, c));
	close(make_file("d/a", ""));
	int st = -1;
	REQUIRE_OK(waitpid(c, &st, 0));
	CHECK_EQ(st, 0);
}

static void on_alarm(int sig) { (void)sig; }

CASE(read_is_interrupted) {
	int fd = REQUIRE_OK(syscall(SYS_inotify_init));
	struct sigaction sa = {.sa_handler = on_alarm};
	REQUIRE_OK(sigaction(SIGALRM, &sa, NULL));
	struct itimerval it = {.it_value = {.tv_usec = 50000}, .it_interval = {.tv_usec = 50000}};
	REQUIRE_OK(setitimer(ITIMER_REAL, &it, NULL));
	char buf[100];
	CHECK_ERR(read(fd, buf, sizeof buf), EINTR);
}
