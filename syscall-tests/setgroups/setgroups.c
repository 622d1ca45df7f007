// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setgroups: the whole list at once, sorted by the kernel, for the privileged only.
#include "../harness/creds.h"

static const char *groups(void) {
	static char text[1024];
	unsigned g[128];
	int len = 0, n = (int)REQUIRE_OK(syscall(SYS_getgroups, 128, g));
	text[0] = 0;
	for (int i = 0; i < n; i++)
		len += sprintf(text + len, "%s%u", i ? " " : "", g[i]);
	return text;
}

CASE(lists, "root") {
	static const struct {
		const char *what;
		int n;
		unsigned g[6];
	} lists[] = {
		{"none", 0, {}},
		{"one", 1, {7}},
		{"unsorted", 4, {4, 1, 3, 2}},
		{"twice the same", 5, {2, 1, 2, 1, 2}},
		{"with root's", 2, {0, 5}},
		{"large", 4, {65535, 65536, 0x7fffffff, 0xfffffffe}},
	};
	for (int i = 0; i < COUNT(lists); i++)
		IN_CHILD(NULL) {
			OBSERVE_RET(lists[i].what, syscall(SYS_setgroups, lists[i].n, lists[i].g));
			OBSERVE(name("%s, read back", lists[i].what), "%s", groups());
		}
}

CASE(minus_one_is_no_group, "root") {
	IN_CHILD(NULL) {
		CHECK_OK(syscall(SYS_setgroups, 1, (unsigned[]){5}));
		OBSERVE_RET("call", syscall(SYS_setgroups, 2, (unsigned[]){6, -1}));
		OBSERVE("groups", "%s", groups());
	}
}

CASE(sizes, "root") {
	unsigned *many = calloc(65537, 4);
	IN_CHILD(NULL) {
		CHECK_ERR(syscall(SYS_setgroups, -1, many), EINVAL);
		CHECK_ERR(syscall(SYS_setgroups, 65537, many), EINVAL);
		CHECK_ERR(syscall(SYS_setgroups, 0x80000000L, many), EINVAL);
		CHECK_OK(syscall(SYS_setgroups, 65536, many));
		CHECK_EQ(syscall(SYS_getgroups, 0, NULL), 65536);
		OBSERVE_RET("2^32 and none", syscall(SYS_setgroups, 0x100000000L, many));
		CHECK_EQ(syscall(SYS_getgroups, 0, NULL), 0);
	}
}

CASE(bad_pointers, "root") {
	IN_CHILD(NULL) {
		CHECK_OK(syscall(SYS_setgroups, 1, (unsigned[]){5}));
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			OBSERVE_RET(b->name, syscall(SYS_setgroups, 1, b->p));
		CHECK_ERR(syscall(SYS_setgroups, 1, NULL), EFAULT);
		unsigned *last = guard_end(4);
		CHECK_ERR(syscall(SYS_setgroups, 2, last), EFAULT);
		OBSERVE("groups after all that", "%s", groups());
		CHECK_OK(syscall(SYS_setgroups, 1, last));
		OBSERVE_RET("none from a bad pointer", syscall(SYS_setgroups, 0, bad_ptr()));
	}
}

CASE(privilege, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("one", syscall(SYS_setgroups, 1, (unsigned[]){5}));
		OBSERVE_RET("none", syscall(SYS_setgroups, 0, NULL));
		// The privilege is asked for before the arguments are looked at.
		OBSERVE_RET("too many", syscall(SYS_setgroups, 65537, NULL));
		OBSERVE_RET("bad pointer", syscall(SYS_setgroups, 1, bad_ptr()));
	}
	IN_CHILD(NULL) {
		set_caps(false);
		OBSERVE_RET("root without capabilities", syscall(SYS_setgroups, 0, NULL));
	}
	IN_CHILD(NULL) {
		become(USER, (int[]){5, 5, 5}, true);
		OBSERVE_RET("a user with capabilities", syscall(SYS_setgroups, 0, NULL));
	}
}

static void *change(void *arg) {
	(void)arg;
	CHECK_OK(syscall(SYS_setgroups, 2, (unsigned[]){8, 9}));
	OBSERVE("thread", "%s", groups());
	return NULL;
}

CASE(belongs_to_the_thread, "root") {
	CHECK_OK(syscall(SYS_setgroups, 1, (unsigned[]){5}));
	thread_join(thread_start(change, NULL));
	OBSERVE("first thread", "%s", groups());
	IN_CHILD(NULL) {
		OBSERVE("child", "%s", groups());
		CHECK_OK(syscall(SYS_setgroups, 0, NULL));
	}
	OBSERVE("after the child", "%s", groups());
}

CASE(gives_access, "root") {
	close(make_file("f", ""));
	REQUIRE_OK(chown("f", 0, 3000));
	REQUIRE_OK(chmod("f", 0040));
	for (unsigned g = 2999; g < 3002; g++)
		IN_CHILD(NULL) {
			REQUIRE_OK(syscall(SYS_setgroups, 3, (unsigned[]){1, g, 60000}));
			REQUIRE_OK(syscall(SYS_setresgid, 4, 4, 4));
			REQUIRE_OK(syscall(SYS_setresuid, 4, 4, 4));
			OBSERVE_OK(name("read with group %u", g), open("f", O_RDONLY));
			OBSERVE_OK(name("write with group %u", g), open("f", O_WRONLY));
		}
}
