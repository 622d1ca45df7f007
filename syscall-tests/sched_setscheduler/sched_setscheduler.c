// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setscheduler: which policies with which priorities, by whom, for whom?
#include "../harness/sched.h"

// Every policy with every priority at the edges; an accepted one is undone by the end of its child.
CASE(policies_and_priorities, "root") {
	static const int prios[] = {-1, 0, 1, 50, 99, 100};
	for (int p = 0; p < POLICIES; p++)
		for (int i = 0; i < 6; i++)
			IN_CHILD(NULL) {
				OBSERVE_RET(name("%s %d", policies[p].name, prios[i]), syscall(SYS_sched_setscheduler, 0, policies[p].policy, &prios[i]));
				OBSERVE(name("after %s %d", policies[p].name, prios[i]), "%s", sched_text());
			}
}

CASE(arguments) {
	int zero = 0;
	OBSERVE_RET("pid -1", syscall(SYS_sched_setscheduler, -1, SCHED_OTHER, &zero));
	OBSERVE_RET("dead", syscall(SYS_sched_setscheduler, dead_pid(), SCHED_OTHER, &zero));
	OBSERVE_RET("NULL", syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL));
	OBSERVE_RET("NULL to nobody", syscall(SYS_sched_setscheduler, INT32_MAX, SCHED_OTHER, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, b->p));
	OBSERVE_RET("bad pointer and negative policy", syscall(SYS_sched_setscheduler, 0, -1, bad_ptr()));
	OBSERVE_RET("at the end", syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, guard_copy(&zero, 4)));
	CHECK_ERR(syscall(SYS_sched_setscheduler, 0, -1, &zero), EINVAL);
	CHECK_ERR(syscall(SYS_sched_setscheduler, INT32_MAX, SCHED_OTHER, &zero), ESRCH);
}

CASE(without_privilege, "root") {
	pid_t other = sleeper();
	for (int p = 0; p < POLICIES; p++)
		IN_CHILD(NULL) {
			int prio = policies[p].policy == SCHED_FIFO || policies[p].policy == SCHED_RR;
			REQUIRE_OK(setrlimit(RLIMIT_RTPRIO, &(struct rlimit){0, 0}));
			REQUIRE_OK(setrlimit(RLIMIT_NICE, &(struct rlimit){0, 0}));
			become_nobody();
			OBSERVE_RET(policies[p].name, syscall(SYS_sched_setscheduler, 0, policies[p].policy, &prio));
			OBSERVE(name("after %s", policies[p].name), "%s", sched_text());
			OBSERVE_RET(name("from %s back", policies[p].name), syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &(int){0}));
			OBSERVE_RET(name("other's %s", policies[p].name), syscall(SYS_sched_setscheduler, other, policies[p].policy, &prio));
		}
	end_child(other);
}

CASE(limit_allows_real_time, "root cap:24") {
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_RTPRIO, &(struct rlimit){10, 10}));
		become_nobody();
		OBSERVE_RET("10", syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(int){10}));
		OBSERVE_RET("11", syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(int){11}));
		OBSERVE_RET("lower", syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(int){5}));
		OBSERVE_RET("other policy", syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(int){5}));
		OBSERVE_RET("set reset on fork", syscall(SYS_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &(int){5}));
		OBSERVE_RET("clear reset on fork", syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(int){5}));
		IN_CHILD(NULL) OBSERVE("child", "%s", sched_text());
	}
}

CASE(inherited_and_kept_over_exec, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(int){7}));
		IN_CHILD(NULL) OBSERVE("child", "%s", sched_text());
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &(int){0}));
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, 5));
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER | SCHED_RESET_ON_FORK, &(int){0}));
		IN_CHILD(NULL) OBSERVE("child with reset", "%s", sched_text());
		OBSERVE("itself", "%s", sched_text());
	}
}
