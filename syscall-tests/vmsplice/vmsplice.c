// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// vmsplice: memory into a pipe, and out of one.
#include "../harness/pipes.h"

static long kvmsplice(int fd, const void *iov, size_t n, unsigned flags) { return syscall(SYS_vmsplice, fd, iov, n, flags); }

CASE(in_and_out) {
	int p[2];
	char a[8] = "abcdefg", b[8] = "", c[8] = "";
	struct iovec in[3] = {{a, 3}, {NULL, 0}, {a + 3, 4}}, out[2] = {{b, 2}, {c, 6}};
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("in", kvmsplice(p[1], in, 3, 0));
	OBSERVE("there is", "%d", queued(p[0]));
	OBSERVE_RET("out", kvmsplice(p[0], out, 2, 0));
	OBSERVE("bytes", "%.2s %.6s", b, c);
	OBSERVE_RET("out of an empty pipe", kvmsplice(p[0], out, 2, SPLICE_F_NONBLOCK));
	close(p[1]);
	OBSERVE_RET("no writer", kvmsplice(p[0], out, 2, 0));
	REQUIRE_OK(pipe(p));
	close(p[0]);
	sig_catch(SIGPIPE, 0);
	OBSERVE_RET("no reader", kvmsplice(p[1], in, 3, 0));
	OBSERVE("SIGPIPE", "%d", (int)sig_count[SIGPIPE]);
}

CASE(more_than_fits) {
	int p[2];
	size_t size = 40 * 4096;
	char *big = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec v = {big, size};
	REQUIRE(big != MAP_FAILED);
	memset(big, 'x', size);
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("40 pages into 16", kvmsplice(p[1], &v, 1, SPLICE_F_NONBLOCK));
	OBSERVE_RET("full", kvmsplice(p[1], &v, 1, SPLICE_F_NONBLOCK));
}

CASE(errors) {
	int p[2], f = make_file("f", "x");
	char a[8] = "abcdefg";
	struct iovec v = {a, 1}, bad = {bad_ptr(), 8}, neg = {a, (size_t)-1}, second[2] = {{a, 4}, {bad_ptr(), 8}};
	REQUIRE_OK(pipe(p));
	CHECK_ERR(kvmsplice(99, &v, 1, 0), EBADF);
	CHECK_ERR(kvmsplice(f, &v, 1, 0), EBADF);
	OBSERVE_RET("no vectors", kvmsplice(p[1], &v, 0, 0));
	OBSERVE_RET("no vectors, bad descriptor", kvmsplice(99, &v, 0, 0));
	OBSERVE_RET("1025 vectors", kvmsplice(p[1], &v, 1025, 0));
	OBSERVE_RET("bad vectors", kvmsplice(p[1], bad_ptr(), 1, 0));
	OBSERVE_RET("bad memory", kvmsplice(p[1], &bad, 1, 0));
	OBSERVE_RET("negative length", kvmsplice(p[1], &neg, 1, 0));
	OBSERVE_RET("the second is bad", kvmsplice(p[1], second, 2, 0));
	for (int bit = 0; bit < 32; bit++) {
		OBSERVE_RET(name("flag %#x", 1U << bit), kvmsplice(p[1], &v, 1, 1U << bit));
		drain(p[0]);
	}
}

CASE(out_to_bad_memory) {
	static const char *how[] = {"vmsplice", "readv"};
	static const int good[] = {0, 1, 3, 4, 9, 10, 11, 20};
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 8; j++) {
			int p[2];
			char a[32] = "0123456789abcdefghijklmnopqrstu", b[32] = "", left[32] = "";
			struct iovec in[4] = {{a, 4}, {a + 4, 1}, {a + 5, 5}, {a + 10, 3}}, out[2] = {{b, good[j]}, {bad_ptr(), 30}};
			REQUIRE_OK(pipe2(p, O_NONBLOCK));
			CHECK_EQ(kvmsplice(p[1], in, 4, 0), 13);
			OBSERVE_RET(name("%s, %d", how[i], good[j]), i ? readv(p[0], out, 2) : kvmsplice(p[0], out, 2, 0));
			OBSERVE_RET(name("%s, %d, left", how[i], good[j]), read(p[0], left, sizeof left));
			OBSERVE(name("%s, %d, bytes", how[i], good[j]), "%.32s|%.32s", b, left);
			close(p[0]);
			close(p[1]);
		}
}
