// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of ptrace: tracees that stop and wait to be told what to do, and their stops in words.
#ifndef DITTO_HARNESS_PTRACES_H
#define DITTO_HARNESS_PTRACES_H

#include "harness.h"

#include <elf.h>
#include <linux/ptrace.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/user.h>

#define PTRACE_TRACEME 0
#define PTRACE_PEEKTEXT 1
#define PTRACE_PEEKDATA 2
#define PTRACE_PEEKUSER 3
#define PTRACE_POKETEXT 4
#define PTRACE_POKEDATA 5
#define PTRACE_POKEUSER 6
#define PTRACE_CONT 7
#define PTRACE_KILL 8
#define PTRACE_SINGLESTEP 9
#define PTRACE_ATTACH 16
#define PTRACE_DETACH 17

// pt is the call itself, whose PEEK requests store through data.
static inline long pt(long request, pid_t pid, unsigned long addr, unsigned long data) {
	return syscall(SYS_ptrace, request, (long)pid, addr, data);
}
#define PT(request, pid, addr, data) pt(request, pid, (unsigned long)(addr), (unsigned long)(data))

// stop_text is a wait status in words: "SIGUSR1", "SIGTRAP|80", "SIGTRAP event 4", "exit 0", "signal SIGKILL".
static inline const char *stop_text(int st) {
	static char buf[4][48];
	static int turn;
	if (!WIFSTOPPED(st))
		return status_text(st);
	char *b = buf[turn++ & 3];
	int sig = WSTOPSIG(st) & 0x7f, n = snprintf(b, 48, "%s%s", sig_name(sig), WSTOPSIG(st) & 0x80 ? "|80" : "");
	if (st >> 16)
		snprintf(b + n, 48 - n, " event %d", st >> 16);
	return b;
}

// await is the next thing that a tracee has to tell, in words.
static inline const char *await(pid_t pid) {
	int st;
	pid_t got;
	do
		got = waitpid(pid, &st, __WALL);
	while (got < 0 && errno == EINTR);
	return got == pid ? stop_text(st) : errno_name(errno);
}

// traced forks a child that asks to be traced, stops, and then runs body. The parent has seen the stop.
static inline pid_t traced(void (*body)(void)) {
	pid_t pid = harness_fork();
	if (pid == 0) {
		if (PT(PTRACE_TRACEME, 0, 0, 0))
			_exit(99);
		syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
		body();
		_exit(0);
	}
	CHECK_STR(await(pid), "SIGSTOP");
	return pid;
}

// go lets the tracee go on with a request, and is what it has to tell next.
static inline const char *go(long request, pid_t pid, int sig) {
	if (PT(request, pid, 0, sig))
		return errno_name(errno);
	return await(pid);
}

static inline struct user_regs_struct regs_of(pid_t pid) {
	struct user_regs_struct r = {0};
	CHECK_OK(PT(PTRACE_GETREGS, pid, 0, &r));
	return r;
}
static inline void set_regs(pid_t pid, struct user_regs_struct *r) { CHECK_OK(PT(PTRACE_SETREGS, pid, 0, r)); }

static inline long peek(pid_t pid, const void *addr) {
	long v = 0;
	CHECK_OK(PT(PTRACE_PEEKDATA, pid, addr, &v));
	return v;
}

static inline siginfo_t siginfo_of(pid_t pid) {
	siginfo_t si = {0};
	CHECK_OK(PT(PTRACE_GETSIGINFO, pid, 0, &si));
	return si;
}

// end kills a tracee or child and takes its end.
static inline void end(pid_t pid) {
	int st = 0;
	kill(pid, SIGKILL);
	do
		if (waitpid(pid, &st, __WALL) < 0 && errno != EINTR)
			break;
	while (WIFSTOPPED(st));
}

// proc_field is the value of a line of /proc/PID/status, in a static buffer.
static inline const char *proc_field(pid_t pid, const char *field) {
	static char out[64];
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	const char *text = read_file(path), *at = text ? strstr(text, field) : NULL;
	out[0] = 0;
	if (at)
		sscanf(at + strlen(field), ":%63s", out);
	return out;
}

// becomes waits until the task's state is the letter. False if it did not within 5 s.
static inline bool becomes(pid_t pid, const char *state) {
	for (int i = 0; i < 5000; i++) {
		if (!strcmp(proc_field(pid, "State"), state))
			return true;
		usleep(1000);
	}
	return false;
}

#endif
