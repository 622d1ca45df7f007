// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clone: which flags belong together, what is shared with each of them, where do the ids go, and who is the parent?
#include "../harness/signals.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static char stack[4][65536] __attribute__((aligned(16)));

// The call itself, as fork is: the child goes on here, on a copy of the stack.
static long raw(unsigned long flags, pid_t *ptid, pid_t *ctid, unsigned long tls) {
	return syscall(SYS_clone, flags, 0, ptid, ctid, tls);
}

CASE(flags_that_do_not_fit) {
	static const struct {
		const char *name;
		unsigned long flags;
	} tries[] = {
		{"SIGHAND without VM", CLONE_SIGHAND},
		{"THREAD without SIGHAND", CLONE_THREAD},
		{"THREAD with VM only", CLONE_THREAD | CLONE_VM},
		{"PIDFD with PARENT_SETTID", CLONE_PIDFD | CLONE_PARENT_SETTID},
		{"PIDFD with DETACHED", CLONE_PIDFD | CLONE_DETACHED},
		{"NEWNS with FS", CLONE_NEWNS | CLONE_FS},
		{"NEWUSER with FS", CLONE_NEWUSER | CLONE_FS},
		{"NEWPID with THREAD", CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM},
		{"NEWIPC with SYSVSEM", CLONE_NEWIPC | CLONE_SYSVSEM},
	};
	for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) {
		pid_t tid = 0;
		long r = syscall(SYS_clone, tries[i].flags | SIGCHLD, stack[0] + 65536, &tid, &tid, 0);
		if (r == 0)
			_exit(0);
		OBSERVE(tries[i].name, "%s", r < 0 ? errno_name(errno) : "child");
		if (r > 0)
			wait_for((pid_t)r);
	}
	CHECK_ERR(raw(CLONE_SIGHAND | SIGCHLD, NULL, NULL, 0), EINVAL);
	CHECK_ERR(raw(CLONE_THREAD | CLONE_VM | SIGCHLD, NULL, NULL, 0), EINVAL);
}

CASE(exit_signal) {
	static const unsigned long sigs[] = {0, SIGCHLD, SIGUSR1, 34, 64, 65, 255, SIGKILL};
	log_on(SIGUSR1, SA_RESTART, 0);
	log_on(34, SA_RESTART, 0);
	log_on(64, SA_RESTART, 0);
	log_on(SIGCHLD, SA_RESTART, 0);
	for (int i = 0; i < 7; i++) {
		sig_logged = 0;
		long r = raw(sigs[i], NULL, NULL, 0);
		if (r == 0)
			_exit(5);
		OBSERVE(name("signal %lu", sigs[i]), "%s", r < 0 ? errno_name(errno) : "child");
		if (r < 0)
			continue;
		OBSERVE_STATUS(name("status %lu", sigs[i]), wait_for((pid_t)r));
		OBSERVE(name("got %lu", sigs[i]), "%s", sig_logged ? name("%s code %d status %d", sig_name(sig_log[0].si_signo), sig_log[0].si_code, sig_log[0].si_status) : "none");
	}
}

CASE(where_the_ids_go) {
	pid_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long pid = raw(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &shared[0], &shared[1], 0);
	if (pid == 0)
		_exit(shared[1] == getpid() ? 0 : 1);
	CHECK_EQ(shared[0], pid);
	OBSERVE_STATUS("child sees its id", wait_for((pid_t)pid));
	CHECK_EQ(shared[1], pid);
	// Pointers that fault: the parent's is told by nobody, the child's neither.
	for (int i = 0; i < 2; i++) {
		pid = raw((i ? CLONE_CHILD_SETTID : CLONE_PARENT_SETTID) | SIGCHLD, bad_ptr(), bad_ptr(), 0);
		if (pid == 0)
			_exit(0);
		OBSERVE(i ? "bad child pointer" : "bad parent pointer", "%s", pid < 0 ? errno_name(errno) : status_text(wait_for((pid_t)pid)));
	}
}

CASE(pidfd) {
	int fd = -1;
	long pid = raw(CLONE_PIDFD | SIGCHLD, (pid_t *)&fd, NULL, 0);
	REQUIRE(pid >= 0);
	if (pid == 0)
		_exit(3);
	OBSERVE("descriptor", "%d flags %#x", fd, fcntl(fd, F_GETFD));
	siginfo_t i;
	CHECK_OK(waitid(P_PIDFD, fd, &i, WEXITED));
	CHECK_EQ(i.si_pid, pid);
	errno = 0;
	pid = raw(CLONE_PIDFD | SIGCHLD, bad_ptr(), NULL, 0);
	if (pid == 0)
		_exit(0);
	OBSERVE("bad pointer", "%s", pid < 0 ? errno_name(errno) : "child");
	OBSERVE_RET("no descriptor left over", fcntl(fd + 1, F_GETFD));
}

CASE(parent_is_the_callers) {
	REQUIRE_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid_t me = getpid(), *sibling = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = harness_fork();
	if (child == 0) {
		long r = raw(CLONE_PARENT | SIGUSR1, NULL, NULL, 0); // the signal is ours, not that one
		if (r == 0)
			_exit(getppid() == me ? 7 : 8);
		*sibling = (pid_t)r;
		_exit(waitpid((pid_t)r, NULL, __WALL) < 0 ? errno == ECHILD ? 1 : 2 : 3);
	}
	OBSERVE_STATUS("not the cloner's child", wait_for(child));
	OBSERVE_STATUS("but ours", wait_for(*sibling));
}

struct shared {
	int fd, dirfd;
	struct gate up;
	volatile int value;
	volatile pid_t ppid, tgid, tid;
};

static int changes(void *arg) {
	struct shared *s = arg;
	s->value = 42;
	close(s->fd);
	umask(0123);
	if (chdir("/") < 0)
		return 9;
	struct ksigaction ign = {SIG_IGN};
	ksigaction(SIGUSR2, &ign, NULL);
	s->ppid = getppid();
	return 0;
}

// What the child does to memory, descriptors, working directory, umask and handlers, by flag.
CASE(what_is_shared) {
	static const struct {
		const char *name;
		int flags;
	} tries[] = {{"nothing", 0}, {"VM", CLONE_VM}, {"FILES", CLONE_FILES}, {"FS", CLONE_FS}, {"VM SIGHAND", CLONE_VM | CLONE_SIGHAND},
		     {"VM FILES FS", CLONE_VM | CLONE_FILES | CLONE_FS}, {"VM VFORK", CLONE_VM | CLONE_VFORK}, {"IO", CLONE_IO}};
	struct shared s;
	char cwd[256], now[256];
	REQUIRE(getcwd(cwd, sizeof cwd));
	for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++) {
		s.value = 1;
		s.fd = (int)REQUIRE_OK(dup(0));
		umask(022);
		REQUIRE_OK(chdir(cwd));
		struct ksigaction dfl = {SIG_DFL}, sa;
		ksigaction(SIGUSR2, &dfl, NULL);
		int pid = clone(changes, stack[0] + sizeof stack[0], tries[i].flags | SIGCHLD, &s);
		REQUIRE(pid > 0);
		OBSERVE_STATUS(name("%s: child", tries[i].name), wait_for(pid));
		ksigaction(SIGUSR2, NULL, &sa);
		mode_t mask = umask(022);
		REQUIRE(getcwd(now, sizeof now));
		OBSERVE(tries[i].name, "memory %d descriptor %s umask %#o cwd %s handler %s", s.value, fcntl(s.fd, F_GETFD) < 0 ? "closed" : "open", mask,
			strcmp(now, cwd) ? "moved" : "same", sa.handler == SIG_IGN ? "ignored" : "default");
		close(s.fd);
	}
}

static volatile pid_t futex_word;

static int ends_at_once(void *arg) {
	(void)arg;
	return 0;
}

static void wait_cleared(void) {
	for (;;) {
		pid_t v = futex_word;
		if (v == 0)
			return;
		syscall(SYS_futex, &futex_word, 0 /* FUTEX_WAIT */, v, NULL, NULL, 0);
	}
}

CASE(child_cleartid_wakes) {
	futex_word = 1;
	int pid = clone(ends_at_once, stack[0] + sizeof stack[0], CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &futex_word);
	REQUIRE(pid > 0);
	wait_cleared();
	CHECK_EQ(futex_word, 0);
	OBSERVE_STATUS("child", wait_for(pid));
	// Without shared memory the word of the parent stays.
	futex_word = 1;
	pid = clone(ends_at_once, stack[0] + sizeof stack[0], CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &futex_word);
	wait_for(pid);
	OBSERVE("copied memory", "%d", futex_word);
}

static int thread_body(void *arg) {
	struct shared *s = arg;
	s->tgid = (pid_t)syscall(SYS_getpid);
	s->tid = (pid_t)syscall(SYS_gettid);
	s->ppid = (pid_t)syscall(SYS_getppid);
	syscall(SYS_exit, 0);
	return 0;
}

CASE(thread) {
	static struct shared s;
	pid_t parent_tid = 0;
	futex_word = 1;
	int tid = clone(thread_body, stack[0] + sizeof stack[0],
			CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, &s,
			&parent_tid, NULL, &futex_word);
	REQUIRE(tid > 0);
	wait_cleared();
	CHECK_EQ(parent_tid, tid);
	CHECK_EQ(s.tgid, getpid());
	CHECK_EQ(s.tid, tid);
	CHECK_EQ(s.ppid, getppid());
	OBSERVE_RET("not a child", waitpid(tid, NULL, __WALL));
}

static int reads_tls(void *arg) {
	unsigned long v;
	__asm__ volatile("mov %%fs:0,%0" : "=r"(v));
	*(volatile unsigned long *)arg = v;
	syscall(SYS_exit, 0);
	return 0;
}

CASE(settls) {
	static unsigned long block[64], seen;
	block[0] = 0xabcdef;
	// No libc in the child: its thread pointer is ours.
	futex_word = 1;
	int pid = clone(reads_tls, stack[0] + sizeof stack[0], CLONE_VM | CLONE_SETTLS | CLONE_CHILD_CLEARTID | SIGCHLD, &seen, NULL, block, &futex_word);
	REQUIRE(pid > 0);
	wait_for(pid);
	OBSERVE("fs:0 in the child", "%#lx", seen);
	CHECK_EQ(seen, 0xabcdef);
	long r = syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, 0, 0x8000000000000000UL);
	if (r == 0)
		syscall(SYS_exit, 0);
	OBSERVE("non-canonical", "%s", r < 0 ? errno_name(errno) : status_text(wait_for((pid_t)r)));
}

static int crashes(void *arg) {
	(void)arg;
	*(volatile char *)0x10 = 1;
	return 0;
}

// A child that shares memory and dies of a signal takes only itself along.
CASE(death_with_shared_memory) {
	int pid = clone(crashes, stack[0] + sizeof stack[0], CLONE_VM | SIGCHLD, NULL);
	OBSERVE_STATUS("child", wait_for(pid));
	pid = clone(crashes, stack[0] + sizeof stack[0], CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	OBSERVE_STATUS("vfork child", wait_for(pid));
}

CASE(limit_of_processes, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_NPROC, &(struct rlimit){1, 1}));
		REQUIRE_OK(syscall(SYS_setresuid, 54324, 54324, 54324));
		CHECK_ERR(raw(SIGCHLD, NULL, NULL, 0), EAGAIN);
	}
}
