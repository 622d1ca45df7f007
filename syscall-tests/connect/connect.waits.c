// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// connect: what ends a wait for room in the queue of a listener?
#include "../harness/waitsocks.h"

static long to_it(void) {
	struct un u = un_of("listener");
	return syscall(SYS_connect, wait_on[0], &u.a, u.len);
}

FD_WAITS(full_queue, wait_on[0], full_listener(), to_it(), accept(wait_on[1], NULL, NULL))
