// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: stops at system calls, what a tracer changes there, and single steps.
#include "../harness/tracees.h"

// --- System calls ----------------------------------------------------------------------------------------------------------

static volatile long result;
static void two_calls(void) {
	result = raw(SYS_write, -1, 0x1234, 5);
	raw(SYS_exit_group, result == -EBADF ? 1 : result & 0x7f, 0, 0);
}

// to_call brings the tracee to the entry of its next call with that number.
static void to_call(pid_t pid, long nr) {
	for (int i = 0; i < 100; i++) {
		const char *stop = go(PTRACE_SYSCALL, pid, 0);
		if (strcmp(stop, "SIGTRAP|80") && strcmp(stop, "SIGTRAP"))
			break;
		if ((long)regs_of(pid).orig_rax == nr)
			return;
		go(PTRACE_SYSCALL, pid, 0);
	}
	REQUIRE(!"the call came");
}

static void show_info(pid_t pid, const char *what) {
	struct ptrace_syscall_info si;
	struct user_regs_struct r = regs_of(pid);
	memset(&si, 0x77, sizeof si);
	long n = pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof si, (unsigned long)&si);
	OBSERVE(name("%s, info", what), "%ld op %d arch %#x", n, si.op, si.arch);
	CHECK_EQ(si.instruction_pointer, r.rip);
	CHECK_EQ(si.stack_pointer, r.rsp);
	if (si.op == PTRACE_SYSCALL_INFO_ENTRY)
		OBSERVE(name("%s, entry", what), "%llu(%lld, %lld, %lld)", si.entry.nr, si.entry.args[0], si.entry.args[1], si.entry.args[2]);
	if (si.op == PTRACE_SYSCALL_INFO_EXIT)
		OBSERVE(name("%s, exit", what), "%lld error %d", si.exit.rval, si.exit.is_error);
}

CASE(system_call_stops) {
	for (int good = 0; good <= 1; good++) {
		pid_t pid = traced(two_calls);
		CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, good ? PTRACE_O_TRACESYSGOOD : 0));
		to_call(pid, SYS_write);
		siginfo_t si = siginfo_of(pid);
		struct user_regs_struct r = regs_of(pid);
		unsigned long msg = 0;
		OBSERVE(name("entry %d", good), "%s code %#x rax %lld rdi %lld rsi %#llx", sig_name(si.si_signo), si.si_code, (long long)r.rax, (long long)r.rdi, r.rsi);
		CHECK_EQ(r.rcx, r.rip);
		OBSERVE(name("flags %d", good), "%llx", (r.r11 ^ r.eflags) & 0xffff);
		CHECK_OK(PT(PTRACE_GETEVENTMSG, pid, 0, &msg));
		OBSERVE(name("message %d", good), "%lu", msg);
		show_info(pid, name("entry %d", good));
		OBSERVE(name("stop %d", good), "%s", go(PTRACE_SYSCALL, pid, 0));
		r = regs_of(pid);
		CHECK_OK(PT(PTRACE_GETEVENTMSG, pid, 0, &msg));
		OBSERVE(name("exit %d", good), "%lld = %lld message %lu", (long long)r.orig_rax, (long long)r.rax, msg);
		show_info(pid, name("exit %d", good));
		OBSERVE(name("next %d", good), "%s", go(PTRACE_SYSCALL, pid, 0));
		OBSERVE(name("end %d", good), "%s", go(PTRACE_SYSCALL, pid, 0));
	}
}

CASE(system_call_info_sizes) {
	pid_t pid = traced(two_calls);
	char buf[200];
	OBSERVE_RET("signal stop", pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof buf, (unsigned long)buf));
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	to_call(pid, SYS_write);
	for (int n = 0; n <= 200; n += 25) {
		memset(buf, 0x77, sizeof buf);
		OBSERVE_RET(name("%d bytes", n), pt(PTRACE_GET_SYSCALL_INFO, pid, n, (unsigned long)buf));
		int used = 0;
		while (used < 200 && buf[used] != 0x77)
			used++;
		CHECK(used <= n);
	}
	OBSERVE_RET("to nowhere", pt(PTRACE_GET_SYSCALL_INFO, pid, 88, (unsigned long)bad_ptr()));
	end(pid);
}

CASE(tracer_changes_calls) {
	pid_t pid = traced(two_calls);
	to_call(pid, SYS_write);
	struct user_regs_struct r = regs_of(pid);
	r.orig_rax = -1, r.rax = 33;
	set_regs(pid, &r);
	CHECK_STR(go(PTRACE_SYSCALL, pid, 0), "SIGTRAP");
	r = regs_of(pid);
	OBSERVE("skipped", "%lld = %lld", (long long)r.orig_rax, (long long)r.rax);
	OBSERVE("its result", "%s", go(PTRACE_CONT, pid, 0));
	pid = traced(two_calls);
	to_call(pid, SYS_write);
	r = regs_of(pid);
	r.orig_rax = -1;
	set_regs(pid, &r);
	CHECK_STR(go(PTRACE_SYSCALL, pid, 0), "SIGTRAP");
	OBSERVE("skipped, no result", "%lld", (long long)regs_of(pid).rax);
	end(pid);
	pid = traced(two_calls);
	to_call(pid, SYS_write);
	r = regs_of(pid);
	r.orig_rax = SYS_umask, r.rdi = 0;
	set_regs(pid, &r);
	CHECK_STR(go(PTRACE_SYSCALL, pid, 0), "SIGTRAP");
	r = regs_of(pid);
	OBSERVE("another call", "%lld = %lld", (long long)r.orig_rax, (long long)r.rax);
	r.rax = 55;
	set_regs(pid, &r);
	OBSERVE("another result", "%s", go(PTRACE_CONT, pid, 0));
	pid = traced(two_calls);
	to_call(pid, SYS_write);
	r = regs_of(pid);
	r.orig_rax = 5000;
	set_regs(pid, &r);
	CHECK_STR(go(PTRACE_SYSCALL, pid, 0), "SIGTRAP");
	OBSERVE("no such call", "%lld", (long long)regs_of(pid).rax);
	OBSERVE("a signal at the exit", "%s", go(PTRACE_CONT, pid, SIGTERM));
	OBSERVE("its end", "%s", go(PTRACE_CONT, pid, SIGTERM));
}

CASE(set_system_call_info, "kernel>=6.16") {
	enum { SET_INFO = 0x4212 };
	pid_t pid = traced(two_calls);
	struct ptrace_syscall_info si, bad;
	memset(&si, 0, sizeof si);
	OBSERVE_RET("at a signal", pt(SET_INFO, pid, sizeof si, (unsigned long)&si));
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	to_call(pid, SYS_write);
	CHECK_OK(pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof si, (unsigned long)&si));
	OBSERVE_RET("unchanged", pt(SET_INFO, pid, sizeof si, (unsigned long)&si));
	OBSERVE_RET("short", pt(SET_INFO, pid, sizeof si - 1, (unsigned long)&si));
	OBSERVE_RET("long", pt(SET_INFO, pid, sizeof si + 8, (unsigned long)&si));
	OBSERVE_RET("from nowhere", pt(SET_INFO, pid, sizeof si, (unsigned long)bad_ptr()));
	bad = si, bad.op = PTRACE_SYSCALL_INFO_EXIT;
	OBSERVE_RET("another stop", pt(SET_INFO, pid, sizeof si, (unsigned long)&bad));
	bad = si, ((char *)&bad)[1] = 1;
	OBSERVE_RET("reserved", pt(SET_INFO, pid, sizeof si, (unsigned long)&bad));
	bad = si, ((char *)&bad)[3] = 1;
	OBSERVE_RET("flags", pt(SET_INFO, pid, sizeof si, (unsigned long)&bad));
	bad = si, bad.entry.nr = 1ul << 32;
	OBSERVE_RET("number out of range", pt(SET_INFO, pid, sizeof si, (unsigned long)&bad));
	si.entry.nr = SYS_umask, si.entry.args[0] = 077;
	OBSERVE_RET("another call", pt(SET_INFO, pid, sizeof si, (unsigned long)&si));
	CHECK_STR(go(PTRACE_SYSCALL, pid, 0), "SIGTRAP|80");
	OBSERVE("its result", "%lld", (long long)regs_of(pid).rax);
	CHECK_OK(pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof si, (unsigned long)&si));
	si.exit.rval = -EPERM, si.exit.is_error = 1;
	OBSERVE_RET("an error", pt(SET_INFO, pid, sizeof si, (unsigned long)&si));
	OBSERVE("the error", "%lld", (long long)regs_of(pid).rax);
	si.exit.rval = 44, si.exit.is_error = 0;
	OBSERVE_RET("a result", pt(SET_INFO, pid, sizeof si, (unsigned long)&si));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

static char pathname[64] = "before";
static void opens(void) { _exit(open(pathname, O_RDONLY) >= 0 ? 7 : errno); }

// What a call points to is read after the tracer has had its turn.
CASE(tracer_changes_what_a_call_points_to) {
	make_file("after!", "x");
	pid_t pid = traced(opens);
	to_call(pid, SYS_openat);
	CHECK_OK(PT(PTRACE_POKEDATA, pid, pathname, *(long *)"after!\0"));
	OBSERVE("opened", "%s", go(PTRACE_CONT, pid, 0));
}

static void many_calls(void) {
	for (int i = 0; i < 50; i++)
		syscall(SYS_getppid);
	syscall(SYS_getpgid, -1);
	for (int i = 0; i < 50; i++)
		syscall(SYS_getppid);
	_exit(4);
}

// A call that was made often is seen as the first was.
CASE(calls_made_often) {
	pid_t pid = harness_fork();
	if (pid == 0) {
		for (int i = 0; i < 100; i++)
			syscall(SYS_getppid), getuid();
		PT(PTRACE_TRACEME, 0, 0, 0);
		syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
		many_calls();
	}
	CHECK_STR(await(pid), "SIGSTOP");
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	int counts[2] = {0}, odd = 0, after = 0, where = EXIT; // the stop came inside kill
	const char *stop;
	while (!strcmp(stop = go(PTRACE_SYSCALL, pid, 0), "SIGTRAP|80")) {
		struct user_regs_struct r = regs_of(pid);
		long text = peek(pid, (void *)(r.rip - 2));
		odd += (text & 0xffff) != 0x050f;
		after += r.rcx != r.rip;
		where = (long)r.rax == -ENOSYS ? ENTRY : EXIT;
		counts[where] += r.orig_rax == SYS_getppid;
	}
	OBSERVE("end", "%s", stop);
	OBSERVE("getppid", "%d entries %d exits", counts[ENTRY], counts[EXIT]);
	OBSERVE("not behind a syscall instruction", "%d, rcx elsewhere %d", odd, after);
}

CASE(emulation) {
	pid_t pid = traced(two_calls);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	const char *stop = "";
	for (int i = 0; i < 10; i++) {
		stop = go(PTRACE_SYSEMU, pid, 0);
		if (regs_of(pid).orig_rax == SYS_write)
			break;
	}
	OBSERVE("entry", "%s", stop);
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("call", "%lld rax %lld", (long long)r.orig_rax, (long long)r.rax);
	r.rax = 66;
	set_regs(pid, &r);
	OBSERVE("next", "%s", go(PTRACE_SYSEMU, pid, 0));
	r = regs_of(pid);
	OBSERVE("next call", "%lld(%lld)", (long long)r.orig_rax, (long long)r.rdi);
	OBSERVE("exit is not performed", "%s", go(PTRACE_SYSEMU_SINGLESTEP, pid, 0));
	r = regs_of(pid);
	OBSERVE("rax", "%lld", (long long)r.rax);
	end(pid);
}

static void sleeps(void) {
	struct timespec ts = {1000, 0};
	syscall(SYS_nanosleep, &ts, NULL);
}
static void waits_for_input(void) {
	int fds[2];
	char c;
	(void)!pipe(fds);
	(void)!read(fds[0], &c, 1);
}

// An interrupted call shows the restart code, and how it goes on is the tracer's to change.
CASE(restarted_calls) {
	static const struct { const char *name; void (*f)(void); } calls_[] = {{"nanosleep", sleeps}, {"read", waits_for_input}, {"pause", pauses}};
	for (unsigned i = 0; i < 3; i++) {
		pid_t pid = traced(calls_[i].f);
		CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
		REQUIRE(wait_blocked(pid, pid));
		CHECK_OK(kill(pid, SIGWINCH));
		CHECK_STR(await(pid), "SIGWINCH");
		struct user_regs_struct r = regs_of(pid);
		OBSERVE(name("%s, interrupted", calls_[i].name), "%lld = %lld", (long long)r.orig_rax, (long long)r.rax);
		CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
		CHECK_STR(go(PTRACE_SYSCALL, pid, 0), "SIGTRAP|80");
		r = regs_of(pid);
		OBSERVE(name("%s, again", calls_[i].name), "%lld rax %lld", (long long)r.orig_rax, (long long)r.rax);
		CHECK_OK(PT(PTRACE_SYSCALL, pid, 0, 0));
		REQUIRE(wait_blocked(pid, pid));
		CHECK_OK(kill(pid, SIGWINCH));
		CHECK_STR(await(pid), "SIGTRAP|80");
		r = regs_of(pid);
		OBSERVE(name("%s, exit stop", calls_[i].name), "%lld = %lld", (long long)r.orig_rax, (long long)r.rax);
		CHECK_STR(go(PTRACE_SYSCALL, pid, 0), "SIGWINCH");
		r = regs_of(pid);
		r.orig_rax = -1;
		set_regs(pid, &r);
		OBSERVE(name("%s, not made again", calls_[i].name), "%s", go(PTRACE_SINGLESTEP, pid, 0));
		r = regs_of(pid);
		OBSERVE(name("%s, its result", calls_[i].name), "%lld", (long long)r.rax);
		end(pid);
	}
}

// --- Steps -------------------------------------------------------------------------------------------------------------------

void stepped_code(void), stepped_end(void);
__asm__(".pushsection .text\n.globl stepped_code\nstepped_code:\n int3\n nop\n mov $39,%eax\n syscall\n inc %rbx\n pushf\n pop %rdx\n jmp 1f\n nop\n"
	"1: mov $231,%eax\n mov $9,%edi\n syscall\n.globl stepped_end\nstepped_end:\n hlt\n.popsection\n");
static void steps(void) { stepped_code(); }

CASE(single_steps) {
	pid_t pid = traced(steps);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	char trail[200] = "", codes[200] = "";
	const char *stop = "";
	for (int i = 0; i < 20; i++) {
		struct user_regs_struct r = regs_of(pid);
		sprintf(trail + strlen(trail), " %lld", (long long)(r.rip - (unsigned long)stepped_code));
		CHECK_EQ(r.eflags & 0x100, 0);
		if (strcmp(stop = go(PTRACE_SINGLESTEP, pid, 0), "SIGTRAP"))
			break;
		siginfo_t si = siginfo_of(pid);
		sprintf(codes + strlen(codes), " %d", si.si_code);
		CHECK_EQ((unsigned long)si.si_addr, regs_of(pid).rip);
	}
	OBSERVE("trail", "%s", trail);
	OBSERVE("codes", "%s", codes);
	OBSERVE("end", "%s", stop);
}

static void raises_after_trap(void) {
	catch_it(SIGUSR1);
	__asm__ volatile("int3");
	pauses();
}

CASE(step_into_a_handler) {
	pid_t pid = traced(raises_after_trap);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	CHECK_OK(kill(pid, SIGUSR1));
	OBSERVE("signal", "%s", go(PTRACE_SINGLESTEP, pid, 0));
	OBSERVE("handler", "%s", go(PTRACE_SINGLESTEP, pid, SIGUSR1));
	struct user_regs_struct r = regs_of(pid);
	siginfo_t si = siginfo_of(pid);
	OBSERVE("at its start", "%d rdi %lld code %d", r.rip == (unsigned long)on_signal, (long long)r.rdi, si.si_code);
	OBSERVE("and on", "%s", go(PTRACE_SINGLESTEP, pid, 0));
	OBSERVE("code", "%d", siginfo_of(pid).si_code);
	CHECK(regs_of(pid).rip != (unsigned long)on_signal);
	end(pid);
}

static void steps_far(void) {
	for (int i = 0; i < 20; i++)
		syscall(SYS_getppid);
	_exit(5);
}

// Stepping goes through the C library's calls, one instruction at a time.
CASE(many_steps) {
	pid_t pid = traced(steps_far);
	int n = 0, calls_seen = 0, stuck = 0;
	unsigned long last = 0;
	const char *stop;
	while (n < 20000 && !strcmp(stop = go(PTRACE_SINGLESTEP, pid, 0), "SIGTRAP")) {
		struct user_regs_struct r = regs_of(pid);
		n++;
		calls_seen += (peek(pid, (void *)r.rip) & 0xffff) == 0x050f && r.rax == SYS_getppid;
		stuck += r.rip == last;
		last = r.rip;
	}
	OBSERVE("end", "%s", stop);
	OBSERVE("calls", "%d, stuck %d", calls_seen, stuck);
}
