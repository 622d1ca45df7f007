// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_getattr: which sizes are taken, how much is written, and what stands in it?
#include "../harness/sched.h"

CASE(sizes) {
	static const unsigned sizes[] = {0, 1, 47, 48, 52, 55, 56, 57, 64, 4095, 4096, 4097, 0xffffffff};
	static unsigned char buf[8192];
	for (int i = 0; i < 13; i++) {
		memset(buf, 0xee, sizeof buf);
		OBSERVE_RET(name("size %u", sizes[i]), getattr(0, (void *)buf, sizes[i], 0));
		OBSERVE_BYTES(name("head %u", sizes[i]), buf, 4);
		unsigned touched = 0;
		for (unsigned k = 0; k < sizeof buf; k++)
			if (buf[k] != 0xee)
				touched = k + 1;
		OBSERVE(name("written %u", sizes[i]), "%u", touched);
	}
	CHECK_ERR(getattr(0, (void *)buf, 47, 0), EINVAL);
}

CASE(arguments) {
	struct kattr a;
	OBSERVE_RET("pid -1", getattr(-1, &a, sizeof a, 0));
	OBSERVE_RET("dead", getattr(dead_pid(), &a, sizeof a, 0));
	for (int bit = 0; bit < 32; bit += 5)
		OBSERVE_RET(name("flag bit %d", bit), getattr(0, &a, sizeof a, 1u << bit));
	OBSERVE_RET("NULL", getattr(0, NULL, sizeof a, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, getattr(0, b->p, sizeof a, 0));
	OBSERVE_RET("bad pointer of nobody", getattr(INT32_MAX, bad_ptr(), sizeof a, 0));
	OBSERVE_RET("straddling", getattr(0, (void *)((char *)guard_end(48) + 8), 48, 0));
	OBSERVE_RET("at the end", getattr(0, guard_end(56), 56, 0));
	CHECK_ERR(getattr(0, &a, sizeof a, 1), EINVAL);
	CHECK_ERR(getattr(INT32_MAX, &a, sizeof a, 0), ESRCH);
}

static void show(const char *what) {
	struct kattr a;
	memset(&a, 0xee, sizeof a);
	CHECK_OK(getattr(0, &a, sizeof a, 0));
	OBSERVE(what, "size %u policy %u flags %#llx nice %d priority %u deadline %llu period %llu util %u %u", a.size, a.policy,
		(unsigned long long)a.flags, a.nice, a.priority, (unsigned long long)a.deadline, (unsigned long long)a.period, a.util_min, a.util_max);
}

CASE(by_policy, "root") {
	show("at first");
	IN_CHILD(NULL) {
		REQUIRE_OK(setpriority(PRIO_PROCESS, 0, -7));
		show("nice -7");
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH | SCHED_RESET_ON_FORK, &(int){0}));
		show("batch, reset on fork");
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &(int){33}));
		show("rr 33");
		REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &(int){0}));
		show("idle");
	}
}
