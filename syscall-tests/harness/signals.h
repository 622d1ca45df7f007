// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of signals: the kernel's own struct sigaction, masks as numbers, a log of deliveries in their order,
// and a siginfo in words.
#ifndef DITTO_HARNESS_SIGNALS_H
#define DITTO_HARNESS_SIGNALS_H

#include "harness.h"

#include <ucontext.h>

#define BIT(sig) (1ULL << ((sig) - 1))
#ifndef SA_RESTORER
#define SA_RESTORER 0x04000000
#endif

struct ksigaction {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

void sig_restorer(void);
// Weak, because several programs' files hold it: all are the same two instructions.
__asm__(".pushsection .text\n.weak sig_restorer\n.type sig_restorer,@function\nsig_restorer:\n"
	"mov $15,%eax\nsyscall\n.popsection\n");

static inline long ksigaction(int sig, const struct ksigaction *new, struct ksigaction *old) {
	return syscall(SYS_rt_sigaction, sig, new, old, 8);
}

static inline uint64_t kmask(int how, uint64_t set) {
	uint64_t old = 0;
	REQUIRE_OK(syscall(SYS_rt_sigprocmask, how, &set, &old, 8));
	return old;
}

static inline uint64_t kmask_now(void) {
	uint64_t old = 0;
	REQUIRE_OK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &old, 8));
	return old;
}

static inline uint64_t kpending(void) {
	uint64_t set = 0;
	REQUIRE_OK(syscall(SYS_rt_sigpending, &set, 8));
	return set;
}

// Deliveries in their order.
__attribute__((unused)) static siginfo_t sig_log[64];
__attribute__((unused)) static uint64_t sig_log_mask[64]; // the mask inside the handler
__attribute__((unused)) static volatile int sig_logged;

static inline void log_signal(int sig, siginfo_t *info, void *ctx) {
	int n = sig_logged, saved = errno;
	(void)sig;
	(void)ctx;
	if (n < 64) {
		sig_log[n] = *info;
		syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &sig_log_mask[n], 8);
		sig_logged = n + 1;
	}
	errno = saved;
}

// Installs a handler by the call itself.
static inline void handle_with(int sig, void *handler, unsigned long flags, uint64_t mask) {
	struct ksigaction sa = {handler, flags | SA_SIGINFO | SA_RESTORER, sig_restorer, mask};
	REQUIRE_OK(ksigaction(sig, &sa, NULL));
}

static inline void log_on(int sig, unsigned long flags, uint64_t mask) { handle_with(sig, log_signal, flags, mask); }

static inline const char *set_text(uint64_t set) {
	static _Thread_local char text[1024];
	int n = 0;
	text[0] = 0;
	for (int s = 1; s <= 64; s++)
		if (set & BIT(s))
			n += snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", sig_name(s));
	return n ? text : "none";
}

static inline const char *code_text(int sig, int code) {
	static const char *const chld[] = {"CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"};
	switch (code) {
	case SI_USER:
		return "SI_USER";
	case SI_TKILL:
		return "SI_TKILL";
	case SI_QUEUE:
		return "SI_QUEUE";
	case SI_KERNEL:
		return "SI_KERNEL";
	case SI_TIMER:
		return "SI_TIMER";
	}
	if (sig == SIGCHLD && code >= 1 && code <= 6)
		return chld[code - 1];
	return name("%d", code);
}

// A siginfo in words; child is the pid that a SIGCHLD should name.
static inline const char *info_text(const siginfo_t *i, pid_t child) {
	const char *sig = sig_name(i->si_signo), *code = code_text(i->si_signo, i->si_code);
	if (i->si_signo == SIGCHLD && i->si_code > 0)
		return name("%s %s errno %d pid %s uid %d status %d", sig, code, i->si_errno,
			    i->si_pid == child ? "child" : pid_name(i->si_pid), (int)i->si_uid, i->si_status);
	if (i->si_code == SI_USER || i->si_code == SI_TKILL)
		return name("%s %s errno %d pid %s uid %d", sig, code, i->si_errno, i->si_pid == child ? "child" : pid_name(i->si_pid),
			    (int)i->si_uid);
	if (i->si_code < 0)
		return name("%s %s errno %d pid %s uid %d value %lld", sig, code, i->si_errno,
			    i->si_pid == child ? "child" : pid_name(i->si_pid), (int)i->si_uid, (long long)(intptr_t)i->si_value.sival_ptr);
	return name("%s %s errno %d", sig, code, i->si_errno);
}

// The log in words: signals with values, in order of delivery.
static inline const char *log_text(void) {
	static char text[2048];
	int n = 0;
	text[0] = 0;
	for (int i = 0; i < sig_logged; i++) {
		n += snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", sig_name(sig_log[i].si_signo));
		if (sig_log[i].si_code == SI_QUEUE)
			n += snprintf(text + n, sizeof text - n, ":%d", sig_log[i].si_value.sival_int);
	}
	return n ? text : "none";
}

// Sends by rt_sigqueueinfo with a value.
static inline long queue(pid_t pid, int sig, int value) {
	siginfo_t i;
	memset(&i, 0, sizeof i);
	i.si_code = SI_QUEUE;
	i.si_pid = getpid();
	i.si_uid = getuid();
	i.si_value.sival_int = value;
	return syscall(SYS_rt_sigqueueinfo, pid, sig, &i);
}

// A child that does nothing until it is killed, or its maker dies.
static inline pid_t sleeper(void) {
	pid_t pid = harness_fork();
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static inline int end_child(pid_t pid) {
	kill(pid, SIGKILL);
	return wait_for(pid);
}

// A pid that was and is no more.
static inline pid_t dead_pid(void) {
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(0);
	wait_for(pid);
	return pid;
}

#endif
