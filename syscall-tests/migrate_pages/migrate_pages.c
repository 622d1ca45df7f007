// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// migrate_pages: whose pages may be moved, from and to which nodes.
#include "../harness/numa.h"

static long migrate(pid_t pid, unsigned long max, const mask_t *from, const mask_t *to) { return syscall(SYS_migrate_pages, pid, max, from, to); }

CASE(arguments) {
	one_node();
	static const mask_t sets[] = {0, 1, 2, 3};
	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++)
			OBSERVE_RET(name("from %#lx to %#lx", sets[i], sets[j]), migrate(0, 64, &sets[i], &sets[j]));
	const mask_t *one = &sets[1];
	OBSERVE_RET("bad from", migrate(0, 64, bad_ptr(), one));
	OBSERVE_RET("bad to", migrate(0, 64, one, bad_ptr()));
	OBSERVE_RET("no from", migrate(0, 64, NULL, one));
	OBSERVE_RET("no to", migrate(0, 64, one, NULL));
	OBSERVE_RET("no nodes", migrate(0, 0, one, one));
	OBSERVE_RET("too many nodes", migrate(0, 8 * PG + 2, one, one));
	OBSERVE_RET("negative pid", migrate(-1, 64, one, one));
	OBSERVE_RET("no such pid", migrate(0x7fffffff, 64, one, one));
	OBSERVE_RET("itself by pid", migrate(getpid(), 64, one, one));
	OBSERVE_RET("itself by tid", migrate(tid_self(), 64, one, one));
	OBSERVE_RET("no such pid and bad set", migrate(0x7fffffff, 64, bad_ptr(), one));
}

CASE(other_processes) {
	one_node();
	mask_t one = 1, two = 2;
	struct gate g = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&g);
		_exit(0);
	}
	OBSERVE_RET("a child", migrate(pid, 64, &one, &one));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody of another", migrate(pid, 64, &one, &one));
		OBSERVE_RET("nobody of another to no node", migrate(pid, 64, &one, &two));
	}
	IN_CHILD(NULL) {
		become_nobody();
		static const mask_t sets[] = {0, 1, 2, 3};
		for (unsigned i = 0; i < 4; i++)
			OBSERVE_RET(name("nobody's own, to %#lx", sets[i]), migrate(0, 64, &one, &sets[i]));
	}
	gate_signal(&g);
	siginfo_t info;
	REQUIRE_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	OBSERVE_RET("a dead one", migrate(pid, 64, &one, &one));
	CHECK_EQ(wait_for(pid), 0);
	CHECK_ERR(migrate(pid, 64, &one, &one), ESRCH);
}
