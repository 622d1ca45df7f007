// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_get_priority_max: the value for each policy number, and EINVAL for what is none.
#include "../harness/harness.h"

CASE(by_policy) {
	for (int p = -2; p < 12; p++)
		OBSERVE_RET(name("policy %d", p), syscall(SYS_sched_get_priority_max, p));
	OBSERVE_RET("with the reset-on-fork bit", syscall(SYS_sched_get_priority_max, 0x40000001));
	OBSERVE_RET("upper half ignored", syscall(SYS_sched_get_priority_max, (1L << 32) + 1));
}

CASE(errors) {
	CHECK_EQ(syscall(SYS_sched_get_priority_max, 1), 99);
	CHECK_ERR(syscall(SYS_sched_get_priority_max, -1), EINVAL);
	CHECK_ERR(syscall(SYS_sched_get_priority_max, 100), EINVAL);
}
