// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_madvise: which advice may be given about whose memory, and how is a partial answer counted?
#include "../harness/memory.h"

#include <sys/uio.h>

static long advise(int fd, const void *v, unsigned long n, int advice, unsigned flags) { return syscall(SYS_process_madvise, fd, v, n, advice, flags); }
static int pidfd(pid_t pid) { return (int)REQUIRE_OK(syscall(SYS_pidfd_open, pid, 0)); }

CASE(errors, "kernel>=6.13") {
	char *p = anon(4);
	struct iovec v = {p, 4 * PG}, crooked = {p + 1, PG}, bad = {bad_ptr(), PG};
	int self = pidfd(getpid()), file = make_file("f", "");
	CHECK_ERR(advise(self, &v, 1, MADV_COLD, 1), EINVAL);
	CHECK_ERR(advise(-1, &v, 1, MADV_COLD, 0), EBADF);
	OBSERVE_RET("no pidfd", advise(file, &v, 1, MADV_COLD, 0));
	OBSERVE_RET("too many", advise(self, &v, 1025, MADV_COLD, 0));
	OBSERVE_RET("bad vector", advise(self, bad_ptr(), 1, MADV_COLD, 0));
	OBSERVE_RET("crooked", advise(self, &crooked, 1, MADV_COLD, 0));
	OBSERVE_RET("unmapped", advise(self, &bad, 1, MADV_COLD, 0));
	OBSERVE_RET("unknown advice", advise(self, &v, 1, 12345, 0));
	OBSERVE_RET("none", advise(self, NULL, 0, MADV_COLD, 0));
	for (int a = 0; a < 26; a++)
		if (a != 9 && (a < 12 || a > 15) && a != 25)
			OBSERVE_RET(name("self, advice %d", a), advise(self, &v, 1, a, 0));
}

CASE(another_process) {
	char *p = lettered(anon(4), 4);
	struct gate g = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&g);
		OBSERVE("child", "%s", peek_pages(p, 4));
		_exit(0);
	}
	int fd = pidfd(pid);
	struct iovec v[] = {{p, PG}, {p + 2 * PG, 2 * PG}}, mixed[] = {{p, PG}, {bad_ptr(), PG}};
	OBSERVE_RET("cold", advise(fd, v, 2, MADV_COLD, 0));
	OBSERVE_RET("pageout", advise(fd, v, 2, MADV_PAGEOUT, 0));
	OBSERVE_RET("willneed", advise(fd, v, 2, MADV_WILLNEED, 0));
	OBSERVE_RET("dontneed", advise(fd, v, 2, MADV_DONTNEED, 0));
	OBSERVE_RET("free", advise(fd, v, 2, MADV_FREE, 0));
	OBSERVE_RET("second unmapped", advise(fd, mixed, 2, MADV_COLD, 0));
	OBSERVE_RET("first unmapped", advise(fd, mixed + 1, 1, MADV_COLD, 0));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody", advise(fd, v, 2, MADV_COLD, 0));
	}
	gate_signal(&g);
	CHECK_EQ(wait_for(pid), 0);
	OBSERVE_RET("gone", advise(fd, v, 2, MADV_COLD, 0));
}

// What stands for the caller in place of a descriptor.
CASE(self, "kernel>=6.16") {
	char *p = lettered(anon(2), 2);
	struct iovec v = {p, 2 * PG};
	for (int fd = -9998; fd >= -10004; fd--)
		OBSERVE_RET(name("fd %d", fd), advise(fd, &v, 1, MADV_COLD, 0));
	CHECK_EQ(advise(-10000, &v, 1, MADV_DONTNEED, 0), (long)(2 * PG));
	OBSERVE("bytes", "%s", peek_pages(p, 2));
}
