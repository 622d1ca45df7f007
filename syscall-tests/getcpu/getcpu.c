// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getcpu: the core and node of the calling thread, now. The third argument has had no meaning since 2.6.24.
#include "../harness/harness.h"

#include <sched.h>

CASE(core_is_in_the_affinity_mask) {
	unsigned cpu = -1, node = -1;
	cpu_set_t set;
	REQUIRE_OK(sched_getaffinity(0, sizeof set, &set));
	CHECK_OK(syscall(SYS_getcpu, &cpu, &node, NULL));
	CHECK(cpu < CPU_SETSIZE && CPU_ISSET(cpu, &set));
	CHECK(node < 1024);
}

CASE(pinned_thread_stays) {
	cpu_set_t all, one;
	REQUIRE_OK(sched_getaffinity(0, sizeof all, &all));
	for (int c = 0; c < CPU_SETSIZE; c++) {
		if (!CPU_ISSET(c, &all))
			continue;
		unsigned cpu = -1;
		CPU_ZERO(&one);
		CPU_SET(c, &one);
		REQUIRE_OK(sched_setaffinity(0, sizeof one, &one));
		CHECK_OK(syscall(SYS_getcpu, &cpu, NULL, NULL));
		CHECK_EQ(cpu, c);
		CHECK_EQ(sched_getcpu(), c);
	}
}

CASE(null_is_allowed) {
	unsigned v = 77;
	CHECK_EQ(syscall(SYS_getcpu, NULL, NULL, NULL), 0);
	CHECK_EQ(syscall(SYS_getcpu, NULL, &v, NULL), 0);
	CHECK(v != 77);
}

CASE(third_argument_is_not_looked_at) {
	unsigned cpu;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_EQ(syscall(SYS_getcpu, &cpu, NULL, b->p), 0);
}

CASE(bad_pointers) {
	unsigned v;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("cpu to %s", b->name), syscall(SYS_getcpu, b->p, NULL, NULL));
		OBSERVE_RET(name("node to %s", b->name), syscall(SYS_getcpu, &v, b->p, NULL));
	}
	CHECK_ERR(syscall(SYS_getcpu, readonly_page(), NULL, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_getcpu, NULL, readonly_page(), NULL), EFAULT);
	char *p = guard_end(4);
	CHECK_OK(syscall(SYS_getcpu, p, NULL, NULL));
	CHECK_ERR(syscall(SYS_getcpu, p + 1, NULL, NULL), EFAULT);
	// Both are written, even if the first can't be.
	v = 77;
	CHECK_ERR(syscall(SYS_getcpu, bad_ptr(), &v, NULL), EFAULT);
	OBSERVE("node after a bad cpu", "%s", v == 77 ? "untouched" : "written");
	v = 77;
	CHECK_ERR(syscall(SYS_getcpu, &v, bad_ptr(), NULL), EFAULT);
	OBSERVE("cpu before a bad node", "%s", v == 77 ? "untouched" : "written");
}

CASE(writes_four_bytes) {
	unsigned long c = -1UL, n = -1UL;
	CHECK_OK(syscall(SYS_getcpu, &c, &n, NULL));
	CHECK_EQ(c >> 32, 0xffffffff);
	CHECK_EQ(n >> 32, 0xffffffff);
}
