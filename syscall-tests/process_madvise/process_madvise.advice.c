// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_madvise: which advice is for one's own memory only, and which for nobody?
#include "../harness/memory.h"

#include <sys/uio.h>

static void observe_each(int fd, char *p, const char *who) {
	struct iovec v = {p, 4 * PG};
	static const int advice[] = {MADV_REMOVE, 10, 11, 12, 13, 14, 15, 16, 17, 102, 103, 25};
	for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
		OBSERVE_RET(name("%s: advice %d", who, advice[i]), syscall(SYS_process_madvise, fd, &v, 1, advice[i], 0));
}

CASE(of_a_child, "kernel>=6.13") {
	char *p = lettered(anon(4), 4);
	struct gate g = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&g);
		_exit(0);
	}
	int fd = REQUIRE_OK(syscall(SYS_pidfd_open, pid, 0));
	observe_each(fd, p, "a child's");
	struct iovec v = {p, PG};
	OBSERVE_RET("hwpoison", syscall(SYS_process_madvise, fd, &v, 1, 100, 0));
	OBSERVE_RET("soft offline", syscall(SYS_process_madvise, fd, &v, 1, 101, 0));
	gate_signal(&g);
	CHECK_EQ(wait_for(pid), 0);
}
