// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_rr_get_interval: is there a time slice for each policy, and which pids and pointers are refused?
#include "../harness/sched.h"

#include <time.h>

CASE(arguments) {
	struct timespec t;
	OBSERVE_RET("pid -1", syscall(SYS_sched_rr_get_interval, -1, &t));
	OBSERVE_RET("dead", syscall(SYS_sched_rr_get_interval, dead_pid(), &t));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_sched_rr_get_interval, 0, b->p));
	OBSERVE_RET("NULL", syscall(SYS_sched_rr_get_interval, 0, NULL));
	OBSERVE_RET("bad pointer of nobody", syscall(SYS_sched_rr_get_interval, INT32_MAX, bad_ptr()));
	OBSERVE_RET("straddling", syscall(SYS_sched_rr_get_interval, 0, (char *)guard_end(16) + 8));
	CHECK_ERR(syscall(SYS_sched_rr_get_interval, -1, &t), EINVAL);
	CHECK_ERR(syscall(SYS_sched_rr_get_interval, INT32_MAX, &t), ESRCH);
}

CASE(by_policy, "root") {
	static const int set[][2] = {{SCHED_FIFO, 1}, {SCHED_RR, 42}, {SCHED_BATCH, 0}, {SCHED_IDLE, 0}, {SCHED_OTHER, 0}};
	for (int i = 0; i < 5; i++)
		IN_CHILD(NULL) {
			struct timespec t = {-1, -1};
			REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, set[i][0], &set[i][1]));
			OBSERVE_RET(name("policy %d", set[i][0]), syscall(SYS_sched_rr_get_interval, 0, &t));
			CHECK(t.tv_sec == 0 && t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
			// The slice of the ordinary policies depends on the machine.
			OBSERVE(name("slice of %d", set[i][0]), "%s", t.tv_nsec == 0 ? "none" : set[i][0] == SCHED_RR ? name("%ld", t.tv_nsec) : "some");
		}
}
