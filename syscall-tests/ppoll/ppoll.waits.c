// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ppoll: what ends a wait for a byte in a pipe, with a mask and without?
#include "../harness/waits.h"

static struct pollfd waited(void) { return (struct pollfd){wait_on[0], POLLIN, 0}; }

static long with_mask(void) {
	struct pollfd p = waited();
	uint64_t none = 0;
	return syscall(SYS_ppoll, &p, 1, NULL, &none, 8);
}

FD_WAITS(byte, wait_on[0], empty_pipe(), ({ struct pollfd p = waited(); syscall(SYS_ppoll, &p, 1, NULL, NULL, 8); }), wait_byte())
WAITS(byte_for_a_minute, empty_pipe(), ({ struct pollfd p = waited(); struct timespec t = {60, 0}; syscall(SYS_ppoll, &p, 1, &t, NULL, 8); }), wait_byte())
WAITS(byte_with_an_empty_mask, empty_pipe(), with_mask(), wait_byte())
