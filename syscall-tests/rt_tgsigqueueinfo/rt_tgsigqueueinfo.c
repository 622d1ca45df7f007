// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_tgsigqueueinfo: which thread gets it, with which information, and what is refused?
#include "../harness/signals.h"

static long send(pid_t tgid, pid_t tid, int sig, int code, int value) {
	siginfo_t i;
	memset(&i, 0, sizeof i);
	i.si_code = code;
	i.si_pid = 4711;
	i.si_uid = 1234;
	i.si_value.sival_int = value;
	return syscall(SYS_rt_tgsigqueueinfo, tgid, tid, sig, &i);
}

CASE(arguments) {
	pid_t me = getpid(), tid = tid_self(), child = sleeper();
	OBSERVE_RET("0 tid", send(0, tid, 0, SI_QUEUE, 0));
	OBSERVE_RET("-1 tid", send(-1, tid, 0, SI_QUEUE, 0));
	OBSERVE_RET("pid 0", send(me, 0, 0, SI_QUEUE, 0));
	OBSERVE_RET("pid -1", send(me, -1, 0, SI_QUEUE, 0));
	OBSERVE_RET("other group", send(me, child, 0, SI_QUEUE, 0));
	OBSERVE_RET("dead", send(dead_pid(), dead_pid(), 0, SI_QUEUE, 0));
	OBSERVE_RET("signal 65", send(me, tid, 65, SI_QUEUE, 0));
	OBSERVE_RET("probe", send(me, tid, 0, SI_QUEUE, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_rt_tgsigqueueinfo, me, tid, 0, b->p));
	OBSERVE_RET("bad pointer, bad pid", syscall(SYS_rt_tgsigqueueinfo, 0, 0, 0, bad_ptr()));
	CHECK_ERR(send(me, child, 0, SI_QUEUE, 0), ESRCH);
	CHECK_ERR(send(0, tid, 0, SI_QUEUE, 0), EINVAL);
	end_child(child);
}

CASE(codes) {
	static const int codes[] = {SI_QUEUE, SI_USER, SI_TKILL, SI_KERNEL, SI_TIMER, SI_ASYNCIO, -100, 1};
	siginfo_t got;
	uint64_t set = BIT(SIGUSR1);
	kmask(SIG_SETMASK, ~0ULL);
	pid_t child = sleeper();
	for (int k = 0; k < 8; k++) {
		OBSERVE_RET(name("self %d", codes[k]), send(getpid(), tid_self(), SIGUSR1, codes[k], 5));
		if (syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8) > 0)
			OBSERVE(name("got %d", codes[k]), "code %d pid %d uid %d value %d", got.si_code, got.si_pid, got.si_uid, got.si_value.sival_int);
		OBSERVE_RET(name("other %d", codes[k]), send(child, child, SIGUSR1, codes[k], 5));
	}
	end_child(child);
}

struct target {
	struct gate up, go;
	volatile pid_t tid;
	siginfo_t got[3];
};

static void *target(void *arg) {
	struct target *t = arg;
	t->tid = tid_self();
	gate_signal(&t->up);
	gate_wait(&t->go);
	uint64_t set = BIT(37);
	for (int i = 0; i < 3; i++)
		syscall(SYS_rt_sigtimedwait, &set, &t->got[i], &(struct timespec){0}, 8);
	return NULL;
}

CASE(queues_to_one_thread) {
	struct target t = {gate_open(), gate_open()};
	kmask(SIG_SETMASK, ~0ULL);
	pthread_t th = thread_start(target, &t);
	gate_wait(&t.up);
	for (int i = 0; i < 3; i++)
		CHECK_OK(send(getpid(), t.tid, 37, SI_QUEUE, 10 + i));
	OBSERVE("main", "%s", set_text(kpending()));
	gate_signal(&t.go);
	thread_join(th);
	for (int i = 0; i < 3; i++)
		OBSERVE(name("%d", i), "signo %d code %d value %d", t.got[i].si_signo, t.got[i].si_code, t.got[i].si_value.sival_int);
}
