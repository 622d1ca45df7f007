// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// kcmp: which objects of two processes are the same, and what is refused?
#include "../harness/signals.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/sem.h>

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

CASE(io_and_semaphores) {
	static char stack[65536] __attribute__((aligned(16)));
	struct sembuf up = {0, 1, SEM_UNDO};
	pid_t me = getpid(), before = sleeper();
	for (int type = KIO; type <= KSYSVSEM; type++)
		OBSERVE(name("at first %s", types[type]), "%s", text(cmp(me, before, type, 0, 0)));
	int sem = (int)REQUIRE_OK(semget(IPC_PRIVATE, 1, 0600));
	REQUIRE_OK(semop(sem, &up, 1));
	REQUIRE_OK(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 3));
	for (int type = KIO; type <= KSYSVSEM; type++)
		OBSERVE(name("used %s", types[type]), "%s", text(cmp(me, before, type, 0, 0)));
	static const int flags[] = {0, CLONE_SYSVSEM, CLONE_IO};
	for (int i = 0; i < 3; i++) {
		int pid = clone(waits, stack + sizeof stack, flags[i] | SIGCHLD, NULL);
		REQUIRE(pid > 0);
		for (int type = KIO; type <= KSYSVSEM; type++)
			OBSERVE(name("flags %#x %s", flags[i], types[type]), "%s", text(cmp(me, pid, type, 0, 0)));
		OBSERVE(name("flags %#x priority", flags[i]), "%#lx", syscall(SYS_ioprio_get, 1, pid));
		REQUIRE_OK(syscall(SYS_ioprio_set, 1, pid, 2 << 13 | 5));
		OBSERVE(name("flags %#x then mine", flags[i]), "%#lx", syscall(SYS_ioprio_get, 1, 0));
		REQUIRE_OK(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 3));
		end_child(pid);
	}
	semctl(sem, 0, IPC_RMID);
	end_child(before);
}

CASE(what_an_epoll_watches) {
	int ep = (int)REQUIRE_OK(epoll_create1(0)), a[2], b[2];
	struct epoll_event ev = {.events = EPOLLIN};
	REQUIRE_OK(pipe(a));
	REQUIRE_OK(pipe(b));
	int kept = dup(a[0]), target = a[0];
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, target, &ev));
	REQUIRE(dup2(b[0], target) == target); // another file by the same number; kept holds the first
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, target, &ev));
	pid_t me = getpid(), child = sleeper();
	struct { uint32_t efd, tfd, skip; } slots[] = {
		{ep, target, 0}, {ep, target, 1}, {ep, target, 2}, {ep, kept, 0}, {ep, 99, 0}, {a[1], target, 0}, {99, target, 0}};
	// In which order the kernel has the two is its secret.
	CHECK_EQ((cmp(me, me, KEPOLL, kept, (unsigned long)&slots[0]) == 0) + (cmp(me, me, KEPOLL, kept, (unsigned long)&slots[1]) == 0), 1);
	CHECK_EQ((cmp(me, child, KEPOLL, target, (unsigned long)&slots[0]) == 0) + (cmp(me, child, KEPOLL, target, (unsigned long)&slots[1]) == 0), 1);
	for (int i = 2; i < 7; i++) {
		OBSERVE(name("%d: the first", i), "%s", text(cmp(me, me, KEPOLL, kept, (unsigned long)&slots[i])));
		OBSERVE(name("%d: the second", i), "%s", text(cmp(me, child, KEPOLL, target, (unsigned long)&slots[i])));
	}
	OBSERVE("bad descriptor", "%s", text(cmp(me, me, KEPOLL, 99, (unsigned long)&slots[0])));
	OBSERVE("bad descriptor and slot", "%s", text(cmp(me, me, KEPOLL, 99, (unsigned long)&slots[6])));
	end_child(child);
}
