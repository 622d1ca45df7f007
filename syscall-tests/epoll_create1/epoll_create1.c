// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_create1: its one flag, and what a descriptor of epoll can't do.
#include "../harness/ready.h"

CASE(flags) {
	int fd = REQUIRE_OK(syscall(SYS_epoll_create1, EPOLL_CLOEXEC));
	OBSERVE("EPOLL_CLOEXEC", "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	for (int bit = 0; bit < 32; bit++)
		if (1U << bit != EPOLL_CLOEXEC)
			CHECK_ERR(syscall(SYS_epoll_create1, 1U << bit), EINVAL);
	CHECK_ERR(syscall(SYS_epoll_create1, EPOLL_CLOEXEC | 1), EINVAL);
}

CASE(other_calls) {
	int fd = REQUIRE_OK(syscall(SYS_epoll_create1, 0));
	char b[16] = "";
	struct stat st;
	OBSERVE_RET("read", read(fd, b, 8));
	OBSERVE_RET("write", write(fd, b, 8));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
	OBSERVE_RET("pread", pread(fd, b, 8, 0));
	OBSERVE_RET("mmap", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	OBSERVE_RET("ftruncate", ftruncate(fd, 0));
	OBSERVE_RET("fsync", fsync(fd));
	REQUIRE_OK(fstat(fd, &st));
	OBSERVE("stat", "mode %#o size %lld", st.st_mode, (long long)st.st_size);
	REQUIRE_OK(readlink(name("/proc/self/fd/%d", fd), b, sizeof b));
	OBSERVE("link", "%.16s", b);
}
