// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pause: what ends a wait for a signal with a handler?
#include "../harness/waits.h"

static void catch_usr2(void) {
	struct sigaction sa = {.sa_handler = wait_handle};
	REQUIRE_OK(sigaction(SIGUSR2, &sa, NULL));
}
static void send_usr2(void) { syscall(SYS_tgkill, wait_pid, wait_tid, SIGUSR2); }

WAITS(signal, catch_usr2(), syscall(SYS_pause), send_usr2())
