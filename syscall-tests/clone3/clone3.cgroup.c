// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clone3: a child that starts in another control group (CLONE_INTO_CGROUP).
#include "../harness/cgroups.h"

#include <linux/sched.h>

struct into {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

// What a child sees of its group, or why there is none.
static const char *clone_into(uint64_t fd, uint64_t flags, size_t size) {
	struct into a = {.flags = CLONE_INTO_CGROUP | flags, .exit_signal = SIGCHLD, .cgroup = fd};
	struct gate g = gate_open(), end = gate_open();
	long pid = syscall(SYS_clone3, &a, size);
	if (pid < 0)
		return errno_name(errno);
	if (!pid) {
		gate_signal(&g);
		gate_wait(&end);
		_exit(0);
	}
	gate_wait(&g);
	const char *s = cg_of((pid_t)pid);
	gate_signal(&end);
	wait_for((pid_t)pid);
	return s;
}

CASE(into_a_control_group, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		REQUIRE_OK(mkdir(name("%s/a", cg), 0755));
		int d = REQUIRE_OK(open(cg, O_RDONLY | O_DIRECTORY)), path = REQUIRE_OK(open(name("%s/a", cg), O_PATH));
		int file = REQUIRE_OK(open(name("%s/cgroup.procs", cg), O_RDONLY)), other = REQUIRE_OK(open(".", O_RDONLY));
		OBSERVE("a directory", "%s", clone_into(d, 0, sizeof(struct into)));
		OBSERVE("O_PATH", "%s", clone_into(path, 0, sizeof(struct into)));
		OBSERVE("its maker", "%s", cg_of(getpid()));
		OBSERVE("a file", "%s", clone_into(file, 0, sizeof(struct into)));
		OBSERVE("another directory", "%s", clone_into(other, 0, sizeof(struct into)));
		OBSERVE("no descriptor", "%s", clone_into(777, 0, sizeof(struct into)));
		OBSERVE("-1", "%s", clone_into((uint64_t)-1, 0, sizeof(struct into)));
		OBSERVE("2^31", "%s", clone_into(1ull << 31, 0, sizeof(struct into)));
		OBSERVE("an old struct", "%s", clone_into(d, 0, 80));
		OBSERVE("a namespace besides", "%s", clone_into(d, CLONE_NEWCGROUP, sizeof(struct into)));
		REQUIRE_OK(rmdir(name("%s/a", cg)));
		OBSERVE("a group that is gone", "%s", clone_into(path, 0, sizeof(struct into)));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE("without the right to", "%s", clone_into(d, 0, sizeof(struct into)));
		}
		cg_end(NULL);
	}
}
