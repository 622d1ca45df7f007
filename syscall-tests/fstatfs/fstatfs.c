// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fstatfs: the file system under a descriptor, and of what has none
#include "../harness/statfses.h"

#include <sys/socket.h>

static long call(const char *path, struct statfs *s) {
	int fd = REQUIRE_OK(open(path, O_PATH | O_CLOEXEC));
	long r = syscall(SYS_fstatfs, fd, s);
	int err = errno;
	close(fd);
	errno = err;
	return r;
}

CASE(sense) { check_statfs_sense(call); }
CASE(known_file_systems) { observe_statfs_known(call); }
CASE(buffer) { observe_statfs_buffer(call); }

CASE(descriptors) {
	struct statfs s;
	int p[2];
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", syscall(SYS_fstatfs, -1, &s));
	OBSERVE_RET("99", syscall(SYS_fstatfs, 99, &s));
	OBSERVE_RET("AT_FDCWD", syscall(SYS_fstatfs, AT_FDCWD, &s));
	OBSERVE_RET("pipe", syscall(SYS_fstatfs, p[0], &s));
	OBSERVE("pipe: type", "%#lx", (long)s.f_type);
	OBSERVE_RET("memfd", syscall(SYS_fstatfs, memfd_create("m", 0), &s));
	OBSERVE("memfd: type", "%#lx", (long)s.f_type);
	OBSERVE_RET("bad fd, bad buffer", syscall(SYS_fstatfs, -1, bad_ptr()));
}

CASE(sockets) {
	struct statfs s;
	int sock[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	OBSERVE_RET("socket", syscall(SYS_fstatfs, sock[0], &s));
	OBSERVE("socket: type", "%#lx", (long)s.f_type);
}

CASE(unlinked) {
	struct statfs s;
	int fd = make_file("f", "");
	REQUIRE_OK(unlink("f"));
	CHECK_OK(syscall(SYS_fstatfs, fd, &s));
}
