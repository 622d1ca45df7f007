// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// exit: it ends one thread; the last one gives the status, and the leader may go first.
#include "../harness/signals.h"

CASE(status_of_the_only_thread) {
	static const long codes[] = {0, 1, 255, 256, 0x1234, -1, 1L << 32 | 5};
	for (int i = 0; i < 7; i++) {
		int st;
		IN_CHILD(&st) syscall(SYS_exit, codes[i]);
		OBSERVE_STATUS(name("exit(%ld)", codes[i]), st);
	}
}

static pid_t leader;

static char state(void) {
	const char *s = read_file(name("/proc/self/task/%d/stat", leader));
	const char *p = s ? strrchr(s, ')') : NULL;
	return p ? p[2] : '?';
}

static void *outlives(void *arg) {
	(void)arg;
	while (state() != 'Z')
		sched_yield();
	OBSERVE("leader", "%c", state());
	OBSERVE("pid is still the leader's", "%d", (pid_t)syscall(SYS_getpid) == leader);
	OBSERVE_RET("signal to the process", kill(leader, 0));
	syscall(SYS_exit, 33);
	return NULL;
}

// The process lives on; its status is the leader's, as it called exit with it.
CASE(leader_ends_first) {
	int st;
	IN_CHILD(&st) {
		leader = getpid();
		thread_start(outlives, NULL);
		syscall(SYS_exit, 44);
	}
	OBSERVE_STATUS("process", st);
}

static void *waits_for_leader_then_group(void *arg) {
	(void)arg;
	while (state() != 'Z')
		sched_yield();
	syscall(SYS_exit_group, 55);
	return NULL;
}

CASE(leader_ends_first_then_group_exit) {
	int st;
	IN_CHILD(&st) {
		leader = getpid();
		thread_start(waits_for_leader_then_group, NULL);
		syscall(SYS_exit, 44);
	}
	OBSERVE_STATUS("process", st);
}

static void *ends(void *arg) {
	(void)arg;
	syscall(SYS_exit, 3);
	return NULL;
}

CASE(a_thread_ends_alone) {
	int st;
	IN_CHILD(&st) {
		thread_join(thread_start(ends, NULL));
		syscall(SYS_exit_group, 12);
	}
	OBSERVE_STATUS("process", st);
}

static void *waits_at_gate(void *arg) {
	gate_wait(arg);
	return NULL;
}

// A process whose leader has ended is not waitable, until the last thread ends.
CASE(not_waitable_while_threads_run) {
	struct gate go = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		thread_start(waits_at_gate, &go);
		syscall(SYS_exit, 8);
	}
	for (;;) {
		const char *s = read_file(name("/proc/%d/stat", child));
		const char *p = s ? strrchr(s, ')') : NULL;
		if (p && p[2] == 'Z')
			break;
		sched_yield();
	}
	OBSERVE_RET("wait", waitpid(child, NULL, WNOHANG));
	gate_signal(&go);
	OBSERVE_STATUS("then", wait_for(child));
}
