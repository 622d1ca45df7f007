// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_vm_readv: bytes of another process over unlike vectors, what is had before a fault, and who may.
#include "../harness/memory.h"

#include <sys/uio.h>

static long get(pid_t pid, const void *l, unsigned long ln, const void *r, unsigned long rn, unsigned long flags) {
	return syscall(SYS_process_vm_readv, pid, l, ln, r, rn, flags);
}
static pid_t sleeper(void) {
	pid_t pid = harness_fork();
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}
static void end(pid_t pid) {
	kill(pid, SIGKILL);
	wait_for(pid);
}

CASE(vectors) {
	char *p = lettered(anon(4), 4), a[8] = "", b[8] = "";
	pid_t pid = sleeper();
	memset(p, 'x', 4 * PG); // the child keeps the letters
	struct iovec l[] = {{a, 3}, {NULL, 0}, {b, 4}}, r[] = {{p + PG - 2, 4}, {bad_ptr(), 0}, {p + 3 * PG, 8}};
	OBSERVE_RET("three", get(pid, l, 3, r, 3, 0));
	OBSERVE("three, bytes", "%s %s", a, b);
	OBSERVE_RET("remote shorter", get(pid, l, 3, r, 1, 0));
	OBSERVE_RET("no local", get(pid, NULL, 0, r, 1, 0));
	OBSERVE_RET("no remote", get(pid, l, 1, NULL, 0, 0));
	OBSERVE_RET("self", get(getpid(), l, 1, r, 1, 0));
	OBSERVE("self, bytes", "%s", a);
	char *big = anon(4);
	struct iovec bl = {big, 4 * PG}, br = {p, 4 * PG};
	OBSERVE_RET("four pages", get(pid, &bl, 1, &br, 1, 0));
	OBSERVE("four pages, bytes", "%s", peek_pages(big, 4));
	end(pid);
}

CASE(partial) {
	char *p = lettered(anon(4), 4), *to = anon(4);
	REQUIRE_OK(munmap(p + 2 * PG, PG));
	pid_t pid = sleeper();
	struct iovec l = {to, 4 * PG}, r = {p, 4 * PG}, two[] = {{p + 2 * PG - 5, 5}, {p + 2 * PG, 5}};
	OBSERVE_RET("hole in the remote", get(pid, &l, 1, &r, 1, 0));
	OBSERVE("bytes", "%s", peek_pages(to, 4));
	OBSERVE_RET("vector that faults", get(pid, &l, 1, two, 2, 0));
	OBSERVE_RET("fault at once", get(pid, &l, 1, two + 1, 1, 0));
	r = (struct iovec){p + 2 * PG - 10, 20};
	OBSERVE_RET("in the middle", get(pid, &l, 1, &r, 1, 0));
	r = (struct iovec){p - PG, PG};
	OBSERVE_RET("PROT_NONE", get(pid, &l, 1, &r, 1, 0));
	struct iovec bad = {bad_ptr(), 10}, ok = {p, 10};
	OBSERVE_RET("bad local", get(pid, &bad, 1, &ok, 1, 0));
	struct iovec ls[] = {{to, 5}, {bad_ptr(), 5}};
	OBSERVE_RET("second local is bad", get(pid, ls, 2, &ok, 1, 0));
	end(pid);
}

CASE(errors) {
	char a[8];
	struct iovec v = {a, 8}, neg = {a, -1};
	pid_t pid = sleeper(), gone = harness_fork();
	if (gone == 0)
		_exit(0);
	wait_for(gone);
	CHECK_ERR(get(pid, &v, 1, &v, 1, 1), EINVAL);
	CHECK_ERR(get(pid, &v, 1025, &v, 1, 0), EINVAL);
	CHECK_ERR(get(pid, &v, 1, &v, 1025, 0), EINVAL);
	CHECK_ERR(get(pid, &neg, 1, &v, 1, 0), EINVAL);
	CHECK_ERR(get(pid, &v, 1, &neg, 1, 0), EINVAL);
	CHECK_ERR(get(gone, &v, 1, &v, 1, 0), ESRCH);
	CHECK_ERR(get(pid, bad_ptr(), 1, &v, 1, 0), EFAULT);
	CHECK_ERR(get(pid, &v, 1, bad_ptr(), 1, 0), EFAULT);
	OBSERVE_RET("pid 0", get(0, &v, 1, &v, 1, 0));
	OBSERVE_RET("pid -1", get(-1, &v, 1, &v, 1, 0));
	OBSERVE_RET("nobody there, nothing asked", get(gone, NULL, 0, &v, 1, 0));
	IN_CHILD(NULL) {
		pid_t other = getppid();
		become_nobody();
		OBSERVE_RET("nobody", get(other, &v, 1, &v, 1, 0));
		OBSERVE_RET("nobody, nothing asked", get(other, &v, 1, NULL, 0, 0));
	}
	kill(pid, SIGKILL);
	siginfo_t i;
	REQUIRE_OK(waitid(P_PID, pid, &i, WEXITED | WNOWAIT));
	OBSERVE_RET("zombie", get(pid, &v, 1, &v, 1, 0));
	wait_for(pid);
}
