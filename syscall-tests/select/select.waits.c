// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// select: what ends a wait for a byte in a pipe?
#include "../harness/waits.h"

#include <sys/select.h>

static fd_set one(void) {
	fd_set s;
	FD_ZERO(&s);
	FD_SET(wait_on[0], &s);
	return s;
}

FD_WAITS(byte, wait_on[0], empty_pipe(), ({ fd_set s = one(); syscall(SYS_select, wait_on[0] + 1, &s, NULL, NULL, NULL); }), wait_byte())
WAITS(byte_for_a_minute, empty_pipe(), ({ fd_set s = one(); struct timeval t = {60, 0}; syscall(SYS_select, wait_on[0] + 1, &s, NULL, NULL, &t); }), wait_byte())
