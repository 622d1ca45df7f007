// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// kcmp: which objects of two processes are the same, and what is refused?
#include "../harness/signals.h"

#include <sched.h>
#include <sys/epoll.h>

enum { KFILE, KVM, KFILES, KFS, KSIGHAND, KIO, KSYSVSEM, KEPOLL };
static const char *const types[] = {"FILE", "VM", "FILES", "FS", "SIGHAND", "IO", "SYSVSEM"};

static long cmp(pid_t a, pid_t b, int type, unsigned long i, unsigned long j) { return syscall(SYS_kcmp, a, b, type, i, j); }
// The order of different objects is the kernel's secret.
static const char *text(long r) { return r < 0 ? errno_name(errno) : r == 0 ? "same" : r == 3 ? "unordered" : "different"; }

CASE(files) {
	int a = make_file("f", ""), d = dup(a), o = (int)REQUIRE_OK(open("f", O_RDONLY));
	pid_t me = getpid(), child = sleeper();
	OBSERVE("itself", "%s", text(cmp(me, me, KFILE, a, a)));
	OBSERVE("dup", "%s", text(cmp(me, me, KFILE, a, d)));
	OBSERVE("opened again", "%s", text(cmp(me, me, KFILE, a, o)));
	OBSERVE("inherited", "%s", text(cmp(me, child, KFILE, a, d)));
	OBSERVE("bad first", "%s", text(cmp(me, me, KFILE, 99, a)));
	OBSERVE("bad second", "%s", text(cmp(me, me, KFILE, a, 99)));
	long one = cmp(me, me, KFILE, a, o), two = cmp(me, me, KFILE, o, a);
	CHECK((one == 1 && two == 2) || (one == 2 && two == 1));
	CHECK_ERR(cmp(me, me, KFILE, a, 99), EBADF);
	end_child(child);
}

CASE(arguments) {
	pid_t me = getpid(), dead = dead_pid();
	for (int type = -1; type < 10; type++)
		OBSERVE(name("type %d", type), "%s", text(cmp(me, me, type, 0, 0)));
	OBSERVE("first dead", "%s", text(cmp(dead, me, KVM, 0, 0)));
	OBSERVE("second dead", "%s", text(cmp(me, dead, KVM, 0, 0)));
	OBSERVE("0", "%s", text(cmp(0, me, KVM, 0, 0)));
	OBSERVE("bad type of nobody", "%s", text(cmp(dead, dead, 77, 0, 0)));
	OBSERVE("epoll, bad pointer", "%s", text(cmp(me, me, KEPOLL, 0, (unsigned long)bad_ptr())));
	CHECK_ERR(cmp(INT32_MAX, me, KVM, 0, 0), ESRCH);
	CHECK_ERR(cmp(me, me, 77, 0, 0), EINVAL);
}

static int waits(void *arg) {
	(void)arg;
	for (;;)
		pause();
}

CASE(what_clone_shares) {
	static char stack[65536] __attribute__((aligned(16)));
	static const int flags[] = {0, CLONE_VM, CLONE_FILES, CLONE_FS, CLONE_VM | CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_IO};
	for (int i = 0; i < 7; i++) {
		int pid = clone(waits, stack + sizeof stack, flags[i] | SIGCHLD, NULL);
		REQUIRE(pid > 0);
		for (int type = KVM; type <= KSIGHAND; type++)
			OBSERVE(name("flags %#x %s", flags[i], types[type]), "%s", text(cmp(getpid(), pid, type, 0, 0)));
		end_child(pid);
	}
}

CASE(permission, "root") {
	pid_t child = sleeper();
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(cmp(getpid(), child, KVM, 0, 0), EPERM);
	}
	end_child(child);
}
