// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwrite64: write at an offset, the position untouched; and on an O_APPEND descriptor, where?
#include "../harness/rw.h"
#include <sys/socket.h>

static long try_pwrite(int fd, void *buf, size_t n, off_t off) { return syscall(SYS_pwrite64, fd, buf, n, off); }

CASE(descriptors) {
	signal(SIGPIPE, SIG_IGN);
	observe_rw_descriptors(try_pwrite);
}
CASE(buffers) { observe_rw_buffers(try_pwrite, false); }
CASE(unseekable) { observe_rw_unseekable(try_pwrite); }

// The largest offset differs between file systems; those beyond every file system's do not.
CASE(offsets) {
	static const off_t offs[] = {0, 3, 7, 8, 4096, 1ll << 31, 1ll << 32, -1, -4096, LLONG_MIN, LLONG_MAX};
	for (size_t i = 0; i < ARRAY_SIZE(offs); i++) {
		int fd = make_file("f", "content");
		OBSERVE_RET(name("at %#llx", (long long)offs[i]), syscall(SYS_pwrite64, fd, "xy", 2, offs[i]));
		OBSERVE(name("at %#llx: after", (long long)offs[i]), "position %lld, %s", (long long)lseek(fd, 0, SEEK_CUR), entry_text("f"));
		close(fd);
	}
}

// Linux appends whatever the offset, against POSIX: BUGS in pwrite(2).
CASE(append_wins) {
	make_file("f", "content");
	int fd = REQUIRE_OK(open("f", O_RDWR | O_APPEND));
	CHECK_EQ(syscall(SYS_pwrite64, fd, "end", 3, 0), 3);
	CHECK_STR(read_file("f"), "contentend");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
	OBSERVE_RET("at -1", syscall(SYS_pwrite64, fd, "end", 3, -1l));
}

CASE(file_size_limit) {
	int fd = make_file("f", "content");
	sig_catch(SIGXFSZ, 0);
	limit_fsize(5);
	CHECK_ERR(syscall(SYS_pwrite64, fd, "x", 1, 5), EFBIG);
	OBSERVE_RET("across", syscall(SYS_pwrite64, fd, "xxxx", 4, 3));
	// The file was longer than the limit already; inside the limit one may write.
	OBSERVE_RET("between limit and end", syscall(SYS_pwrite64, fd, "x", 1, 6));
	OBSERVE("signals", "%d", sig_count[SIGXFSZ]);
	OBSERVE("content", "%s", read_file("f"));
}

CASE(memory_ends_within_the_buffer) {
	int fd = make_file("f", "");
	char *end = guard_end(10);
	memset(end, 'x', 10);
	OBSERVE_RET("over the end", syscall(SYS_pwrite64, fd, end, 100, 0));
	OBSERVE_RET("over the end, across a page of the file", syscall(SYS_pwrite64, fd, end, 100, 4090));
	OBSERVE("file", "%s", entry_text("f"));
}

// A process's descriptor has positions, for it is a regular file within, but nothing to read or write; a socket has none, which
// counts before the memory.
CASE(pidfd_and_streams) {
	char c = 0;
	int p[2], fd = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(fd);
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	OBSERVE_RET("pidfd", syscall(SYS_pwrite64, fd, &c, 1, 1));
	OBSERVE_RET("pidfd, bad memory", syscall(SYS_pwrite64, fd, -4096l, 1, 1));
	OBSERVE_RET("socket, bad memory", syscall(SYS_pwrite64, p[0], -4096l, 1, 1));
	OBSERVE_RET("pidfd, lseek", lseek(fd, 0, SEEK_CUR));
}
