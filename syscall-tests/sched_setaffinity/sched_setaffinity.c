// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setaffinity: which masks are taken, who inherits them, and who may set them for whom?
#include "../harness/sched.h"

static long set_mask(pid_t pid, unsigned len, const void *mask) { return syscall(SYS_sched_setaffinity, pid, len, mask); }

static uint64_t mask_now(void) {
	uint64_t m[128] = {0};
	REQUIRE_OK(syscall(SYS_sched_getaffinity, 0, sizeof m, m));
	return m[0];
}

static uint64_t lowest(uint64_t m) { return m & -m; }

CASE(arguments) {
	uint64_t all = mask_now(), none = 0, far[16] = {[15] = 1};
	OBSERVE_RET("all", set_mask(0, 8, &all));
	OBSERVE_RET("none", set_mask(0, 8, &none));
	OBSERVE_RET("length 0", set_mask(0, 0, &all));
	OBSERVE_RET("length 1", set_mask(0, 1, &all));
	OBSERVE_RET("processors that are not there", set_mask(0, sizeof far, far));
	OBSERVE_RET("all ones", set_mask(0, 8, &(uint64_t){~0ULL}));
	CHECK_EQ(mask_now(), all);
	OBSERVE_RET("pid -1", set_mask(-1, 8, &all));
	OBSERVE_RET("dead", set_mask(dead_pid(), 8, &all));
	OBSERVE_RET("NULL", set_mask(0, 8, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, set_mask(0, 8, b->p));
	OBSERVE_RET("bad pointer of nobody", set_mask(INT32_MAX, 8, bad_ptr()));
	CHECK_ERR(set_mask(0, 8, &none), EINVAL);
	CHECK_ERR(set_mask(INT32_MAX, 8, &all), ESRCH);
}

static void *thread_mask(void *arg) {
	*(uint64_t *)arg = mask_now();
	return NULL;
}

CASE(inherited) {
	uint64_t all = mask_now(), one = lowest(all), seen = 0;
	CHECK_OK(set_mask(0, 8, &one));
	CHECK_EQ(mask_now(), one);
	IN_CHILD(NULL) CHECK_EQ(mask_now(), one);
	thread_join(thread_start(thread_mask, &seen));
	CHECK_EQ(seen, one);
	CHECK_OK(set_mask(0, 8, &all));
	OBSERVE("widened again", "%d", mask_now() == all);
}

CASE(runs_where_it_may, "cores>=2") {
	uint64_t all = mask_now();
	for (uint64_t left = all; left; left &= left - 1) {
		uint64_t one = lowest(left);
		unsigned cpu;
		REQUIRE_OK(set_mask(0, 8, &one));
		REQUIRE_OK(syscall(SYS_getcpu, &cpu, NULL, NULL));
		CHECK_EQ(1ULL << cpu, one);
	}
}

CASE(permission, "root") {
	uint64_t all = mask_now();
	pid_t child = sleeper();
	CHECK_OK(set_mask(child, 8, &all));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(set_mask(child, 8, &all), EPERM);
		OBSERVE_RET("no processor", set_mask(child, 8, &(uint64_t){0}));
		OBSERVE_RET("own", set_mask(0, 8, &all));
	}
	end_child(child);
}
