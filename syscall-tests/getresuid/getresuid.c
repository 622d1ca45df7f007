// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getresuid: three user ids, written one after the other, so that a bad pointer keeps those before it.
#include "../harness/harness.h"

CASE(all_three, "root") {
	IN_CHILD(NULL) {
		unsigned r = 0, e = 0, s = 0;
		REQUIRE_OK(syscall(SYS_setresuid, 101, 102, 103));
		CHECK_OK(syscall(SYS_getresuid, &r, &e, &s));
		CHECK_EQ(r, 101);
		CHECK_EQ(e, 102);
		CHECK_EQ(s, 103);
	}
}

CASE(initial) {
	unsigned r = 77, e = 77, s = 77;
	OBSERVE_RET("call", syscall(SYS_getresuid, &r, &e, &s));
	OBSERVE("ids", "%u %u %u", r, e, s);
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		unsigned v[3] = {77, 77, 77};
		for (int i = 0; i < 3; i++) {
			void *p[3] = {&v[0], &v[1], &v[2]};
			p[i] = b->p;
			OBSERVE_RET(name("%s as argument %d", b->name, i), syscall(SYS_getresuid, p[0], p[1], p[2]));
		}
	}
	CHECK_ERR(syscall(SYS_getresuid, NULL, NULL, NULL), EFAULT);
}

CASE(writes_until_the_bad_pointer) {
	for (int i = 0; i < 3; i++) {
		unsigned v[3] = {77, 77, 77};
		void *p[3] = {&v[0], &v[1], &v[2]};
		p[i] = readonly_page();
		CHECK_ERR(syscall(SYS_getresuid, p[0], p[1], p[2]), EFAULT);
		OBSERVE(name("bad argument %d", i), "%s %s %s", v[0] == 77 ? "untouched" : "written",
			v[1] == 77 ? "untouched" : "written", v[2] == 77 ? "untouched" : "written");
	}
}

CASE(writes_four_bytes_each, "root") {
	IN_CHILD(NULL) {
		unsigned long v[3] = {-1UL, -1UL, -1UL};
		REQUIRE_OK(syscall(SYS_setresuid, 0x01020304, 0x05060708, 0x090a0b0c));
		CHECK_OK(syscall(SYS_getresuid, &v[0], &v[1], &v[2]));
		OBSERVE("words", "%lx %lx %lx", v[0], v[1], v[2]);
		CHECK_EQ(v[0], 0xffffffff01020304UL);
	}
}

CASE(one_place_for_all, "root") {
	IN_CHILD(NULL) {
		unsigned v = 0;
		REQUIRE_OK(syscall(SYS_setresuid, 1, 2, 3));
		CHECK_OK(syscall(SYS_getresuid, &v, &v, &v));
		CHECK_EQ(v, 3);
	}
}

CASE(at_the_end_of_memory_and_unaligned) {
	char *p = guard_end(4);
	unsigned v[2];
	CHECK_OK(syscall(SYS_getresuid, p, &v[0], &v[1]));
	CHECK_OK(syscall(SYS_getresuid, (char *)v + 1, &v[1], (char *)v + 3));
	for (int i = 1; i < 4; i++)
		CHECK_ERR(syscall(SYS_getresuid, p + i, &v[0], &v[1]), EFAULT);
}

CASE(effective_id_changes_alone, "root") {
	IN_CHILD(NULL) {
		unsigned r, e, s;
		REQUIRE_OK(syscall(SYS_setresuid, -1, 55, -1));
		CHECK_OK(syscall(SYS_getresuid, &r, &e, &s));
		OBSERVE("ids", "%u %u %u", r, e, s);
	}
}
