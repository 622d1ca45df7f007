// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getrandom: as many bytes as asked for, other ones each time; flags are checked before the buffer.
#include "../harness/harness.h"

CASE(sizes) {
	static unsigned char buf[70000];
	static const size_t sizes[] = {0, 1, 2, 7, 8, 31, 32, 33, 63, 64, 65, 255, 256, 257, 4095, 4096, 4097, 65536, 70000};
	for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		size_t n = sizes[i];
		memset(buf, 0, sizeof buf);
		CHECK_EQ(syscall(SYS_getrandom, buf, n, 0), n);
		for (size_t j = n; j < sizeof buf; j++)
			if (buf[j]) {
				CHECK(!"writes beyond the size");
				break;
			}
		// Eight zero bytes in a row at the end of a longer buffer: one time in 2^64.
		if (n >= 8)
			CHECK(memcmp(buf + n - 8, "\0\0\0\0\0\0\0\0", 8) != 0);
	}
}

CASE(two_calls_differ) {
	char a[32], b[32];
	CHECK_EQ(syscall(SYS_getrandom, a, 32, 0), 32);
	CHECK_EQ(syscall(SYS_getrandom, b, 32, 0), 32);
	CHECK(memcmp(a, b, 32) != 0);
}

CASE(parent_and_child_differ) {
	char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared != MAP_FAILED);
	IN_CHILD(NULL) CHECK_EQ(syscall(SYS_getrandom, shared, 32, 0), 32);
	char mine[32];
	CHECK_EQ(syscall(SYS_getrandom, mine, 32, 0), 32);
	CHECK(memcmp(shared, mine, 32) != 0);
	CHECK(memcmp(shared, (char[32]){0}, 32) != 0);
}

CASE(all_bits_occur) {
	unsigned char ones = 0, zeros = 0, buf[256];
	CHECK_EQ(syscall(SYS_getrandom, buf, 256, 0), 256);
	for (int i = 0; i < 256; i++) {
		ones |= buf[i];
		zeros |= ~buf[i];
	}
	CHECK_EQ(ones, 255);
	CHECK_EQ(zeros, 255);
}

// 1 is GRND_NONBLOCK, 2 GRND_RANDOM, 4 GRND_INSECURE.
CASE(flags) {
	char buf[16];
	for (unsigned f = 0; f < 16; f++)
		OBSERVE_RET(name("flags %u", f), syscall(SYS_getrandom, buf, 16, f));
	for (int bit = 4; bit < 32; bit++)
		CHECK_ERR(syscall(SYS_getrandom, buf, 16, 1U << bit), EINVAL);
	CHECK_ERR(syscall(SYS_getrandom, buf, 16, 2 | 4), EINVAL);
	OBSERVE_RET("a flag above 32 bits", syscall(SYS_getrandom, buf, 16, 1L << 32));
	CHECK_ERR(syscall(SYS_getrandom, bad_ptr(), 16, 8), EINVAL);
	CHECK_ERR(syscall(SYS_getrandom, buf, 0, 8), EINVAL);
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("16 bytes to %s", b->name), syscall(SYS_getrandom, b->p, 16, 0));
		OBSERVE_RET(name("none to %s", b->name), syscall(SYS_getrandom, b->p, 0, 0));
	}
	CHECK_ERR(syscall(SYS_getrandom, NULL, 1, 0), EFAULT);
	CHECK_ERR(syscall(SYS_getrandom, readonly_page(), 1, 0), EFAULT);
}

CASE(part_of_the_buffer_is_bad) {
	char *end = guard_end(64);
	CHECK_EQ(syscall(SYS_getrandom, end, 64, 0), 64);
	for (int there = 1; there <= 64; there *= 4)
		OBSERVE_RET(name("%d of 128 bytes are there", there), syscall(SYS_getrandom, end + 64 - there, 128, 0));
	char *large = guard_end(8192);
	OBSERVE_RET("8192 of 16384 bytes are there", syscall(SYS_getrandom, large, 16384, 0));
}

CASE(huge_sizes) {
	char *end = guard_end(64);
	OBSERVE_RET("2^31", syscall(SYS_getrandom, end, 1L << 31, 0));
	OBSERVE_RET("2^63", syscall(SYS_getrandom, end, 1L << 63, 0));
	OBSERVE_RET("-1", syscall(SYS_getrandom, end, -1L, 0));
}

CASE(a_megabyte_in_one_call) {
	size_t n = 1 << 20;
	char *buf = calloc(1, n);
	REQUIRE(buf);
	CHECK_EQ(syscall(SYS_getrandom, buf, n, 0), n);
	CHECK(memcmp(buf + n - 8, "\0\0\0\0\0\0\0\0", 8) != 0);
}

static void *draw(void *arg) {
	CHECK_EQ(syscall(SYS_getrandom, arg, 32, 0), 32);
	return NULL;
}

CASE(threads_at_the_same_time_differ) {
	char bufs[8][32];
	pthread_t t[8];
	for (int i = 0; i < 8; i++)
		t[i] = thread_start(draw, bufs[i]);
	for (int i = 0; i < 8; i++)
		thread_join(t[i]);
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < i; j++)
			CHECK(memcmp(bufs[i], bufs[j], 32) != 0);
}
