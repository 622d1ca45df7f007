// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timerfd_create: clocks, flags, and what a fresh timer can do.
#include "../harness/timerfds.h"

#include <sys/resource.h>

CASE(clocks) {
	for (int clock = -2; clock < 14; clock++)
		OBSERVE_OK(name("clock %d", clock), syscall(SYS_timerfd_create, clock, 0));
	OBSERVE_OK("own cpu clock", syscall(SYS_timerfd_create, (~getpid()) << 3 | 2, 0));
	OBSERVE_OK("INT_MAX", syscall(SYS_timerfd_create, INT32_MAX, 0));
	IN_CHILD(NULL) {
		become_nobody();
		for (int clock = 7; clock < 10; clock++)
			OBSERVE_OK(name("nobody, clock %d", clock), syscall(SYS_timerfd_create, clock, 0));
	}
}

CASE(flags) {
	for (int f = 0; f < 4; f++) {
		int flags = (f & 1 ? TFD_CLOEXEC : 0) | (f & 2 ? TFD_NONBLOCK : 0);
		int fd = REQUIRE_OK(syscall(SYS_timerfd_create, CLOCK_REALTIME, flags));
		OBSERVE(name("%#x", flags), "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	}
	for (int bit = 0; bit < 32; bit++)
		if (1 << bit != TFD_CLOEXEC && 1 << bit != TFD_NONBLOCK)
			CHECK_ERR(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 1U << bit), EINVAL);
	struct rlimit lim = {3, 3};
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERR(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0), EMFILE);
}

CASE(fresh) {
	int fd = REQUIRE_OK(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK));
	uint64_t v;
	struct itimerspec t;
	OBSERVE_RET("read", read(fd, &v, 8));
	OBSERVE_RET("read 7", read(fd, &v, 7));
	OBSERVE_RET("write", write(fd, &v, 8));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
	OBSERVE_RET("pread", pread(fd, &v, 8, 0));
	REQUIRE_OK(timerfd_gettime(fd, &t));
	OBSERVE("left", "%s", left_text(t));
	char link[64] = "";
	REQUIRE_OK(readlink(name("/proc/self/fd/%d", fd), link, 63));
	OBSERVE("link", "%s", link);
}
