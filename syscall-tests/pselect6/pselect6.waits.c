// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pselect6: what ends a wait for a byte in a pipe, with a mask and without?
#include "../harness/waits.h"

#include <sys/select.h>

static fd_set one(void) {
	fd_set s;
	FD_ZERO(&s);
	FD_SET(wait_on[0], &s);
	return s;
}

static long with_mask(void) {
	fd_set s = one();
	uint64_t none = 0;
	struct {
		void *set;
		size_t size;
	} arg = {&none, 8};
	return syscall(SYS_pselect6, wait_on[0] + 1, &s, NULL, NULL, NULL, &arg);
}

FD_WAITS(byte, wait_on[0], empty_pipe(), ({ fd_set s = one(); syscall(SYS_pselect6, wait_on[0] + 1, &s, NULL, NULL, NULL, NULL); }), wait_byte())
WAITS(byte_for_a_minute, empty_pipe(), ({ fd_set s = one(); struct timespec t = {60, 0}; syscall(SYS_pselect6, wait_on[0] + 1, &s, NULL, NULL, &t, NULL); }), wait_byte())
WAITS(byte_with_an_empty_mask, empty_pipe(), with_mask(), wait_byte())
