// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigtimedwait: what ends a wait for a signal that is blocked?
#include "../harness/waits.h"

static void catch_usr2(void) {
	struct sigaction sa = {.sa_handler = wait_handle};
	REQUIRE_OK(sigaction(SIGUSR2, &sa, NULL));
}
static void send_usr2(void) { syscall(SYS_tgkill, wait_pid, wait_tid, SIGUSR2); }

static uint64_t usr2 = 1 << (SIGUSR2 - 1);
static struct timespec minute = {60, 0};

WAITS(signal, sig_block(SIGUSR2), syscall(SYS_rt_sigtimedwait, &usr2, NULL, NULL, 8), send_usr2())
WAITS(signal_for_a_minute, sig_block(SIGUSR2), syscall(SYS_rt_sigtimedwait, &usr2, NULL, &minute, 8), send_usr2())
