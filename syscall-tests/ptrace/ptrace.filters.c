// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: a tracee's filters read and suspended, its segment selectors, and steps from branch to branch.
#include "../harness/creds.h"
#include "../harness/ptraces.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#define GET_FILTER 0x420c
#define GET_METADATA 0x420d
#define SUSPEND_SECCOMP (1 << 21)

static void filter(int error, int flags) {
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {COUNT(f) - (error == 7), f + (error == 7)};
	if (error == 7)
		f[1] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog))
		_exit(98);
}

static void filtered(void) {
	filter(5, SECCOMP_FILTER_FLAG_LOG);
	filter(6, 0);
	syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
	for (int i = 0; i < 3; i++) {
		long r = syscall(SYS_getppid);
		OBSERVE(name("call %d", i), "%s", r < 0 ? errno_name(errno) : "works");
		syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
	}
}

static void plain(void) {}

CASE(filters_are_read, "root cap:21") {
	struct sock_filter f[8];
	pid_t pid = traced(filtered);
	OBSERVE_RET("none yet", PT(GET_FILTER, pid, 0, f));
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGSTOP");
	for (long n = -1; n < 4; n++) {
		memset(f, 0xff, sizeof f);
		OBSERVE_RET(name("length of %ld", n), PT(GET_FILTER, pid, n, 0));
		OBSERVE_RET(name("filter %ld", n), PT(GET_FILTER, pid, n, f));
		OBSERVE_BYTES(name("instructions of %ld", n), f, sizeof f);
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("to %s", b->name), PT(GET_FILTER, pid, 0, b->p));
	for (unsigned long size = 0; size < 25; size += 4) {
		unsigned long meta[4] = {1, 0x5555555555555555, 0x6666666666666666, 0};
		OBSERVE_RET(name("metadata of %lu bytes", size), PT(GET_METADATA, pid, size, meta));
		OBSERVE_BYTES(name("metadata after %lu", size), meta, sizeof meta);
	}
	for (unsigned long n = 0; n < 3; n++) {
		unsigned long meta[2] = {n, 9};
		OBSERVE_RET(name("metadata of filter %lu", n), PT(GET_METADATA, pid, 16, meta));
		OBSERVE(name("flags of filter %lu", n), "%lx", meta[1]);
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("metadata at %s", b->name), PT(GET_METADATA, pid, 16, b->p));
	kill(pid, SIGKILL);
	await(pid);
}

CASE(filters_are_suspended, "root cap:21") {
	pid_t pid = traced(filtered);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGSTOP");
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGSTOP");
	OBSERVE_RET("suspend", PT(PTRACE_SETOPTIONS, pid, 0, SUSPEND_SECCOMP));
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGSTOP");
	OBSERVE_RET("and no longer", PT(PTRACE_SETOPTIONS, pid, 0, 0));
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGSTOP");
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

// An ordinary container's process has no right to any of it, nor has one that is filtered itself.
CASE(filters_of_others) {
	IN_CHILD(NULL) {
		unsigned long meta[2] = {0};
		set_caps(false);
		pid_t pid = traced(plain);
		OBSERVE_RET("filter", PT(GET_FILTER, pid, 0, 0));
		OBSERVE_RET("metadata", PT(GET_METADATA, pid, 16, meta));
		OBSERVE_RET("metadata, short", PT(GET_METADATA, pid, 1, meta));
		OBSERVE_RET("suspend", PT(PTRACE_SETOPTIONS, pid, 0, SUSPEND_SECCOMP));
		OBSERVE_RET("suspend and unknown", PT(PTRACE_SETOPTIONS, pid, 0, SUSPEND_SECCOMP | 1 << 30));
		kill(pid, SIGKILL);
		await(pid);
	}
	IN_CHILD(NULL) {
		pid_t pid = traced(plain);
		filter(5, 0);
		OBSERVE_RET("filter, filtered", PT(GET_FILTER, pid, 0, 0));
		OBSERVE_RET("suspend, filtered", PT(PTRACE_SETOPTIONS, pid, 0, SUSPEND_SECCOMP));
		kill(pid, SIGKILL);
		await(pid);
	}
}

#define REG(f) offsetof(struct user_regs_struct, f)

static void looks(void) {
	syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
	unsigned ds, es;
	__asm__ volatile("mov %%ds, %0; mov %%es, %1" : "=r"(ds), "=r"(es));
	OBSERVE("the tracee's own look", "ds %x es %x", ds, es);
	__asm__ volatile("mov %0, %%ds; mov %1, %%es" ::"r"(0x2b), "r"(0));
	syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
}

CASE(segment_selectors) {
	static const struct {
		const char *name;
		size_t at;
	} regs[] = {{"cs", REG(cs)}, {"ss", REG(ss)}, {"ds", REG(ds)}, {"es", REG(es)}};
	static const unsigned long values[] = {0, 1, 8, 0x10, 0x2a, 0x2b, 0x33, 0x1002b};
	pid_t pid = traced(looks);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGSTOP");
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("at first", "%llx %llx %llx %llx %llx %llx", r.cs, r.ss, r.ds, r.es, r.fs, r.gs);
	for (int i = 0; i < COUNT(regs); i++)
		for (int v = 0; v < COUNT(values); v++) {
			unsigned long now = 0;
			OBSERVE_RET(name("%s = %lx", regs[i].name, values[v]), PT(PTRACE_POKEUSER, pid, regs[i].at, values[v]));
			PT(PTRACE_PEEKUSER, pid, regs[i].at, &now);
			OBSERVE(name("%s after %lx", regs[i].name, values[v]), "%lx", now);
		}
	r.ds = 0x2b, r.es = 0x2b;
	CHECK_OK(PT(PTRACE_SETREGS, pid, 0, &r));
	OBSERVE("goes on", "%s", go(PTRACE_CONT, pid, 0));
	r = regs_of(pid);
	OBSERVE("as the tracee set them", "%llx %llx", r.ds, r.es);
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

static void loops(void) {
	for (volatile int i = 0; i < 100; i++)
		;
}

CASE(steps_by_blocks) {
	pid_t pid = traced(loops);
	for (int i = 0; i < 20; i++)
		CHECK_STR(go(33, pid, 0), "SIGTRAP"); // PTRACE_SINGLEBLOCK
	siginfo_t si;
	CHECK_OK(PT(PTRACE_GETSIGINFO, pid, 0, &si));
	OBSERVE("siginfo", "%s %d", sig_name(si.si_signo), si.si_code);
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}
