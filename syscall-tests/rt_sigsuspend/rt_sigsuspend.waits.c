// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigsuspend: what ends a wait for a signal with a handler, with others blocked?
#include "../harness/waits.h"

static void catch_usr2(void) {
	struct sigaction sa = {.sa_handler = wait_handle};
	REQUIRE_OK(sigaction(SIGUSR2, &sa, NULL));
}
static void send_usr2(void) { syscall(SYS_tgkill, wait_pid, wait_tid, SIGUSR2); }

static uint64_t usr1 = 1 << (SIGUSR1 - 1), none;

WAITS(signal, catch_usr2(), syscall(SYS_rt_sigsuspend, &none, 8), send_usr2())
WAITS(signal_while_usr1_is_blocked, catch_usr2(), (wait_news->handled = 0, syscall(SYS_rt_sigsuspend, &usr1, 8)), send_usr2())
