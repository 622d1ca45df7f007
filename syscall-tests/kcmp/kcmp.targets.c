// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// kcmp: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(first, syscall(SYS_kcmp, pid, getpid(), 1, 0, 0) < 0 ? -1 : 0)
PIDS(second, syscall(SYS_kcmp, getpid(), pid, 1, 0, 0) < 0 ? -1 : 0)

// Whether a process may be looked at is a matter of its memory, which another may share and have made undumpable.
static int stay(void *arg) {
	(void)arg;
	for (;;)
		pause();
}

CASE(memory_of_who_changed, "root") {
	static char stacks[2][65536] __attribute__((aligned(16)));
	pid_t shares = REQUIRE_OK(clone(stay, stacks[0] + sizeof stacks[0], CLONE_VM | SIGCHLD, NULL));
	pid_t copied = REQUIRE_OK(clone(stay, stacks[1] + sizeof stacks[1], SIGCHLD, NULL));
	REQUIRE_OK(syscall(SYS_setfsgid, 65534));
	OBSERVE("dumpable", "%d", prctl(PR_GET_DUMPABLE));
	OBSERVE_OK("who shares it", syscall(SYS_kcmp, getpid(), shares, 1, 0, 0) < 0 ? -1 : 0);
	OBSERVE_OK("who copied it before", syscall(SYS_kcmp, getpid(), copied, 1, 0, 0) < 0 ? -1 : 0);
	REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
	OBSERVE_OK("who shares it, again", syscall(SYS_kcmp, getpid(), shares, 1, 0, 0) < 0 ? -1 : 0);
	kill(shares, SIGKILL);
	kill(copied, SIGKILL);
}
