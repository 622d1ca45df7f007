// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getgroups: the supplementary groups, as many as fit or none.
#include "../harness/creds.h"

static void set_groups(int n, const unsigned *g) { REQUIRE_OK(syscall(SYS_setgroups, n, g)); }

CASE(size_zero_counts, "root") {
	IN_CHILD(NULL) {
		set_groups(3, (unsigned[]){5, 6, 7});
		CHECK_EQ(syscall(SYS_getgroups, 0, NULL), 3);
		CHECK_EQ(syscall(SYS_getgroups, 0, bad_ptr()), 3);
		set_groups(0, NULL);
		CHECK_EQ(syscall(SYS_getgroups, 0, NULL), 0);
	}
}

CASE(sizes, "root") {
	IN_CHILD(NULL) {
		set_groups(3, (unsigned[]){5, 6, 7});
		for (int size = -2; size <= 5; size++) {
			unsigned g[6] = {77, 77, 77, 77, 77, 77};
			OBSERVE_RET(name("size %d", size), syscall(SYS_getgroups, size, g));
			OBSERVE(name("list of size %d", size), "%u %u %u %u", g[0], g[1], g[2], g[3]);
		}
		unsigned g[3];
		CHECK_ERR(syscall(SYS_getgroups, -1, g), EINVAL);
		CHECK_ERR(syscall(SYS_getgroups, 2, g), EINVAL);
		OBSERVE_RET("size 2^31", syscall(SYS_getgroups, 0x80000000L, g));
		OBSERVE_RET("size 2^32+3", syscall(SYS_getgroups, 0x100000003L, g));
		OBSERVE_RET("a large size", syscall(SYS_getgroups, 1000000, g));
	}
}

CASE(bad_pointers, "root") {
	IN_CHILD(NULL) {
		set_groups(2, (unsigned[]){1, 2});
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			OBSERVE_RET(b->name, syscall(SYS_getgroups, 2, b->p));
		CHECK_ERR(syscall(SYS_getgroups, 2, NULL), EFAULT);
		CHECK_ERR(syscall(SYS_getgroups, 2, readonly_page()), EFAULT);
		// Size is checked before the pointer.
		CHECK_ERR(syscall(SYS_getgroups, 1, bad_ptr()), EINVAL);
		set_groups(0, NULL);
		OBSERVE_RET("nothing to a bad pointer", syscall(SYS_getgroups, 2, bad_ptr()));
	}
}

CASE(at_the_end_of_memory, "root") {
	IN_CHILD(NULL) {
		set_groups(2, (unsigned[]){1, 2});
		char *p = guard_end(8);
		CHECK_EQ(syscall(SYS_getgroups, 100, p), 2);
		unsigned *half = guard_end(4);
		*half = 77;
		OBSERVE_RET("the second does not fit", syscall(SYS_getgroups, 2, half));
		OBSERVE("the first", "%u", *half);
	}
}

CASE(agrees_with_proc, "root") {
	IN_CHILD(NULL) {
		set_groups(4, (unsigned[]){9, 3, 70000, 1});
		const char *status = read_file("/proc/self/status"), *line = status ? strstr(status, "\nGroups:\t") : NULL;
		REQUIRE(line);
		OBSERVE("Groups", "%.*s", (int)strcspn(line + 9, "\n"), line + 9);
	}
}
