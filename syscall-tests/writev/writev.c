// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// writev: several buffers in one call: how many, of what lengths, where may they lie, and what of a bad one in the middle?
#include "../harness/rw.h"

static long one(int fd, void *buf, size_t n, off_t unused) {
	struct iovec iov = {buf, n};
	return syscall(SYS_writev, fd, &iov, 1);
}

static long vec(int fd, const struct iovec *iov, long count, off_t unused, int none) { return syscall(SYS_writev, fd, iov, count); }

CASE(descriptors) {
	signal(SIGPIPE, SIG_IGN);
	observe_rw_descriptors(one);
}
CASE(buffers) { observe_rw_buffers(one, true); }
CASE(counts) { observe_vec_counts(vec); }
CASE(pointers) { observe_vec_pointers(vec); }

CASE(writes_one_after_the_other) {
	int fd = make_file("f", "");
	struct iovec iov[] = {{"abc", 3}, {NULL, 0}, {"de", 2}, {"f", 1}};
	CHECK_EQ(syscall(SYS_writev, fd, iov, 4), 6);
	CHECK_STR(read_file("f"), "abcdef");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 6);
}

CASE(bad_one_in_the_middle) {
	int p[2], fd = make_file("f", "");
	char buf[16] = "";
	struct iovec iov[] = {{"abc", 3}, {bad_ptr(), 3}, {"def", 3}};
	OBSERVE_RET("file", syscall(SYS_writev, fd, iov, 3));
	OBSERVE("after", "%s at %lld", entry_text("f"), (long long)lseek(fd, 0, SEEK_CUR));
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	OBSERVE_RET("pipe", syscall(SYS_writev, p[1], iov, 3));
	OBSERVE_RET("pipe then holds", read(p[0], buf, sizeof buf));
}

CASE(append) {
	put_file("f", "content", 0644);
	int fd = REQUIRE_OK(open("f", O_WRONLY | O_APPEND));
	struct iovec iov[] = {{"a", 1}, {"b", 1}};
	CHECK_EQ(syscall(SYS_writev, fd, iov, 2), 2);
	CHECK_STR(read_file("f"), "contentab");
}

CASE(file_size_limit) {
	int fd = make_file("f", "");
	struct iovec iov[] = {{"abc", 3}, {"def", 3}};
	sig_catch(SIGXFSZ, 0);
	limit_fsize(4);
	OBSERVE_RET("across", syscall(SYS_writev, fd, iov, 2));
	OBSERVE_RET("at the limit", syscall(SYS_writev, fd, iov, 2));
	OBSERVE("signals", "%d", sig_count[SIGXFSZ]);
}

CASE(no_reader) {
	int p[2];
	struct iovec iov[] = {{"abc", 3}, {"def", 3}};
	REQUIRE_OK(pipe(p));
	close(p[0]);
	sig_catch(SIGPIPE, 0);
	CHECK_ERR(syscall(SYS_writev, p[1], iov, 2), EPIPE);
	CHECK_EQ(sig_count[SIGPIPE], 1);
}
