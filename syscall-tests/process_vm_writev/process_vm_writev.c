// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_vm_writev: does another process see the bytes, what of a transfer that faults, and whose pages are changed?
#include "../harness/memory.h"

#include <sys/uio.h>

static long put(pid_t pid, const void *l, unsigned long ln, const void *r, unsigned long rn, unsigned long flags) {
	return syscall(SYS_process_vm_writev, pid, l, ln, r, rn, flags);
}

CASE(child_sees_it) {
	char *p = lettered(anon(3), 3), text[] = "hello, world";
	REQUIRE_OK(mprotect(p + 2 * PG, PG, PROT_READ));
	struct gate a = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&a);
		OBSERVE("child", "%.8s %.6s", p + PG - 4, p);
		_exit(0);
	}
	struct iovec l[] = {{text, 5}, {text + 5, 7}}, r[] = {{p + PG - 4, 8}, {p, 4}};
	OBSERVE_RET("two", put(pid, l, 2, r, 2, 0));
	OBSERVE("parent", "%s", peek_pages(p, 2));
	struct iovec ro = {p + 2 * PG, 4}, over = {p + 2 * PG - 3, 6};
	OBSERVE_RET("read only", put(pid, l, 1, &ro, 1, 0));
	OBSERVE_RET("over into read only", put(pid, l, 1, &over, 1, 0));
	struct iovec bad = {bad_ptr(), 4};
	OBSERVE_RET("bad remote", put(pid, l, 1, &bad, 1, 0));
	OBSERVE_RET("bad local", put(pid, &bad, 1, r, 1, 0));
	gate_signal(&a);
	CHECK_EQ(wait_for(pid), 0);
}

CASE(errors) {
	char a[8] = "";
	struct iovec v = {a, 8}, neg = {a, -1};
	pid_t me = getpid();
	CHECK_ERR(put(me, &v, 1, &v, 1, 2), EINVAL);
	CHECK_ERR(put(me, &v, 1025, &v, 1, 0), EINVAL);
	CHECK_ERR(put(me, &v, 1, &v, 1025, 0), EINVAL);
	CHECK_ERR(put(me, &v, 1, &neg, 1, 0), EINVAL);
	CHECK_ERR(put(0x3fffffff, &v, 1, &v, 1, 0), ESRCH);
	CHECK_ERR(put(me, bad_ptr(), 1, &v, 1, 0), EFAULT);
	CHECK_ERR(put(me, &v, 1, bad_ptr(), 1, 0), EFAULT);
	OBSERVE_RET("self", put(me, &v, 1, &v, 1, 0));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(put(me, &v, 1, &v, 1, 0), EPERM);
	}
}

CASE(shared_and_files) {
	int fd = letter_file("f", 1, 0);
	char *s = shared(1), *f = pages(1, RW, MAP_SHARED, fd), *ro = pages(1, PROT_READ, MAP_SHARED, fd);
	struct gate a = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_wait(&a);
		_exit(0);
	}
	struct iovec l = {"xyz", 3}, r = {s, 3}, g = {f, 3}, h = {ro, 3};
	OBSERVE_RET("shared memory", put(pid, &l, 1, &r, 1, 0));
	OBSERVE_RET("shared file", put(pid, &l, 1, &g, 1, 0));
	OBSERVE_RET("read only shared file", put(pid, &l, 1, &h, 1, 0));
	OBSERVE("parent", "%s %s", peek(s), peek(f));
	gate_signal(&a);
	CHECK_EQ(wait_for(pid), 0);
}
