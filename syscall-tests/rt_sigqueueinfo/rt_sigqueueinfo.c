// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigqueueinfo: what of the caller's siginfo arrives, which codes may be claimed, and how long is the queue?
#include "../harness/signals.h"

#include <sys/resource.h>

static long send(pid_t to, int sig, int code, int value) {
	siginfo_t i;
	memset(&i, 0, sizeof i);
	i.si_signo = 7; // overwritten by the argument
	i.si_errno = 5;
	i.si_code = code;
	i.si_pid = 4711;
	i.si_uid = 1234;
	i.si_value.sival_int = value;
	return syscall(SYS_rt_sigqueueinfo, to, sig, &i);
}

CASE(arguments) {
	siginfo_t i = {.si_code = SI_QUEUE};
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_rt_sigqueueinfo, getpid(), 0, b->p));
	OBSERVE_RET("NULL", syscall(SYS_rt_sigqueueinfo, getpid(), 0, NULL));
	OBSERVE_RET("NULL to nobody", syscall(SYS_rt_sigqueueinfo, dead_pid(), 0, NULL));
	OBSERVE_RET("straddling", syscall(SYS_rt_sigqueueinfo, getpid(), 0, (char *)guard_copy(&i, sizeof i) + 8));
	OBSERVE_RET("at the end", syscall(SYS_rt_sigqueueinfo, getpid(), 0, guard_copy(&i, sizeof i)));
	OBSERVE_RET("signal 65", send(getpid(), 65, SI_QUEUE, 0));
	OBSERVE_RET("signal -1", send(getpid(), -1, SI_QUEUE, 0));
	OBSERVE_RET("dead", send(dead_pid(), 0, SI_QUEUE, 0));
	OBSERVE_RET("pid 0", send(0, 0, SI_QUEUE, 0));
	OBSERVE_RET("pid -1", send(-1, 0, SI_QUEUE, 0));
	OBSERVE_RET("own group", send(-getpid(), 0, SI_QUEUE, 0));
}

static const int codes[] = {SI_QUEUE, SI_USER, SI_TKILL, SI_KERNEL, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, -100, 1, 2};

CASE(to_itself_any_code) {
	siginfo_t got;
	kmask(SIG_SETMASK, ~0ULL);
	for (unsigned k = 0; k < sizeof codes / sizeof *codes; k++) {
		OBSERVE_RET(name("code %d", codes[k]), send(getpid(), SIGUSR1, codes[k], 42));
		uint64_t set = BIT(SIGUSR1);
		memset(&got, 0xee, sizeof got);
		if (syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8) > 0)
			OBSERVE(name("got %d", codes[k]), "signo %d errno %d code %d pid %d uid %d value %d", got.si_signo, got.si_errno,
				got.si_code, got.si_pid, got.si_uid, got.si_value.sival_int);
	}
}

CASE(to_others_only_some_codes) {
	struct gate up = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		kmask(SIG_SETMASK, ~0ULL);
		gate_signal(&up);
		for (;;)
			pause();
	}
	gate_wait(&up);
	for (unsigned k = 0; k < sizeof codes / sizeof *codes; k++)
		OBSERVE_RET(name("code %d", codes[k]), send(child, SIGUSR1, codes[k], 42));
	CHECK_ERR(send(child, SIGUSR1, SI_USER, 0), EPERM);
	CHECK_ERR(send(child, SIGUSR1, SI_TKILL, 0), EPERM);
	CHECK_OK(send(child, SIGUSR1, SI_QUEUE, 0));
	end_child(child);
}

CASE(real_time_signals_queue_in_order) {
	kmask(SIG_SETMASK, ~0ULL);
	static const int sigs[] = {40, 36, 40, SIGUSR2, 36, 64, 35, 40, SIGUSR2};
	for (int i = 0; i < 9; i++) {
		log_on(sigs[i], 0, ~0ULL);
		REQUIRE_OK(queue(getpid(), sigs[i], i));
	}
	kmask(SIG_SETMASK, 0);
	OBSERVE("order", "%s", log_text());
}

// RLIMIT_SIGPENDING counts the queued ones of the user; kill goes through without information.
CASE(limit, "root") {
	IN_CHILD(NULL) {
		uint64_t set = BIT(40);
		siginfo_t got;
		// A user that has nothing else pending.
		REQUIRE_OK(syscall(SYS_setresuid, 54321, 54321, 54321));
		kmask(SIG_SETMASK, ~0ULL);
		REQUIRE_OK(setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){3, 3}));
		for (int i = 0; i < 5; i++)
			OBSERVE_RET(name("queue %d", i), queue(getpid(), 40, i));
		OBSERVE_RET("standard signal", queue(getpid(), SIGUSR1, 9));
		OBSERVE_RET("kill of the same", kill(getpid(), 41));
		OBSERVE_RET("kill of a standard signal", kill(getpid(), SIGUSR2));
		OBSERVE("pending", "%s", set_text(kpending()));
		set = BIT(41);
		memset(&got, 0, sizeof got);
		OBSERVE_RET("take", syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8));
		OBSERVE("without information", "code %d pid %d uid %d", got.si_code, got.si_pid, got.si_uid);
		set = BIT(40);
		OBSERVE_RET("take one", syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8));
		OBSERVE_RET("room again", queue(getpid(), 40, 7));
		OBSERVE_RET("and full again", queue(getpid(), 40, 8));
	}
}

CASE(permission, "root") {
	pid_t child = sleeper();
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(queue(child, SIGTERM, 0), EPERM);
		OBSERVE_RET("probe", queue(child, 0, 0));
		OBSERVE_RET("bad code first", send(child, SIGTERM, SI_USER, 0));
	}
	OBSERVE_RET("SIGKILL by queue", queue(child, SIGKILL, 0));
	OBSERVE_STATUS("child", wait_for(child));
}
