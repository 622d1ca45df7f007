// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// wait4: which children does it find, in which order, what does it tell of them, and when does it return at once?
#include "../harness/signals.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static long wait4_(pid_t pid, int *st, int options, struct rusage *ru) { return syscall(SYS_wait4, pid, st, options, ru); }

static pid_t exits(int code) {
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(code);
	return pid;
}

static void until_zombie(pid_t pid) {
	siginfo_t i;
	REQUIRE_OK(waitid(P_PID, pid, &i, WEXITED | WNOWAIT));
}

CASE(no_children) {
	int st;
	static const int pids[] = {-1, 0, 1, INT32_MAX, INT32_MIN, -2};
	for (int i = 0; i < 6; i++) {
		OBSERVE_RET(name("pid %d", pids[i]), wait4_(pids[i], &st, 0, NULL));
		OBSERVE_RET(name("pid %d WNOHANG", pids[i]), wait4_(pids[i], &st, WNOHANG, NULL));
	}
	CHECK_ERR(wait4_(-1, &st, 0, NULL), ECHILD);
	OBSERVE_RET("self", wait4_(getpid(), &st, 0, NULL));
	OBSERVE_RET("parent", wait4_(getppid(), &st, 0, NULL));
}

CASE(option_bits) {
	pid_t child = sleeper();
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("bit %d", bit), wait4_(child, NULL, (int)(1u << bit) | WNOHANG, NULL));
	OBSERVE_RET("invalid with no children of that pid", wait4_(1, NULL, 0x100, NULL));
	CHECK_ERR(wait4_(child, NULL, WNOHANG | WEXITED, NULL), EINVAL);
	end_child(child);
}

CASE(bad_memory) {
	struct rusage ru;
	int st;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		pid_t child = exits(1);
		until_zombie(child);
		OBSERVE_RET(name("status %s", b->name), wait4_(child, b->p, 0, NULL));
		// Is it gone although its status could not be told?
		OBSERVE(name("reaped %s", b->name), "%d", kill(child, 0) != 0);
		wait4_(child, &st, 0, NULL);
	}
	pid_t child = exits(1);
	until_zombie(child);
	OBSERVE_RET("rusage", wait4_(child, &st, 0, bad_ptr()));
	OBSERVE("reaped", "%d", kill(child, 0) != 0);
	wait4_(child, &st, 0, NULL);
	OBSERVE_RET("bad pointers without children", wait4_(-1, bad_ptr(), 0, bad_ptr()));
	child = exits(1);
	CHECK_EQ(wait4_(child, NULL, 0, &ru), child);
}

CASE(statuses) {
	static const int sigs[] = {SIGHUP, SIGQUIT, SIGILL, SIGABRT, SIGFPE, SIGKILL, SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGSYS, 34, 64};
	for (int code = 0; code < 512; code += 85) {
		int st = -1;
		pid_t child = harness_fork();
		if (child == 0)
			syscall(SYS_exit_group, code);
		CHECK_EQ(wait4_(child, &st, 0, NULL), child);
		OBSERVE(name("exit %d", code), "%#x", st);
	}
	for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) {
		int st = -1;
		pid_t child = harness_fork();
		if (child == 0) {
			kill(getpid(), sigs[i]);
			_exit(99);
		}
		CHECK_EQ(wait4_(child, &st, 0, NULL), child);
		OBSERVE(sig_name(sigs[i]), "%#x", st);
	}
}

CASE(zombies_are_found_in_the_order_of_their_birth) {
	pid_t c[4];
	struct gate g[4];
	for (int i = 0; i < 4; i++) {
		g[i] = gate_open();
		c[i] = harness_fork();
		if (c[i] == 0) {
			gate_wait(&g[i]);
			_exit(10 + i);
		}
	}
	static const int order[] = {2, 0, 3, 1};
	for (int i = 0; i < 4; i++) {
		gate_signal(&g[order[i]]);
		until_zombie(c[order[i]]);
	}
	for (int i = 0; i < 4; i++) {
		int st;
		REQUIRE_OK(wait4_(-1, &st, 0, NULL));
		OBSERVE_STATUS(name("%d", i), st);
	}
	CHECK_ERR(wait4_(-1, NULL, 0, NULL), ECHILD);
}

CASE(by_group) {
	pid_t a = sleeper(), b = sleeper(), c = sleeper();
	int st;
	REQUIRE_OK(setpgid(b, b));
	REQUIRE_OK(setpgid(c, b));
	kill(c, SIGTERM);
	until_zombie(c);
	OBSERVE_RET("own group", wait4_(0, &st, WNOHANG, NULL));
	CHECK_EQ(wait4_(-b, &st, 0, NULL), c);
	OBSERVE_RET("rest of the group", wait4_(-b, &st, WNOHANG, NULL));
	kill(a, SIGTERM);
	CHECK_EQ(wait4_(0, &st, 0, NULL), a);
	OBSERVE_RET("own group is empty", wait4_(0, &st, WNOHANG, NULL));
	end_child(b);
	OBSERVE_RET("group is empty", wait4_(-b, &st, 0, NULL));
}

CASE(stops_are_told_once) {
	int st;
	pid_t child = sleeper();
	kill(child, SIGTSTP);
	REQUIRE_OK(wait4_(child, &st, WUNTRACED, NULL));
	OBSERVE("stop", "%#x", st);
	OBSERVE_RET("again", wait4_(child, &st, WUNTRACED | WNOHANG, NULL));
	OBSERVE_RET("without WUNTRACED", wait4_(child, &st, WNOHANG, NULL));
	kill(child, SIGCONT);
	REQUIRE_OK(wait4_(child, &st, WCONTINUED, NULL));
	OBSERVE("continue", "%#x", st);
	OBSERVE_RET("continue again", wait4_(child, &st, WCONTINUED | WNOHANG, NULL));
	kill(child, SIGCONT);
	OBSERVE_RET("continue of a running one", wait4_(child, &st, WCONTINUED | WNOHANG, NULL));
	end_child(child);
}

// A stop that nobody waited for is gone with the continue.
CASE(continue_hides_the_stop) {
	int st;
	uint64_t chld = BIT(SIGCHLD);
	kmask(SIG_SETMASK, chld);
	pid_t child = sleeper();
	kill(child, SIGSTOP);
	REQUIRE_OK(syscall(SYS_rt_sigtimedwait, &chld, NULL, NULL, 8));
	kill(child, SIGCONT);
	REQUIRE_OK(syscall(SYS_rt_sigtimedwait, &chld, NULL, NULL, 8));
	OBSERVE_RET("stop", wait4_(child, &st, WUNTRACED | WNOHANG, NULL));
	REQUIRE_OK(wait4_(child, &st, WUNTRACED | WCONTINUED | WNOHANG, NULL));
	OBSERVE("continue", "%#x", st);
	end_child(child);
}

CASE(interrupted) {
	pid_t child = sleeper();
	int st;
	log_on(SIGUSR1, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(wait4_(child, &st, 0, NULL), EINTR);
	CHECK(interrupt_done(&it));
	end_child(child);
}

CASE(usage_of_the_child) {
	struct rusage ru;
	int st;
	pid_t child = harness_fork();
	if (child == 0) {
		// At least 20 ms of processor time, by its own count.
		struct rusage own;
		do
			getrusage(RUSAGE_SELF, &own);
		while (own.ru_utime.tv_usec + own.ru_stime.tv_usec + 1000000 * (own.ru_utime.tv_sec + own.ru_stime.tv_sec) < 20000);
		_exit(0);
	}
	CHECK_EQ(wait4_(child, &st, 0, &ru), child);
	CHECK(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec + 1000000 * (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) >= 20000);
	CHECK(ru.ru_maxrss > 0);
	OBSERVE("unused fields", "%ld %ld %ld %ld", ru.ru_ixrss, ru.ru_nswap, ru.ru_msgsnd, ru.ru_nsignals);
}

static pid_t thread_child;
static void *forks(void *arg) {
	(void)arg;
	thread_child = exits(8);
	until_zombie(thread_child);
	return NULL;
}

static void *waits_nothread(void *arg) {
	return (void *)(wait4_(*(pid_t *)arg, NULL, __WNOTHREAD | WNOHANG, NULL) < 0 ? (long)errno : 0);
}

CASE(children_of_threads) {
	int st;
	pid_t main_child = exits(9);
	pthread_t t = thread_start(waits_nothread, &main_child);
	OBSERVE("thread with WNOTHREAD", "%s", errno_name((int)(long)thread_join(t)));
	wait_for(main_child);
	// The child of a thread that has ended is the process's.
	thread_join(thread_start(forks, NULL));
	CHECK_EQ(wait4_(thread_child, &st, 0, NULL), thread_child);
	OBSERVE_STATUS("child of an ended thread", st);
}

// Children that send another signal than SIGCHLD at their end are waited for with __WCLONE or __WALL only.
CASE(clone_children) {
	static const int signals[] = {0, SIGUSR2, SIGCHLD};
	log_on(SIGUSR2, SA_RESTART, 0);
	for (int i = 0; i < 3; i++) {
		int st = 0;
		pid_t child = (pid_t)syscall(SYS_clone, (long)signals[i], 0, 0, 0, 0);
		REQUIRE(child >= 0);
		if (child == 0)
			_exit(6);
		siginfo_t info;
		REQUIRE_OK(waitid(P_PID, child, &info, WEXITED | WNOWAIT | __WALL));
		long r = wait4_(child, &st, WNOHANG, NULL);
		OBSERVE(name("signal %d, plain", signals[i]), "%s", r == child ? "child" : r < 0 ? errno_name(errno) : "nothing");
		r = wait4_(child, &st, WNOHANG | __WCLONE, NULL);
		OBSERVE(name("signal %d, __WCLONE", signals[i]), "%s", r == child ? "child" : r < 0 ? errno_name(errno) : "nothing");
		r = wait4_(child, &st, WNOHANG | __WALL, NULL);
		OBSERVE(name("signal %d, __WALL", signals[i]), "%s", r == child ? "child" : r < 0 ? errno_name(errno) : "nothing");
	}
	OBSERVE("signals", "%s", log_text());
	for (int i = 0; i < sig_logged; i++)
		OBSERVE(name("code %d", i), "%d status %d", sig_log[i].si_code, sig_log[i].si_status);
}
