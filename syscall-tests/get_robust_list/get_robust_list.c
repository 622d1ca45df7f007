// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// get_robust_list: of oneself, of others, of nobody; and which pointers are refused?
#include "../harness/signals.h"

CASE(own) {
	void *head = NULL;
	size_t len = 0;
	static long mine[3];
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_set_robust_list, mine, 24));
		CHECK_OK(syscall(SYS_get_robust_list, 0, &head, &len));
		CHECK(head == (void *)mine && len == 24);
		CHECK_OK(syscall(SYS_get_robust_list, getpid(), &head, &len));
		CHECK(head == (void *)mine);
		pid_t child = (pid_t)syscall(SYS_fork); // not libc's, which sets a list
		if (child == 0) {
			REQUIRE_OK(syscall(SYS_get_robust_list, 0, &head, &len));
			OBSERVE("child of the call itself", "%s %zu", head ? "set" : "none", len);
			_exit(0);
		}
		wait_for(child);
	}
}

CASE(arguments) {
	void *head;
	size_t len;
	OBSERVE_RET("dead", syscall(SYS_get_robust_list, dead_pid(), &head, &len));
	OBSERVE_RET("-1", syscall(SYS_get_robust_list, -1, &head, &len));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("head %s", b->name), syscall(SYS_get_robust_list, 0, b->p, &len));
		len = 7;
		OBSERVE_RET(name("length %s", b->name), syscall(SYS_get_robust_list, 0, &head, b->p));
		OBSERVE_RET(name("both %s of nobody", b->name), syscall(SYS_get_robust_list, INT32_MAX, b->p, b->p));
	}
	len = 7;
	syscall(SYS_get_robust_list, 0, bad_ptr(), &len);
	OBSERVE("length written before the head", "%zu", len);
	CHECK_ERR(syscall(SYS_get_robust_list, INT32_MAX, &head, &len), ESRCH);
}

CASE(of_another, "root") {
	void *head;
	size_t len;
	pid_t child = sleeper();
	OBSERVE_RET("as root", syscall(SYS_get_robust_list, child, &head, &len));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_get_robust_list, child, &head, &len), EPERM);
		OBSERVE_RET("own", syscall(SYS_get_robust_list, 0, &head, &len));
	}
	end_child(child);
}
