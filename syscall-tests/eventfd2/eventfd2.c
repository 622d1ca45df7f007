// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// eventfd2: its flags, and the semaphore.
#include "../harness/ready.h"

#include <sys/resource.h>

CASE(flags) {
	for (int f = 0; f < 8; f++) {
		int flags = (f & 1 ? EFD_CLOEXEC : 0) | (f & 2 ? EFD_NONBLOCK : 0) | (f & 4 ? EFD_SEMAPHORE : 0);
		int fd = REQUIRE_OK(syscall(SYS_eventfd2, 2, flags));
		uint64_t v = 0;
		OBSERVE(name("%#x", flags), "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
		REQUIRE(read(fd, &v, 8) == 8);
		OBSERVE(name("%#x, value", flags), "%d, then %s", (int)v, poll_text(fd));
	}
	for (int bit = 1; bit < 32; bit++)
		if (1 << bit != EFD_CLOEXEC && 1 << bit != EFD_NONBLOCK)
			CHECK_ERR(syscall(SYS_eventfd2, 0, 1U << bit), EINVAL);
}

CASE(semaphore) {
	int fd = REQUIRE_OK(syscall(SYS_eventfd2, 3, EFD_SEMAPHORE | EFD_NONBLOCK));
	uint64_t v = 0;
	for (int i = 0; i < 4; i++) {
		OBSERVE_RET(name("read %d", i), read(fd, &v, 8));
		OBSERVE(name("value %d", i), "%d", (int)v);
		v = 0;
	}
	v = UINT64_MAX - 1;
	OBSERVE_RET("write the most", write(fd, &v, 8));
	OBSERVE_RET("read", read(fd, &v, 8));
	OBSERVE("events", "%s", poll_text(fd));
	v = 1;
	OBSERVE_RET("room for one", write(fd, &v, 8));
	OBSERVE_RET("no room", write(fd, &v, 8));
}

// Each count wakes one of the waiting.
CASE(semaphore_wakes_as_many_as_counted) {
	int fd = REQUIRE_OK(syscall(SYS_eventfd2, 0, EFD_SEMAPHORE));
	pid_t c[3];
	uint64_t v = 2;
	for (int i = 0; i < 3; i++)
		if ((c[i] = harness_fork()) == 0)
			_exit(read(fd, &v, 8) == 8 && v == 1 ? 0 : 1);
	for (int i = 0; i < 3; i++)
		REQUIRE(wait_blocked(c[i], c[i]));
	REQUIRE(write(fd, &v, 8) == 8);
	CHECK(waitpid(-1, NULL, 0) > 0);
	CHECK(waitpid(-1, NULL, 0) > 0);
	int left = 0;
	for (int i = 0; i < 3; i++)
		if (waitpid(c[i], NULL, WNOHANG) == 0) {
			left++;
			CHECK(wait_blocked(c[i], c[i]));
		}
	CHECK_EQ(left, 1);
	v = 1;
	REQUIRE(write(fd, &v, 8) == 8);
	CHECK(waitpid(-1, NULL, 0) > 0);
}

CASE(too_many_descriptors) {
	struct rlimit lim = {3, 3};
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERR(syscall(SYS_eventfd2, 0, 0), EMFILE);
	CHECK_ERR(syscall(SYS_eventfd2, 0, 2), EINVAL);
}
