// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setpriority: clamping, who may lower and raise whose, threads, groups and users.
#include "../harness/memory.h"
#include "../harness/sched.h"
#include <limits.h>
#include <sys/resource.h>

static long set(int which, int who, int n) { return syscall(SYS_setpriority, which, who, n); }
static long get(int who) { return 20 - syscall(SYS_getpriority, PRIO_PROCESS, who); }

CASE(arguments) {
	for (int which = -1; which < 5; which++)
		OBSERVE_RET(name("which %d", which), set(which, INT32_MAX, 0));
	OBSERVE_RET("dead", set(PRIO_PROCESS, dead_pid(), 0));
	OBSERVE_RET("dead group", set(PRIO_PGRP, dead_pid(), 0));
	OBSERVE_RET("-1", set(PRIO_PROCESS, -1, 0));
	CHECK_ERR(set(3, 0, 0), EINVAL);
	CHECK_ERR(set(PRIO_PROCESS, INT32_MAX, 0), ESRCH);
}

CASE(clamped, "root") {
	static const int values[] = {INT32_MIN, -21, -20, -1, 0, 19, 20, INT32_MAX};
	for (int i = 0; i < 8; i++) {
		OBSERVE_RET(name("set %d", values[i]), set(PRIO_PROCESS, 0, values[i]));
		OBSERVE(name("got %d", values[i]), "%ld", get(0));
	}
}

CASE(without_privilege, "root cap:24") {
	pid_t other = sleeper();
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_NICE, &(struct rlimit){15, 15})); // down to nice 5
		become_nobody();
		OBSERVE_RET("10", set(PRIO_PROCESS, 0, 10));
		OBSERVE_RET("7, the limit allows it", set(PRIO_PROCESS, 0, 7));
		OBSERVE_RET("5, just so", set(PRIO_PROCESS, 0, 5));
		CHECK_ERR(set(PRIO_PROCESS, 0, 4), EACCES);
		OBSERVE("stays", "%ld", get(0));
		CHECK_ERR(set(PRIO_PROCESS, other, 10), EPERM);
		OBSERVE_RET("other's, lower", set(PRIO_PROCESS, other, -5));
		OBSERVE_RET("group with others in it", set(PRIO_PGRP, 0, 6));
		OBSERVE("self all the same", "%ld", get(0));
	}
	end_child(other);
}

CASE(group_and_inheritance) {
	pid_t a = sleeper(), b = sleeper();
	REQUIRE_OK(setpgid(a, a));
	REQUIRE_OK(setpgid(b, a));
	OBSERVE_RET("group", set(PRIO_PGRP, a, 4));
	OBSERVE("members", "%ld %ld self %ld", get(a), get(b), get(0));
	end_child(a);
	end_child(b);
	REQUIRE_OK(set(PRIO_PROCESS, 0, 3));
	IN_CHILD(NULL) OBSERVE("child", "%ld", get(0));
}

static void *in_thread(void *arg) {
	(void)arg;
	OBSERVE("thread starts with", "%ld", get(0));
	REQUIRE_OK(set(PRIO_PROCESS, 0, 8));
	OBSERVE("thread", "%ld", get(0));
	OBSERVE("main by its pid", "%ld", get(getpid()));
	return NULL;
}

CASE(each_thread_has_its_own) {
	REQUIRE_OK(set(PRIO_PROCESS, 0, 2));
	thread_join(thread_start(in_thread, NULL));
	OBSERVE("main", "%ld", get(0));
}

// Of a group's processes it is the first one whose error counts, for it is looked at last.
CASE(error_of_the_first_in_a_group, "root") {
	IN_CHILD(NULL) {
		int gate[2];
		REQUIRE_OK(setpgid(0, 0));
		REQUIRE_OK(pipe(gate));
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, 19));
		pid_t other = fork();
		if (other == 0) {
			char c;
			close(gate[1]);
			read(gate[0], &c, 1);
			_exit(0);
		}
		REQUIRE_OK(setresuid(2000, 2000, 2000));
		OBSERVE_RET("better", setpriority(PRIO_PGRP, 0, 2));
		close(gate[1]);
		waitpid(other, NULL, 0);
	}
}

static char noise[1 << 16];

// busy_in_calls counts its calls in *calls, up to a limit.
static pid_t busy_in_calls(volatile long *calls, long limit, int nice) {
	pid_t pid = harness_fork();
	if (pid)
		return pid;
	REQUIRE_OK(set(PRIO_PROCESS, 0, nice));
	while (*calls < limit) {
		syscall(SYS_getrandom, noise, sizeof noise, 0);
		++*calls;
	}
	_exit(0);
}

// What is done for a process in its system calls is put back behind the work of others as well.
CASE(work_in_system_calls) {
	volatile long *low_calls = (volatile long *)shared(2), *calls = low_calls + 512;
	int cpu = sched_getcpu();
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	REQUIRE_OK(sched_setaffinity(0, sizeof one, &one));
	pid_t low = busy_in_calls(low_calls, LONG_MAX, 19);
	while (*low_calls < 5)
		sched_yield();
	long before = *low_calls;
	OBSERVE("ended", "%d", wait_for(busy_in_calls(calls, 1000, 0)));
	OBSERVE("the lower one had less than half", "%d", *low_calls - before < 500);
	end_child(low);
}
