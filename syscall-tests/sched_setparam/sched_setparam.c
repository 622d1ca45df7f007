// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setparam: the priority must fit the policy that is in force, which stays.
#include "../harness/sched.h"

CASE(arguments) {
	int zero = 0;
	OBSERVE_RET("self", syscall(SYS_sched_setparam, 0, &zero));
	OBSERVE_RET("1 under OTHER", syscall(SYS_sched_setparam, 0, &(int){1}));
	OBSERVE_RET("-1 under OTHER", syscall(SYS_sched_setparam, 0, &(int){-1}));
	OBSERVE_RET("pid -1", syscall(SYS_sched_setparam, -1, &zero));
	OBSERVE_RET("dead", syscall(SYS_sched_setparam, dead_pid(), &zero));
	OBSERVE_RET("NULL", syscall(SYS_sched_setparam, 0, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_sched_setparam, 0, b->p));
	CHECK_ERR(syscall(SYS_sched_setparam, 0, &(int){1}), EINVAL);
	CHECK_ERR(syscall(SYS_sched_setparam, INT32_MAX, &zero), ESRCH);
}

CASE(under_each_policy, "root") {
	static const int prios[] = {-1, 0, 1, 99, 100};
	static const int from[][2] = {{SCHED_FIFO, 10}, {SCHED_RR, 10}, {SCHED_RR | SCHED_RESET_ON_FORK, 10}, {SCHED_BATCH, 0}, {SCHED_IDLE, 0}};
	for (int f = 0; f < 5; f++)
		for (int i = 0; i < 5; i++)
			IN_CHILD(NULL) {
				REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, from[f][0], &from[f][1]));
				OBSERVE_RET(name("%#x to %d", from[f][0], prios[i]), syscall(SYS_sched_setparam, 0, &prios[i]));
				OBSERVE(name("%#x after %d", from[f][0], prios[i]), "%s", sched_text());
			}
}

CASE(without_privilege, "root") {
	pid_t other = sleeper();
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(int){10}));
		REQUIRE_OK(setrlimit(RLIMIT_RTPRIO, &(struct rlimit){0, 0}));
		become_nobody();
		OBSERVE_RET("raise", syscall(SYS_sched_setparam, 0, &(int){11}));
		OBSERVE_RET("same", syscall(SYS_sched_setparam, 0, &(int){10}));
		OBSERVE_RET("lower", syscall(SYS_sched_setparam, 0, &(int){9}));
		OBSERVE_RET("other's", syscall(SYS_sched_setparam, other, &(int){0}));
	}
	end_child(other);
}
