// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_create: a size that only must be positive.
#include "../harness/ready.h"

#include <sys/resource.h>

CASE(sizes) {
	static const int sizes[] = {1, 2, 1000, INT32_MAX, 0, -1, INT32_MIN};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		int fd = OBSERVE_OK(name("size %d", sizes[i]), syscall(SYS_epoll_create, sizes[i]));
		if (fd >= 0)
			OBSERVE(name("size %d, flags", sizes[i]), "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	}
	OBSERVE_OK("a long that is 0 as an int", syscall(SYS_epoll_create, 1L << 32));
}

CASE(lowest_descriptor_and_limit) {
	int next = REQUIRE_OK(dup(0));
	close(next);
	CHECK_EQ(syscall(SYS_epoll_create, 1), next);
	struct rlimit lim = {64, 64};
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	while (syscall(SYS_epoll_create, 1) >= 0)
		;
	CHECK_EQ(errno, EMFILE);
	CHECK_ERR(syscall(SYS_epoll_create, 0), EINVAL);
}
