// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: the selectors of fs and gs that a tracer sets, and the segment descriptors of PTRACE_SET_THREAD_AREA.
#include "../harness/tracees.h"
#include <asm/ldt.h>

#define GET_AREA 25
#define SET_AREA 26
#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
#define REG(r) offsetof(struct user, regs.r)

static unsigned flags_of(struct user_desc *d) { return ((unsigned *)d)[3]; }
static struct user_desc desc(unsigned n, unsigned base, unsigned limit, unsigned flags) {
	unsigned w[4] = {n, base, limit, flags};
	struct user_desc d;
	memcpy(&d, w, sizeof d);
	return d;
}
static const char *area(pid_t pid, long n) {
	static char buf[96];
	struct user_desc d = desc(0x77, 0x77, 0x77, 0x77);
	if (PT(GET_AREA, pid, n, &d))
		return errno_name(errno);
	snprintf(buf, sizeof buf, "%u: %#x %#x %#x", d.entry_number, d.base_addr, d.limit, flags_of(&d));
	return buf;
}
static const char *set_area(pid_t pid, long n, struct user_desc d) { return PT(SET_AREA, pid, n, &d) ? errno_name(errno) : "ok"; }

CASE(thread_areas_by_number) {
	pid_t pid = traced(faults);
	static const long numbers[] = {-1, -2, 0, 1, 6, 8, 11, 12, 13, 14, 15, 16, 99, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000000c, 1l << 62};
	for (int i = 0; i < COUNT(numbers); i++) {
		OBSERVE(name("get %ld", numbers[i]), "%s", area(pid, numbers[i]));
		OBSERVE(name("set %ld", numbers[i]), "%s", set_area(pid, numbers[i], desc(12, 0x1000 + i, 0xfffff, 0x51)));
	}
	for (int n = 12; n <= 14; n++)
		OBSERVE(name("%d at the end", n), "%s", area(pid, n));
	struct user_desc d = desc(99, 0x2000, 0x1234567, 1);
	OBSERVE("another number in it", "%s", set_area(pid, 13, d));
	d.entry_number = -1;
	OBSERVE_RET("none in it", PT(SET_AREA, pid, 14, &d));
	OBSERVE("its number after", "%d", d.entry_number);
	for (int n = 12; n <= 14; n++)
		OBSERVE(name("%d after others", n), "%s", area(pid, n));
	OBSERVE_RET("get to nowhere", PT(GET_AREA, pid, 12, bad_ptr()));
	OBSERVE_RET("set from nowhere", PT(SET_AREA, pid, 12, bad_ptr()));
	OBSERVE_RET("get a wrong one to nowhere", PT(GET_AREA, pid, 5, bad_ptr()));
	OBSERVE_RET("set a wrong one from nowhere", PT(SET_AREA, pid, 5, bad_ptr()));
	OBSERVE_RET("set -1 from nowhere", PT(SET_AREA, pid, -1, bad_ptr()));
	OBSERVE("wrong number, wrong flags", "%s", set_area(pid, 5, desc(12, 1, 1, 0)));
	end(pid);
}

// Each combination of flags, for a segment and for an empty one.
CASE(thread_areas_by_flags) {
	pid_t pid = traced(faults);
	for (unsigned empty = 0; empty <= 1; empty++) {
		for (unsigned f = 0; f < 512; f++) {
			const char *r = set_area(pid, 12, desc(12, empty ? 0 : 0x12345678, empty ? 0 : 0xabcde, f));
			CHECK(!strcmp(r, "ok") || !strcmp(r, "EINVAL"));
			if (f % 64 < 2 || !strcmp(r, "ok"))
				OBSERVE(name("%s%#x", empty ? "empty " : "", f), "%s, then %s", r, area(pid, 12));
		}
	}
	OBSERVE("parts of empty", "%s %s", set_area(pid, 12, desc(12, 1, 0, 0x28)), set_area(pid, 12, desc(12, 0, 1, 0)));
	end(pid);
}

// A child has its parent's, a program that is executed none.
CASE(thread_areas_fork_and_exec) {
	pid_t pid = traced(forks_and_execs);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC));
	CHECK_STR(set_area(pid, 13, desc(13, 0x5000, 0xff, 0x51)), "ok");
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP event 1");
	unsigned long child = 0;
	CHECK_OK(PT(PTRACE_GETEVENTMSG, pid, 0, &child));
	CHECK_STR(await(child), "SIGSTOP");
	OBSERVE("child", "%s", area(child, 13));
	CHECK_STR(set_area(child, 13, desc(13, 0x6000, 0xff, 0x51)), "ok");
	OBSERVE("parent", "%s", area(pid, 13));
	CHECK_STR(go(PTRACE_CONT, child, 0), "exit 0");
	const char *stop = go(PTRACE_CONT, pid, 0);
	if (!strcmp(stop, "SIGCHLD"))
		stop = go(PTRACE_CONT, pid, 0);
	OBSERVE("exec", "%s", stop);
	OBSERVE("executed", "%s", area(pid, 13));
	end(pid);
}

// looks shows the selectors that it has, in rbx and rcx, without any use of fs.
static void looks(void) {
	__asm__ volatile("int3\n1: xor %%ebx,%%ebx\n xor %%ecx,%%ecx\n mov %%fs,%%ebx\n mov %%gs,%%ecx\n int3\n jmp 1b\n" ::: "rbx", "rcx");
}

// bases tells of the bases as they are by now: those of the beginning, 0 or others.
static const char *bases(struct user_regs_struct *then, struct user_regs_struct *now) {
	return now->fs_base == then->fs_base ? now->gs_base == then->gs_base ? "as before" : "gs changed" : now->fs_base ? "fs changed" : "fs 0";
}

static void selector(const char *which, size_t at, unsigned long v, int described) {
	pid_t pid = traced(looks);
	char what[64];
	snprintf(what, sizeof what, "%s = %lx%s", which, v, described ? ", described" : "");
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	if (described)
		CHECK_STR(set_area(pid, 12, desc(12, 0x1230000, 0xfffff, 0x51)), "ok");
	struct user_regs_struct r = regs_of(pid), now;
	OBSERVE_RET(what, PT(PTRACE_POKEUSER, pid, at, v));
	now = regs_of(pid);
	OBSERVE(name("%s, reads", what), "%llx %llx, bases %s", now.fs, now.gs, bases(&r, &now));
	OBSERVE(name("%s, goes on", what), "%s", go(PTRACE_CONT, pid, 0));
	now = regs_of(pid);
	OBSERVE(name("%s, the tracee's", what), "%llx %llx", now.rbx & 0xffff, now.rcx & 0xffff);
	OBSERVE(name("%s, reads then", what), "%llx %llx, bases %s", now.fs, now.gs, bases(&r, &now));
	OBSERVE_RET(name("%s, back", what), PT(PTRACE_SETREGS, pid, 0, &r));
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	now = regs_of(pid);
	OBSERVE(name("%s, the tracee's after", what), "%llx %llx", now.rbx & 0xffff, now.rcx & 0xffff);
	OBSERVE(name("%s, reads after", what), "%llx %llx, bases %s", now.fs, now.gs, bases(&r, &now));
	end(pid);
}

CASE(selectors_of_fs_and_gs) {
	static const unsigned long values[] = {0, 1, 2, 8, 0x10, 0x28, 0x2a, 0x2b, 0x33, 0x53, 0x7b, 0x1002b};
	for (int i = 0; i < COUNT(values); i++) {
		selector("fs", REG(fs), values[i], 0);
		selector("gs", REG(gs), values[i], 0);
	}
	selector("fs", REG(fs), 0x6b, 1); // another than the one that is described
	selector("gs", REG(gs), 0x6b, 1);
}

static void ends_well(void) {
	__asm__ volatile("int3");
	errno = 5; // is of the thread: found by fs
	_exit(errno);
}

// Whoever has its base again finds its own data.
CASE(selector_and_base_together) {
	pid_t pid = traced(ends_well);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	struct user_regs_struct r = regs_of(pid), s = r;
	s.fs = s.gs = s.ds = s.es = 0x2b;
	OBSERVE_RET("set all", PT(PTRACE_SETREGS, pid, 0, &s));
	s = regs_of(pid);
	OBSERVE("all", "%llx %llx %llx %llx", s.ds, s.es, s.fs, s.gs);
	s.fs = 1;
	OBSERVE_RET("bad fs", PT(PTRACE_SETREGS, pid, 0, &s));
	OBSERVE_RET("set the base", PT(PTRACE_ARCH_PRCTL, pid, r.fs_base, 0x1002));
	s = regs_of(pid);
	OBSERVE("after the base", "%llx %llx %llx %llx %s", s.ds, s.es, s.fs, s.gs, bases(&r, &s));
	CHECK_OK(PT(PTRACE_SETREGS, pid, 0, &r));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}
