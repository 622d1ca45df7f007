// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tee: what ends a wait for a byte in a pipe?
#include "../harness/waits.h"

static int other[2];

static void two_pipes(void) {
	empty_pipe();
	REQUIRE_OK(pipe(other));
}

FD_WAITS(byte, wait_on[0], two_pipes(), syscall(SYS_tee, wait_on[0], other[1], 8, 0), wait_byte())
