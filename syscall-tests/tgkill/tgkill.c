// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tgkill: must thread and group match, what does the receiver learn, and are signals merged and queued as they should?
#include "../harness/signals.h"

CASE(arguments) {
	pid_t me = getpid(), tid = tid_self(), child = sleeper();
	OBSERVE_RET("0 0", syscall(SYS_tgkill, 0, 0, 0));
	OBSERVE_RET("-1 tid", syscall(SYS_tgkill, -1, tid, 0));
	OBSERVE_RET("0 tid", syscall(SYS_tgkill, 0, tid, 0));
	OBSERVE_RET("pid 0", syscall(SYS_tgkill, me, 0, 0));
	OBSERVE_RET("pid -1", syscall(SYS_tgkill, me, -1, 0));
	OBSERVE_RET("pid tid", syscall(SYS_tgkill, me, tid, 0));
	OBSERVE_RET("other group", syscall(SYS_tgkill, me, child, 0));
	OBSERVE_RET("group of another", syscall(SYS_tgkill, child, tid, 0));
	OBSERVE_RET("child", syscall(SYS_tgkill, child, child, 0));
	OBSERVE_RET("signal 65", syscall(SYS_tgkill, me, tid, 65));
	OBSERVE_RET("signal -1", syscall(SYS_tgkill, me, tid, -1));
	OBSERVE_RET("dead", syscall(SYS_tgkill, dead_pid(), dead_pid(), 0));
	CHECK_ERR(syscall(SYS_tgkill, me, child, 0), ESRCH);
	CHECK_ERR(syscall(SYS_tgkill, 0, tid, 0), EINVAL);
	end_child(child);
}

CASE(info_and_merging) {
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(34));
	log_on(SIGUSR1, 0, ~0ULL);
	log_on(34, 0, ~0ULL);
	for (int i = 0; i < 3; i++) {
		REQUIRE_OK(syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1));
		REQUIRE_OK(syscall(SYS_tgkill, getpid(), tid_self(), 34));
	}
	// The process has a queue of its own: the same signal is pending twice.
	kill(getpid(), SIGUSR1);
	kmask(SIG_SETMASK, 0);
	OBSERVE("order", "%s", log_text());
	for (int i = 0; i < sig_logged; i++)
		OBSERVE(name("info %d", i), "%s", info_text(&sig_log[i], 0));
}

static volatile pid_t handler_tid;
static void note_tid(int sig, siginfo_t *info, void *ctx) {
	(void)sig, (void)info, (void)ctx;
	handler_tid = tid_self();
}

struct worker {
	struct gate up;
	int fd;
	volatile pid_t tid;
};

static void *blocked_reader(void *arg) {
	struct worker *w = arg;
	char c;
	w->tid = tid_self();
	gate_signal(&w->up);
	long r = read(w->fd, &c, 1);
	return (void *)(r < 0 ? (long)-errno : r);
}

CASE(handler_runs_in_that_thread) {
	int fds[2];
	REQUIRE_OK(pipe(fds));
	struct worker w = {gate_open(), fds[0]};
	handle_with(SIGUSR1, note_tid, 0, 0);
	pthread_t t = thread_start(blocked_reader, &w);
	gate_wait(&w.up);
	REQUIRE(wait_blocked(getpid(), w.tid));
	CHECK_OK(syscall(SYS_tgkill, getpid(), w.tid, SIGUSR1));
	long r = (long)thread_join(t);
	OBSERVE("read", "%s", r < 0 ? errno_name((int)-r) : "data");
	CHECK_EQ(handler_tid, w.tid);
}

CASE(stop_to_a_thread_stops_all) {
	int st;
	pid_t child = harness_fork();
	if (child == 0) {
		int fds[2];
		REQUIRE_OK(pipe(fds));
		struct worker w = {gate_open(), fds[0]};
		thread_start(blocked_reader, &w);
		gate_wait(&w.up);
		syscall(SYS_tgkill, getpid(), w.tid, SIGSTOP);
		for (;;)
			pause();
	}
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	OBSERVE_STATUS("stopped", st);
	kill(child, SIGCONT);
	REQUIRE_OK(waitpid(child, &st, WCONTINUED));
	OBSERVE_STATUS("continued", st);
	OBSERVE_STATUS("killed", end_child(child));
}

CASE(permission, "root") {
	pid_t child = sleeper();
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_tgkill, child, child, 0), EPERM);
		OBSERVE_RET("TERM", syscall(SYS_tgkill, child, child, SIGTERM));
		OBSERVE_RET("CONT", syscall(SYS_tgkill, child, child, SIGCONT));
		OBSERVE_RET("no such group", syscall(SYS_tgkill, getpid(), child, SIGTERM));
	}
	end_child(child);
}
