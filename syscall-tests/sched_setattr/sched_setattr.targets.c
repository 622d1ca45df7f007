// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setattr: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"
#include "../harness/sched.h"

static long set_batch(pid_t pid) {
	struct kattr a = {.size = sizeof a, .policy = SCHED_BATCH, .nice = 5};
	return setattr(pid, &a, 0);
}

PIDS(target, set_batch(pid))
