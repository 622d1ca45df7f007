// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// readahead: which descriptors and ranges does it take? What it reads ahead no one sees.
#include "../harness/syncs.h"

static long call(int fd) { return syscall(SYS_readahead, fd, 0l, 100l); }

// memfds differ between kernels, so only these.
CASE(descriptors) {
	int p[2];
	put_file("f", "content", 0644);
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", call(-1));
	OBSERVE_RET("99", call(99));
	OBSERVE_RET("O_WRONLY", call(open("f", O_WRONLY)));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH)));
	OBSERVE_RET("directory", call(open(".", O_RDONLY)));
	OBSERVE_RET("pipe", call(p[0]));
	OBSERVE_RET("/dev/null", call(open("/dev/null", O_RDWR)));
}

CASE(sockets) { observe_sync_socket(call); }

CASE(file) {
	int fd = make_file("f", "content");
	OBSERVE_RET("within", syscall(SYS_readahead, fd, 0l, 7l));
	OBSERVE_RET("nothing", syscall(SYS_readahead, fd, 0l, 0l));
	OBSERVE_RET("beyond", syscall(SYS_readahead, fd, 100000l, 100l));
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
	CHECK_STR(read_file("f"), "content");
}

// A file that has no name anywhere is nothing to read ahead of.
CASE(secret_memory) {
	int fd = syscall(SYS_memfd_secret, 0);
	OBSERVE_RET("memfd_secret", fd < 0 ? fd : call(fd));
}
