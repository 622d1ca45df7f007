// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What the files of ptrace's tests share beside ptraces.h: what tracees do, and what their handlers saw.
#ifndef DITTO_HARNESS_TRACEES_H
#define DITTO_HARNESS_TRACEES_H

#include "ptraces.h"

#define ENTRY 0 // of a system call stop
#define EXIT 1

static volatile int seen __attribute__((unused));          // by signal handlers of tracees
static volatile siginfo_t seen_si __attribute__((unused)); // what came with it
static inline void on_signal(int sig, siginfo_t *si, void *uc) {
	(void)uc;
	seen = sig;
	memcpy((void *)&seen_si, si, sizeof *si);
}
static inline void catch_it(int sig) {
	struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
	sigaction(sig, &sa, NULL);
}

static inline void nothing(void) {}
static inline void pauses(void) {
	for (;;)
		pause();
}
static inline void execs(void) {
	char *argv[] = {"true", NULL}, *envp[] = {NULL};
	execve("/bin/true", argv, envp);
	_exit(98);
}
static inline void forks_and_execs(void) {
	pid_t pid = syscall(SYS_fork);
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	execs();
}
static inline void faults(void) { *(volatile int *)16 = 1; }

static inline long raw(long nr, long a, long b, long c) {
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return r;
}

#endif
