// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fadvise64: which advice, ranges and descriptors does it take?
#include "../harness/syncs.h"

static long call(int fd) { return syscall(SYS_fadvise64, fd, 0l, 0l, 0); }

CASE(descriptors) { observe_sync_descriptors(call); }
CASE(sockets) { observe_sync_socket(call); }
CASE(keeps_everything) { check_sync_keeps(call); }

CASE(advice) {
	static const int advice[] = {0, 1, 2, 3, 4, 5, 6, 7, -1, 100, INT_MAX};
	int fd = make_file("f", "content"), p[2];
	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < ARRAY_SIZE(advice); i++) {
		OBSERVE_RET(name("advice %d", advice[i]), syscall(SYS_fadvise64, fd, 0l, 0l, advice[i]));
		OBSERVE_RET(name("advice %d, pipe", advice[i]), syscall(SYS_fadvise64, p[0], 0l, 0l, advice[i]));
		OBSERVE_RET(name("advice %d, bad fd", advice[i]), syscall(SYS_fadvise64, -1, 0l, 0l, advice[i]));
	}
}

CASE(ranges) {
	static const long ranges[][2] = {{0, 7}, {-1, 1}, {0, -1}, {LONG_MAX, LONG_MAX}, {100, 1}, {LONG_MIN, 0}};
	int fd = make_file("f", "content");
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		for (int advice = 0; advice < 6; advice++)
			OBSERVE_RET(name("%ld+%ld, %d", ranges[i][0], ranges[i][1], advice), syscall(SYS_fadvise64, fd, ranges[i][0], ranges[i][1], advice));
}
