// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tkill: is exactly that thread reached, and which ids and signals are refused?
#include "../harness/signals.h"

CASE(arguments) {
	static const long ids[] = {0, -1, -2, INT32_MIN, INT32_MAX};
	for (int i = 0; i < 5; i++)
		OBSERVE_RET(name("tid %ld", ids[i]), syscall(SYS_tkill, ids[i], 0));
	OBSERVE_RET("dead", syscall(SYS_tkill, dead_pid(), 0));
	OBSERVE_RET("self 0", syscall(SYS_tkill, tid_self(), 0));
	OBSERVE_RET("self 65", syscall(SYS_tkill, tid_self(), 65));
	OBSERVE_RET("self -1", syscall(SYS_tkill, tid_self(), -1));
	OBSERVE_RET("bad tid and bad signal", syscall(SYS_tkill, -1, 65));
	CHECK_ERR(syscall(SYS_tkill, 0, 0), EINVAL);
	CHECK_ERR(syscall(SYS_tkill, tid_self(), 65), EINVAL);
}

struct target {
	struct gate go, up;
	volatile pid_t tid;
	uint64_t pending;
};

static void *target(void *arg) {
	struct target *t = arg;
	t->tid = tid_self();
	gate_signal(&t->up);
	gate_wait(&t->go);
	t->pending = kpending();
	return NULL;
}

CASE(only_that_thread) {
	struct target t = {gate_open(), gate_open()};
	kmask(SIG_SETMASK, ~0ULL);
	pthread_t th = thread_start(target, &t);
	gate_wait(&t.up);
	CHECK_OK(syscall(SYS_tkill, t.tid, SIGUSR1));
	CHECK_OK(syscall(SYS_tkill, tid_self(), SIGUSR2));
	OBSERVE("main", "%s", set_text(kpending()));
	gate_signal(&t.go);
	thread_join(th);
	OBSERVE("thread", "%s", set_text(t.pending));
}

CASE(fatal_signal_ends_the_process) {
	int st;
	IN_CHILD(&st) {
		struct target t = {gate_open(), gate_open()};
		thread_start(target, &t);
		gate_wait(&t.up);
		syscall(SYS_tkill, t.tid, SIGTERM);
		for (;;)
			pause();
	}
	OBSERVE_STATUS("child", st);
}

CASE(other_process, "root") {
	pid_t child = sleeper();
	CHECK_OK(syscall(SYS_tkill, child, 0));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("as nobody", syscall(SYS_tkill, child, SIGTERM));
	}
	CHECK_OK(syscall(SYS_tkill, child, SIGKILL));
	OBSERVE_STATUS("killed", wait_for(child));
}
