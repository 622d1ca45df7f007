// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: the debug registers (u_debugreg of struct user), which a tracer sets for breakpoints and watchpoints of the processor.
// Only what can be set, what is refused and what reads back: virtual machines seldom let them trap.
#include "../harness/tracees.h"
#include <sys/time.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

#define DR(n) offsetof(struct user, u_debugreg[n])

static long words[4] __attribute__((aligned(64)));

static const char *set_dr(pid_t pid, int n, unsigned long v) { return PT(PTRACE_POKEUSER, pid, DR(n), v) ? errno_name(errno) : "ok"; }
static unsigned long get_dr(pid_t pid, int n) {
	unsigned long v = 0x5a5a5a5a;
	CHECK_OK(PT(PTRACE_PEEKUSER, pid, DR(n), &v));
	return v;
}
// all_drs shows them; addresses as distances from words.
static const char *all_drs(pid_t pid) {
	static char buf[256];
	int n = 0;
	for (int i = 0; i < 4; i++) {
		unsigned long v = get_dr(pid, i);
		n += v ? sprintf(buf + n, "words%+ld ", (long)(v - (unsigned long)words)) : sprintf(buf + n, "0 ");
	}
	sprintf(buf + n, "%#lx %#lx %#lx %#lx", get_dr(pid, 4), get_dr(pid, 5), get_dr(pid, 6), get_dr(pid, 7));
	return buf;
}

// control is a debug register 7 that enables breakpoint n locally.
#define CONTROL(n, type, len) (1ul << (2 * (n)) | ((unsigned long)(type) | (unsigned long)(len) << 2) << (16 + 4 * (n)))
enum { X, W, IO, RW };                  // types
enum { LEN1, LEN2, LEN8, LEN4 };        // lengths

CASE(debug_addresses) {
	pid_t pid = traced(faults);
	OBSERVE("at first", "%s", all_drs(pid));
	static const struct { const char *name; unsigned long v; } odd[] = {{"0", 0}, {"1", 1}, {"last of the user", 0x7fffffffefff},
		{"first beyond", 0x7ffffffff000}, {"not canonical", 1ul << 47}, {"of the kernel", 0xffffffff81000000}, {"-1", ~0ul}};
	for (int n = 0; n < 4; n++) {
		OBSERVE(name("set %d", n), "%s", set_dr(pid, n, (unsigned long)words + 8 * n + 1));
		for (int i = 0; i < COUNT(odd); i++) {
			OBSERVE(name("set %d to %s", n, odd[i].name), "%s", set_dr(pid, n, odd[i].v));
			OBSERVE(name("%d after %s", n, odd[i].name), "%#lx", get_dr(pid, n));
		}
		CHECK_STR(set_dr(pid, n, (unsigned long)words + n), "ok");
	}
	OBSERVE("no 4", "%s", set_dr(pid, 4, 0));
	OBSERVE("no 5", "%s", set_dr(pid, 5, (unsigned long)words));
	OBSERVE("end", "%s", all_drs(pid));
	end(pid);
}

CASE(debug_status) {
	pid_t pid = traced(faults);
	static const unsigned long values[] = {0, 1, 0xf, 0x4000, 0xe00f, 0xffff0ff0, 0xffffffff, ~0ul, 1ul << 40};
	for (int i = 0; i < COUNT(values); i++) {
		OBSERVE(name("set %#lx", values[i]), "%s", set_dr(pid, 6, values[i]));
		OBSERVE(name("after %#lx", values[i]), "%#lx", get_dr(pid, 6));
	}
	end(pid);
}

// Reserved bits of the control register stay as they are written; no breakpoint is enabled by them.
CASE(debug_control_bits) {
	pid_t pid = traced(faults);
	static const unsigned long values[] = {0x100, 0x200, 0x300, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0xffff0000, 1ul << 32,
		1ul << 63, 0xfc00, 0xd0000, 0x10000, 0};
	for (int i = 0; i < COUNT(values); i++) {
		OBSERVE(name("set %#lx", values[i]), "%s", set_dr(pid, 7, values[i]));
		OBSERVE(name("after %#lx", values[i]), "%#lx", get_dr(pid, 7));
	}
	end(pid);
}

// Each type and length, at an aligned address and at others.
CASE(debug_types_and_lengths) {
	for (int n = 0; n < 4; n += 3) {
		for (int type = 0; type < 4; type++) {
			for (int len = 0; len < 4; len++) {
				for (int at = 0; at < 8; at++) {
					pid_t pid = traced(faults);
					CHECK_STR(set_dr(pid, n, (unsigned long)words + at), "ok");
					OBSERVE(name("%d: type %d len %d at %d", n, type, len, at), "%s", set_dr(pid, 7, CONTROL(n, type, len)));
					OBSERVE(name("%d: after type %d len %d at %d", n, type, len, at), "%s", all_drs(pid));
					end(pid);
					if (at == 0 && (type == IO || (type == X && len != LEN1)))
						break;
				}
			}
		}
	}
}

// An address that does not fit the length of a breakpoint that there is, enabled or not.
CASE(debug_address_of_an_enabled_one) {
	pid_t pid = traced(faults);
	CHECK_STR(set_dr(pid, 0, (unsigned long)words), "ok");
	OBSERVE("enable", "%s", set_dr(pid, 7, CONTROL(0, W, LEN8)));
	OBSERVE("move by 8", "%s", set_dr(pid, 0, (unsigned long)words + 8));
	OBSERVE("move by 4", "%s", set_dr(pid, 0, (unsigned long)words + 4));
	OBSERVE("to the kernel", "%s", set_dr(pid, 0, ~7ul));
	OBSERVE("after", "%s", all_drs(pid));
	OBSERVE("end of the user's half", "%s", set_dr(pid, 0, 0x7fffffffeff8));
	OBSERVE("first beyond", "%s", set_dr(pid, 0, 0x7ffffffff000));
	CHECK_STR(set_dr(pid, 0, (unsigned long)words + 8), "ok");
	OBSERVE("disable", "%s", set_dr(pid, 7, CONTROL(0, W, LEN8) & ~1ul));
	OBSERVE("disabled, move by 4", "%s", set_dr(pid, 0, (unsigned long)words + 4));
	OBSERVE("disabled", "%s", all_drs(pid));
	OBSERVE("disabled, of 1 byte", "%s", set_dr(pid, 7, 0));
	OBSERVE("of 1 byte, move by 4", "%s", set_dr(pid, 0, (unsigned long)words + 4));
	OBSERVE("disabled, and the others'", "%s", set_dr(pid, 7, CONTROL(1, W, LEN1) & ~0xfful));
	OBSERVE("disabled, I/O", "%s", set_dr(pid, 7, CONTROL(0, IO, LEN1) & ~0xfful));
	OBSERVE("disabled, execution of 4", "%s", set_dr(pid, 7, CONTROL(0, X, LEN4) & ~0xfful));
	OBSERVE("none there, I/O, disabled", "%s", set_dr(pid, 7, CONTROL(3, IO, LEN1) & ~0xfful));
	OBSERVE("end", "%s", all_drs(pid));
	end(pid);
}

// Enabled without an address: it is 0. Both ways to enable.
CASE(debug_enabled_without_an_address) {
	static const unsigned long values[] = {CONTROL(0, W, LEN1), 0x10002, CONTROL(1, X, LEN1), CONTROL(2, RW, LEN8),
		CONTROL(0, W, LEN1) | CONTROL(1, W, LEN4) | CONTROL(2, X, LEN1) | CONTROL(3, RW, LEN2), 0xff, CONTROL(1, IO, LEN1) | CONTROL(0, W, LEN1),
		CONTROL(0, W, LEN1) | CONTROL(3, IO, LEN1)};
	for (int i = 0; i < COUNT(values); i++) {
		pid_t pid = traced(faults);
		OBSERVE(name("set %#lx", values[i]), "%s", set_dr(pid, 7, values[i]));
		OBSERVE(name("after %#lx", values[i]), "%s", all_drs(pid));
		OBSERVE(name("address after %#lx", values[i]), "%s", set_dr(pid, 2, (unsigned long)words + 4));
		OBSERVE(name("all after %#lx", values[i]), "%s", all_drs(pid));
		end(pid);
	}
}

// One that is refused leaves the others as they were.
CASE(debug_refused_leaves_all) {
	pid_t pid = traced(faults);
	for (int n = 0; n < 4; n++)
		CHECK_STR(set_dr(pid, n, (unsigned long)words + 8 * n), "ok");
	unsigned long good = CONTROL(0, W, LEN8) | CONTROL(1, RW, LEN4);
	OBSERVE("good", "%s", set_dr(pid, 7, good));
	OBSERVE("I/O", "%s", set_dr(pid, 7, good | CONTROL(2, IO, LEN1)));
	OBSERVE("execution of 2", "%s", set_dr(pid, 7, CONTROL(0, W, LEN1) | CONTROL(3, X, LEN2)));
	OBSERVE("after", "%s", all_drs(pid));
	OBSERVE("still of 8", "%s", set_dr(pid, 0, (unsigned long)words + 4));
	OBSERVE("still of 4", "%s", set_dr(pid, 1, (unsigned long)words + 14));
	OBSERVE("never enabled", "%s", set_dr(pid, 2, (unsigned long)words + 17));
	OBSERVE("disabled", "%s", set_dr(pid, 7, good & ~0xful));
	OBSERVE("of 8, disabled", "%s", set_dr(pid, 0, (unsigned long)words + 4));
	OBSERVE("refused again", "%s", set_dr(pid, 7, CONTROL(3, IO, LEN1)));
	OBSERVE("of 1 now, disabled", "%s", set_dr(pid, 0, (unsigned long)words + 4));
	OBSERVE("end", "%s", all_drs(pid));
	end(pid);
}

// A child has none, and a program that is executed neither.
CASE(debug_fork_and_exec) {
	pid_t pid = traced(forks_and_execs);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC));
	CHECK_STR(set_dr(pid, 0, (unsigned long)words), "ok");
	CHECK_STR(set_dr(pid, 6, 0x4001), "ok");
	CHECK_STR(set_dr(pid, 7, CONTROL(0, W, LEN8) | 0x100), "ok");
	OBSERVE("before", "%s", all_drs(pid));
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP event 1");
	unsigned long child = 0;
	CHECK_OK(PT(PTRACE_GETEVENTMSG, pid, 0, &child));
	CHECK_STR(await(child), "SIGSTOP");
	OBSERVE("parent", "%s", all_drs(pid));
	OBSERVE("child", "%s", all_drs(child));
	OBSERVE("child ends", "%s", go(PTRACE_CONT, child, 0));
	const char *stop = go(PTRACE_CONT, pid, 0);
	if (!strcmp(stop, "SIGCHLD"))
		stop = go(PTRACE_CONT, pid, 0);
	OBSERVE("exec", "%s", stop);
	OBSERVE("executed", "%s", all_drs(pid));
	end(pid);
}

static void *waits(void *p) {
	for (;;)
		pause();
	return p;
}
static void threads(void) {
	pthread_t t;
	pthread_create(&t, NULL, waits, NULL);
	pause();
}

// Each thread has its own.
CASE(debug_threads) {
	pid_t pid = traced(threads);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE));
	CHECK_STR(set_dr(pid, 0, (unsigned long)words), "ok");
	CHECK_STR(set_dr(pid, 7, CONTROL(0, RW, LEN8)), "ok");
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP event 3");
	unsigned long thread = 0;
	CHECK_OK(PT(PTRACE_GETEVENTMSG, pid, 0, &thread));
	CHECK_STR(await(thread), "SIGSTOP");
	OBSERVE("the first", "%s", all_drs(pid));
	OBSERVE("the new one", "%s", all_drs(thread));
	OBSERVE("set the new one's", "%s", set_dr(thread, 1, (unsigned long)words + 8));
	OBSERVE("the first, again", "%s", all_drs(pid));
	kill(pid, SIGKILL);
	CHECK_STR(await(thread), "signal SIGKILL"); // the process ends with its last thread
	end(pid);
}

// Whoever attaches next finds them, and nobody needs to.
CASE(debug_attached_again) {
	pid_t pid = traced(pauses);
	CHECK_STR(set_dr(pid, 0, (unsigned long)words), "ok");
	CHECK_STR(set_dr(pid, 6, 0xf), "ok");
	CHECK_STR(set_dr(pid, 7, CONTROL(0, W, LEN8)), "ok");
	CHECK_OK(PT(PTRACE_DETACH, pid, 0, 0));
	REQUIRE(wait_blocked(pid, pid));
	CHECK_OK(PT(PTRACE_ATTACH, pid, 0, 0));
	CHECK_STR(await(pid), "SIGSTOP");
	OBSERVE("still there", "%s", all_drs(pid));
	OBSERVE("of 8 bytes", "%s", set_dr(pid, 0, (unsigned long)words + 4));
	end(pid);
}

void stepped(void);
__asm__(".pushsection .text\n.globl stepped\nstepped:\n int3\n nop\n nop\n mov $39,%eax\n syscall\n nop\n int3\n .byte 0xf1\n ret\n.popsection\n");

// The status register tells of a step, until the next trap.
CASE(debug_status_of_traps) {
	pid_t pid = traced(stepped);
	OBSERVE("breakpoint", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("its status", "%#lx", get_dr(pid, 6));
	for (int i = 0; i < 5; i++) {
		OBSERVE(name("step %d", i), "%s", go(PTRACE_SINGLESTEP, pid, 0));
		OBSERVE(name("step %d, code", i), "%d", siginfo_of(pid).si_code);
		OBSERVE(name("step %d, status", i), "%#lx", get_dr(pid, 6));
		if (i == 1)
			OBSERVE("cleared", "%s", set_dr(pid, 6, 0));
	}
	OBSERVE("breakpoint again", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("its code", "%d", siginfo_of(pid).si_code);
	OBSERVE("its status again", "%#lx", get_dr(pid, 6));
	OBSERVE("int1", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("int1's code", "%d", siginfo_of(pid).si_code);
	OBSERVE("int1's address", "%ld", (long)siginfo_of(pid).si_addr - (long)stepped);
	OBSERVE("int1's status", "%#lx", get_dr(pid, 6));
	end(pid);
}

// --- Programs with breakpoints -----------------------------------------------------------------------------------------

static long unused __attribute__((aligned(8)));
static volatile int steps_seen;
static void on_step(int sig, siginfo_t *si, void *uc) {
	(void)sig, (void)uc;
	steps_seen += si->si_code == 2; // TRAP_TRACE
}

static unsigned long flags_now(void) {
	unsigned long f;
	__asm__ volatile("pushf\n pop %0" : "=r"(f));
	return f;
}

// What a program finds of itself: a bit for each thing that is as it should be.
static void looks_at_itself(void) {
	unsigned good = 0;
	good |= !(flags_now() & 0x10100) << 0;
	unsigned long r11;
	long r;
	__asm__ volatile("syscall\n mov %%r11,%1" : "=a"(r), "=r"(r11) : "a"(SYS_getppid) : "rcx", "r11", "memory");
	good |= (r > 0 && !(r11 & 0x10100)) << 1;
	char from[300], to[300];
	for (int i = 0; i < 300; i++)
		from[i] = i;
	void *d = to, *s = from;
	unsigned long n = sizeof to;
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n)::"memory");
	good |= !memcmp(from, to, sizeof to) << 2;
	struct sigaction sa = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
	sigaction(SIGTRAP, &sa, NULL);
	__asm__ volatile("pushf\n orq $0x100,(%%rsp)\n popf\n nop\n nop\n pushf\n andq $~0x100,(%%rsp)\n popf\n" ::: "memory", "cc");
	good |= (steps_seen > 3) << 3;
	_exit(good | steps_seen << 4);
}

static void runs_others(void) {
	int st = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(flags_now() & 0x100 ? 1 : 17);
	waitpid(pid, &st, 0);
	pid_t pid2 = vfork();
	if (pid2 == 0) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	int st2 = 1;
	waitpid(pid2, &st2, 0);
	_exit(st >> 8 | st2);
}

static void *counts(void *p) {
	for (int i = 0; i < 100; i++)
		__atomic_add_fetch((int *)p, 1, __ATOMIC_RELAXED);
	return p;
}
static void has_threads(void) {
	int n = 0;
	pthread_t t[3];
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, counts, &n);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	_exit(n == 300);
}

static void is_signalled(void) {
	catch_it(SIGUSR1), catch_it(SIGSEGV);
	raise(SIGUSR1);
	int n = seen == SIGUSR1;
	struct itimerval tv = {.it_value = {0, 1000}};
	catch_it(SIGALRM);
	sig_block(SIGALRM);
	setitimer(ITIMER_REAL, &tv, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigsuspend(&none);
	_exit(n + (seen == SIGALRM) * 2);
}

// A program with a breakpoint that it never comes to runs as one without.
CASE(debug_unused_breakpoints) {
	static const struct { const char *name; void (*f)(void); } programs[] = {{"looks at itself", looks_at_itself}, {"runs others", runs_others},
		{"has threads", has_threads}, {"is signalled", is_signalled}, {"executes", execs}, {"faults", faults}};
	static const unsigned long controls[] = {CONTROL(0, W, LEN8), CONTROL(0, RW, LEN8), CONTROL(1, X, LEN1)};
	for (int i = 0; i < COUNT(programs); i++) {
		for (int c = 0; c < COUNT(controls); c++) {
			pid_t pid = traced(programs[i].f);
			CHECK_STR(set_dr(pid, 0, (unsigned long)&unused), "ok");
			CHECK_STR(set_dr(pid, 1, (unsigned long)stepped), "ok");
			CHECK_STR(set_dr(pid, 7, controls[c]), "ok");
			char trail[300] = "";
			const char *stop = go(PTRACE_CONT, pid, 0);
			for (int n = 0; n < 20 && strncmp(stop, "exit", 4) && strncmp(stop, "signal", 6); n++) {
				sprintf(trail + strlen(trail), "%s ", stop);
				siginfo_t si = siginfo_of(pid);
				stop = go(PTRACE_CONT, pid, !strcmp(stop, "SIGTRAP") && si.si_code <= 0 ? 0 : si.si_signo);
			}
			OBSERVE(name("%s, %#lx", programs[i].name, controls[c]), "%s%s", trail, stop);
		}
	}
}
