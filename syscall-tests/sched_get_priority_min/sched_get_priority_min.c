// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_get_priority_min: the value for each policy number, and EINVAL for what is none.
#include "../harness/harness.h"

CASE(by_policy) {
	for (int p = -2; p < 12; p++)
		OBSERVE_RET(name("policy %d", p), syscall(SYS_sched_get_priority_min, p));
	OBSERVE_RET("with the reset-on-fork bit", syscall(SYS_sched_get_priority_min, 0x40000001));
	OBSERVE_RET("upper half ignored", syscall(SYS_sched_get_priority_min, (1L << 32) + 1));
}

CASE(errors) {
	CHECK_EQ(syscall(SYS_sched_get_priority_min, 1), 1);
	CHECK_ERR(syscall(SYS_sched_get_priority_min, -1), EINVAL);
	CHECK_ERR(syscall(SYS_sched_get_priority_min, 100), EINVAL);
}
