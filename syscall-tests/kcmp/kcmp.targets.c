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

// Of a process that has ended it counts how its memory was when it left it.
static int change_itself(void *arg) {
	if (arg)
		syscall(SYS_setfsgid, 65534);
	return 0;
}

CASE(memory_of_the_dead, "root") {
	static char stack[65536] __attribute__((aligned(16)));
	for (int itself = 0; itself < 2; itself++) {
		IN_CHILD(NULL) {
			siginfo_t info;
			pid_t pid = REQUIRE_OK(clone(change_itself, stack + sizeof stack, CLONE_VM | SIGCHLD, itself ? stack : NULL));
			REQUIRE_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
			OBSERVE_OK(name("changed %d", itself), syscall(SYS_kcmp, getpid(), pid, 1, 0, 0) < 0 ? -1 : 0);
			syscall(SYS_setfsgid, 65533);
			OBSERVE_OK(name("changed %d, and then the memory", itself), syscall(SYS_kcmp, getpid(), pid, 1, 0, 0) < 0 ? -1 : 0);
		}
	}
}
