// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: who may trace whom, which stops there are and what wait and siginfo tell of them, and what a tracer sees and
// changes of its tracee: memory, registers, signals, system calls. ptrace.go has attaching, events and threads.
#include "../harness/ptraces.h"

#define ENTRY 0 // of a system call stop
#define EXIT 1

static volatile int seen;          // by signal handlers of tracees
static volatile siginfo_t seen_si; // what came with it
static void on_signal(int sig, siginfo_t *si, void *uc) {
	(void)uc;
	seen = sig;
	memcpy((void *)&seen_si, si, sizeof *si);
}
static void catch_it(int sig) {
	struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
	sigaction(sig, &sa, NULL);
}

static void nothing(void) {}
static void pauses(void) {
	for (;;)
		pause();
}

// --- Beginning and ending ------------------------------------------------------------------------------------------

static void execs(void) {
	char *argv[] = {"true", NULL}, *envp[] = {NULL};
	execve("/bin/true", argv, envp);
	_exit(98);
}

CASE(exec_traps) {
	pid_t pid = traced(execs);
	OBSERVE("exec", "%s", go(PTRACE_CONT, pid, 0));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %d from %s", sig_name(si.si_signo), si.si_code, si.si_pid == pid ? "itself" : "another");
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("call", "%lld = %lld", (long long)r.orig_rax, (long long)r.rax);
	OBSERVE("cs ss ds es fs gs", "%llx %llx %llx %llx %llx %llx", r.cs, r.ss, r.ds, r.es, r.fs, r.gs);
	OBSERVE("fresh", "%llx %llx %llx %llx bases %llx %llx", r.rbx, r.rcx, r.rdi, r.r15, r.fs_base, r.gs_base);
	OBSERVE("flags", "%llx", r.eflags);
	OBSERVE("argc", "%ld", peek(pid, (void *)r.rsp));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

CASE(traceme_twice) {
	IN_CHILD(NULL) {
		OBSERVE_RET("first", PT(PTRACE_TRACEME, 0, 0, 0));
		OBSERVE_RET("second", PT(PTRACE_TRACEME, 0, 0, 0));
		OBSERVE_RET("with garbage", PT(PTRACE_TRACEME, -5, 7, 9));
	}
}

CASE(errors) {
	pid_t child = harness_fork();
	if (child == 0)
		pauses();
	OBSERVE_RET("no such process", PT(PTRACE_CONT, 0x7ffffff0, 0, 0));
	OBSERVE_RET("pid 0", PT(PTRACE_CONT, 0, 0, 0));
	OBSERVE_RET("pid -1", PT(PTRACE_CONT, -1, 0, 0));
	OBSERVE_RET("attach pid 0", PT(PTRACE_ATTACH, 0, 0, 0));
	OBSERVE_RET("not traced", PT(PTRACE_CONT, child, 0, 0));
	OBSERVE_RET("not traced, detach", PT(PTRACE_DETACH, child, 0, 0));
	OBSERVE_RET("not traced, kill", PT(PTRACE_KILL, child, 0, 0));
	OBSERVE_RET("not traced, interrupt", PT(PTRACE_INTERRUPT, child, 0, 0));
	OBSERVE_RET("unknown request, not traced", PT(0x9999, child, 0, 0));
	OBSERVE_RET("itself", PT(PTRACE_ATTACH, getpid(), 0, 0));
	OBSERVE_RET("seize itself", PT(PTRACE_SEIZE, getpid(), 0, 0));
	OBSERVE_RET("seize with addr", PT(PTRACE_SEIZE, child, 1, 0));
	OBSERVE_RET("seize with unknown options", PT(PTRACE_SEIZE, child, 0, 0x100));
	OBSERVE_RET("seize nobody with addr", PT(PTRACE_SEIZE, 0x7ffffff0, 1, 0));
	end(child);
	pid_t pid = traced(pauses);
	static const long unknown[] = {0x9999, -1, 10, 11, 18, 19, 20, 22, 23, 27, 0x4220};
	for (unsigned i = 0; i < sizeof unknown / sizeof *unknown; i++)
		OBSERVE_RET(name("unknown request %#lx", unknown[i]), PT(unknown[i], pid, 0, 0));
	OBSERVE_RET("cont with signal 65", PT(PTRACE_CONT, pid, 0, 65));
	OBSERVE_RET("cont with signal -1", PT(PTRACE_CONT, pid, 0, -1));
	OBSERVE_RET("syscall with signal 65", PT(PTRACE_SYSCALL, pid, 0, 65));
	OBSERVE_RET("step with signal 65", PT(PTRACE_SINGLESTEP, pid, 0, 65));
	OBSERVE_RET("detach with signal 65", PT(PTRACE_DETACH, pid, 0, 65));
	OBSERVE_RET("interrupt without seize", PT(PTRACE_INTERRUPT, pid, 0, 0));
	OBSERVE_RET("listen without seize", PT(PTRACE_LISTEN, pid, 0, 0));
	OBSERVE_RET("attach twice", PT(PTRACE_ATTACH, pid, 0, 0));
	OBSERVE_RET("seize a tracee", PT(PTRACE_SEIZE, pid, 0, 0));
	IN_CHILD(NULL) {
		OBSERVE_RET("another's tracee", PT(PTRACE_CONT, pid, 0, 0));
		OBSERVE_RET("attach to another's tracee", PT(PTRACE_ATTACH, pid, 0, 0));
		OBSERVE_RET("a child's parent", PT(PTRACE_GETSIGINFO, getppid(), 0, 0));
	}
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	OBSERVE_RET("running", PT(PTRACE_CONT, pid, 0, 0));
	OBSERVE_RET("running, peek", PT(PTRACE_PEEKDATA, pid, &seen, &seen));
	end(pid);
	OBSERVE_RET("gone", PT(PTRACE_CONT, pid, 0, 0));
}

CASE(detach_leaves_it_running) {
	pid_t pid = traced(pauses);
	CHECK_STR(proc_field(pid, "State"), "t");
	CHECK_EQ(atoi(proc_field(pid, "TracerPid")), getpid());
	OBSERVE_RET("detach", PT(PTRACE_DETACH, pid, 0, 0));
	CHECK_EQ(atoi(proc_field(pid, "TracerPid")), 0);
	REQUIRE(wait_blocked(pid, pid));
	OBSERVE("state", "%s", proc_field(pid, "State"));
	OBSERVE_RET("nothing to wait for", waitpid(pid, NULL, WNOHANG | WUNTRACED));
	end(pid);
}

CASE(detach_with_a_signal) {
	pid_t pid = traced(pauses);
	OBSERVE_RET("detach", PT(PTRACE_DETACH, pid, 0, SIGUSR1));
	OBSERVE("end", "%s", await(pid));
}

CASE(kill_request) {
	pid_t pid = traced(pauses);
	OBSERVE_RET("kill", PT(PTRACE_KILL, pid, 0, 0));
	OBSERVE("end", "%s", await(pid));
	pid = traced(pauses);
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	OBSERVE_RET("kill while it runs", PT(PTRACE_KILL, pid, 0, 0));
	OBSERVE("end of the running", "%s", await(pid));
}

CASE(sigkill_ends_a_stop) {
	pid_t pid = traced(pauses);
	CHECK_OK(kill(pid, SIGKILL));
	OBSERVE("end", "%s", await(pid));
}

// A tracer that dies lets its tracees go on, or takes them with it.
CASE(death_of_the_tracer) {
	for (int kills = 0; kills <= 1; kills++) {
		struct gate ready = gate_open();
		int fds[2];
		REQUIRE_OK(pipe(fds));
		pid_t tracee = harness_fork();
		if (tracee == 0) {
			close(fds[1]);
			char c;
			_exit(read(fds[0], &c, 1) == 1 ? c : 1);
		}
		pid_t tracer = harness_fork();
		if (tracer == 0) {
			if (PT(PTRACE_SEIZE, tracee, 0, kills ? PTRACE_O_EXITKILL : 0) || PT(PTRACE_INTERRUPT, tracee, 0, 0))
				_exit(99);
			await(tracee);
			gate_signal(&ready);
			_exit(0);
		}
		gate_wait(&ready);
		OBSERVE(name("tracer %d", kills), "%s", status_text(wait_for(tracer)));
		CHECK_EQ(write(fds[1], "\7", 1), 1);
		OBSERVE(name("tracee %d", kills), "%s", await(tracee));
		close(fds[0]), close(fds[1]);
		gate_close(&ready);
	}
}

// --- Waiting ---------------------------------------------------------------------------------------------------------

static void raises(void) {
	catch_it(SIGUSR1);
	syscall(SYS_kill, syscall(SYS_getpid), SIGUSR1);
	_exit(seen);
}

CASE(waitid_tells_of_the_stop) {
	pid_t pid = traced(raises);
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	siginfo_t si = {0};
	CHECK_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	OBSERVE("peeked", "%s code %d status %d", sig_name(si.si_signo), si.si_code, si.si_status);
	CHECK_EQ(si.si_pid, pid);
	memset(&si, 0, sizeof si);
	CHECK_OK(waitid(P_PID, pid, &si, WSTOPPED));
	OBSERVE("taken", "%s code %d status %d", sig_name(si.si_signo), si.si_code, si.si_status);
	memset(&si, 0, sizeof si);
	OBSERVE_RET("nothing left", waitid(P_PID, pid, &si, WSTOPPED | WEXITED | WCONTINUED | WNOHANG));
	OBSERVE("nothing", "%d %d", si.si_signo, si.si_pid);
	OBSERVE("go on", "%s", go(PTRACE_CONT, pid, 0));
}

CASE(plain_waitpid_tells_of_the_stop) {
	pid_t pid = traced(raises);
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	int st = 0;
	CHECK_EQ(wait4(-1, &st, 0, NULL), pid);
	OBSERVE("status", "%s", stop_text(st));
	end(pid);
}

CASE(sigchld_tells_the_tracer) {
	sig_catch(SIGCHLD, 0);
	pid_t pid = traced(raises);
	OBSERVE("stopped", "%d code %d status %d", sig_count[SIGCHLD], sig_info[SIGCHLD].si_code, sig_info[SIGCHLD].si_status);
	CHECK_EQ(sig_info[SIGCHLD].si_pid, pid);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGUSR1");
	OBSERVE("signal", "%d code %d status %d", sig_count[SIGCHLD], sig_info[SIGCHLD].si_code, sig_info[SIGCHLD].si_status);
	CHECK_STR(go(PTRACE_CONT, pid, SIGUSR1), "exit 10");
	OBSERVE("end", "%d code %d status %d", sig_count[SIGCHLD], sig_info[SIGCHLD].si_code, sig_info[SIGCHLD].si_status);
	sig_catch(SIGCHLD, SA_NOCLDSTOP);
	sig_count[SIGCHLD] = 0;
	pid = traced(raises);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGUSR1");
	OBSERVE("with SA_NOCLDSTOP", "%d", sig_count[SIGCHLD]);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "exit 0");
	OBSERVE("with SA_NOCLDSTOP, end", "%d", sig_count[SIGCHLD]);
}

// A tracer that ignores SIGCHLD still has its tracees to wait for.
CASE(ignored_sigchld) {
	signal(SIGCHLD, SIG_IGN);
	pid_t pid = traced(nothing);
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("again", "%s", await(pid));
}

// --- Signals -----------------------------------------------------------------------------------------------------------

CASE(signals_pass_by_the_tracer) {
	pid_t pid = traced(raises);
	OBSERVE("stop", "%s", go(PTRACE_CONT, pid, 0));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %d from %s", sig_name(si.si_signo), si.si_code, si.si_pid == pid ? "itself" : "another");
	OBSERVE("suppressed", "%s", go(PTRACE_CONT, pid, 0));
	pid = traced(raises);
	go(PTRACE_CONT, pid, 0);
	OBSERVE("delivered", "%s", go(PTRACE_CONT, pid, SIGUSR1));
	pid = traced(raises);
	go(PTRACE_CONT, pid, 0);
	OBSERVE("replaced by a fatal one", "%s", go(PTRACE_CONT, pid, SIGTERM));
}

static void catches_two(void) {
	catch_it(SIGUSR1), catch_it(SIGUSR2);
	syscall(SYS_kill, syscall(SYS_getpid), SIGUSR1);
	pauses();
}

CASE(siginfo_of_a_changed_signal) {
	pid_t pid = traced(catches_two);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGUSR1");
	CHECK_OK(PT(PTRACE_CONT, pid, 0, SIGUSR2));
	REQUIRE(wait_blocked(pid, pid));
	CHECK_OK(kill(pid, SIGUSR2));
	CHECK_STR(await(pid), "SIGUSR2");
	siginfo_t si;
	for (size_t i = 0; i < sizeof si / 8; i++)
		((long *)&si)[i] = peek(pid, (char *)&seen_si + i * 8);
	OBSERVE("handler saw", "%s code %d from %s", sig_name(si.si_signo), si.si_code, si.si_pid == getpid() ? "tracer" : "another");
	si = siginfo_of(pid);
	si.si_code = -77, si.si_errno = 5;
	si.si_value.sival_ptr = (void *)0x1234567;
	OBSERVE_RET("set", PT(PTRACE_SETSIGINFO, pid, 0, &si));
	OBSERVE_RET("set from nowhere", PT(PTRACE_SETSIGINFO, pid, 0, bad_ptr()));
	OBSERVE_RET("get to nowhere", PT(PTRACE_GETSIGINFO, pid, 0, bad_ptr()));
	CHECK_OK(PT(PTRACE_CONT, pid, 0, SIGUSR2));
	REQUIRE(wait_blocked(pid, pid));
	CHECK_OK(kill(pid, SIGUSR1));
	CHECK_STR(await(pid), "SIGUSR1");
	for (size_t i = 0; i < sizeof si / 8; i++)
		((long *)&si)[i] = peek(pid, (char *)&seen_si + i * 8);
	OBSERVE("handler saw what was set", "%s code %d errno %d value %p", sig_name(si.si_signo), si.si_code, si.si_errno, si.si_value.sival_ptr);
	end(pid);
}

CASE(ignored_signals_stop) {
	static const int sigs[] = {SIGCHLD, SIGWINCH, SIGURG, SIGCONT, SIGUSR1};
	pid_t pid = traced(pauses);
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	REQUIRE(wait_blocked(pid, pid));
	for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) {
		CHECK_OK(kill(pid, sigs[i]));
		OBSERVE(sig_name(sigs[i]), "%s", await(pid));
		CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	}
	end(pid);
}

static void blocks(void) {
	sig_block(SIGUSR1);
	syscall(SYS_kill, syscall(SYS_getpid), SIGUSR1);
	syscall(SYS_kill, syscall(SYS_getpid), SIGUSR2);
	pauses();
}

CASE(blocked_signals_wait) {
	pid_t pid = traced(blocks);
	OBSERVE("only the other", "%s", go(PTRACE_CONT, pid, 0));
	uint64_t mask = 0;
	OBSERVE_RET("mask", PT(PTRACE_GETSIGMASK, pid, 8, &mask));
	OBSERVE("mask is", "%#lx", mask);
	OBSERVE_RET("mask, wrong size", PT(PTRACE_GETSIGMASK, pid, 4, &mask));
	OBSERVE_RET("mask to nowhere", PT(PTRACE_GETSIGMASK, pid, 8, bad_ptr()));
	struct { uint64_t off; uint32_t flags; int32_t nr; } args = {0, 0, 4};
	siginfo_t si[4] = {0};
	OBSERVE_RET("queued for the thread", PT(PTRACE_PEEKSIGINFO, pid, &args, si));
	args.flags = 1;
	OBSERVE_RET("queued for the process", PT(PTRACE_PEEKSIGINFO, pid, &args, si));
	OBSERVE("queued", "%s code %d", sig_name(si[0].si_signo), si[0].si_code);
	args.off = 1;
	OBSERVE_RET("beyond", PT(PTRACE_PEEKSIGINFO, pid, &args, si));
	args = (typeof(args)){0, 2, 1};
	OBSERVE_RET("bad flags", PT(PTRACE_PEEKSIGINFO, pid, &args, si));
	args = (typeof(args)){0, 0, -1};
	OBSERVE_RET("bad count", PT(PTRACE_PEEKSIGINFO, pid, &args, si));
	args = (typeof(args)){0, 1, 1};
	OBSERVE_RET("to nowhere", PT(PTRACE_PEEKSIGINFO, pid, &args, bad_ptr()));
	mask = ~0ul;
	OBSERVE_RET("block all", PT(PTRACE_SETSIGMASK, pid, 8, &mask));
	CHECK_OK(PT(PTRACE_GETSIGMASK, pid, 8, &mask));
	OBSERVE("all but", "%#lx", ~mask);
	mask = 0;
	OBSERVE_RET("block none", PT(PTRACE_SETSIGMASK, pid, 8, &mask));
	OBSERVE("comes now", "%s", go(PTRACE_CONT, pid, 0));
	end(pid);
}

static void faults(void) { *(volatile int *)16 = 1; }

CASE(faults_stop) {
	pid_t pid = traced(faults);
	OBSERVE("stop", "%s", go(PTRACE_CONT, pid, 0));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %d addr %p", sig_name(si.si_signo), si.si_code, si.si_addr);
	OBSERVE("orig_rax", "%lld", (long long)regs_of(pid).orig_rax);
	OBSERVE("again when suppressed", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("dies of it", "%s", go(PTRACE_CONT, pid, SIGSEGV));
}

CASE(group_stop) {
	pid_t pid = traced(pauses);
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	REQUIRE(wait_blocked(pid, pid));
	CHECK_OK(kill(pid, SIGTSTP));
	OBSERVE("signal", "%s", await(pid));
	OBSERVE("group stop", "%s", go(PTRACE_CONT, pid, SIGTSTP));
	siginfo_t si;
	OBSERVE_RET("has no siginfo", PT(PTRACE_GETSIGINFO, pid, 0, &si));
	OBSERVE("state", "%s", proc_field(pid, "State"));
	CHECK_OK(kill(pid, SIGCONT));
	OBSERVE_RET("SIGCONT does not end it", waitpid(pid, NULL, __WALL | WNOHANG));
	OBSERVE("SIGCONT comes when it goes on", "%s", go(PTRACE_CONT, pid, 0));
	end(pid);
}

// --- Memory --------------------------------------------------------------------------------------------------------------

static long word = 0x1122334455667788;
static const char constant[16] = "read-only";

CASE(peek_and_poke) {
	char *none = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *ro = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(none, "hidden"), strcpy(ro, "fixed"), strcpy(two + 4092, "across");
	CHECK_OK(mprotect(none, 4096, PROT_NONE));
	CHECK_OK(mprotect(ro, 4096, PROT_READ));
	CHECK_OK(mprotect(two + 4096, 4096, PROT_NONE));
	int fd = make_file("shared", "0123456789abcdef");
	char *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, open("shared", O_RDONLY), 0);
	char *writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *hole = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK_OK(munmap(hole + 4096, 4096));
	pid_t pid = traced(pauses);
	long v = 0;
	OBSERVE("data", "%#lx", peek(pid, &word));
	OBSERVE("unaligned", "%#lx", peek(pid, (char *)&word + 0) >> 8);
	OBSERVE_RET("poke", PT(PTRACE_POKEDATA, pid, &word, 0x99));
	OBSERVE("poked", "%#lx, here %#lx", peek(pid, &word), word);
	v = peek(pid, none);
	OBSERVE("PROT_NONE", "%.8s", (char *)&v);
	OBSERVE_RET("poke PROT_NONE", PT(PTRACE_POKEDATA, pid, none, 0x4141414141));
	v = peek(pid, none);
	OBSERVE("poked PROT_NONE", "%.8s", (char *)&v);
	OBSERVE_RET("poke PROT_READ", PT(PTRACE_POKEDATA, pid, ro, 0x42424242));
	v = peek(pid, ro);
	OBSERVE("poked PROT_READ", "%.8s", (char *)&v);
	v = peek(pid, two + 4092);
	OBSERVE("across protections", "%.8s", (char *)&v);
	OBSERVE_RET("poke across protections", PT(PTRACE_POKETEXT, pid, two + 4092, 0x4747474746464646));
	v = peek(pid, two + 4092);
	OBSERVE("poked across", "%.8s", (char *)&v);
	OBSERVE_RET("poke .rodata", PT(PTRACE_POKEDATA, pid, constant, 0x43434343));
	v = peek(pid, constant);
	OBSERVE("poked .rodata", "%.8s, here %.8s", (char *)&v, constant);
	OBSERVE_RET("poke a read-only shared file", PT(PTRACE_POKEDATA, pid, shared, 0x44444444));
	OBSERVE_RET("poke a shared file", PT(PTRACE_POKEDATA, pid, writable, 0x4545454545454545));
	OBSERVE("the file has it", "%s", read_file("shared"));
	OBSERVE_RET("peek nothing", PT(PTRACE_PEEKDATA, pid, bad_ptr(), &v));
	OBSERVE_RET("poke nothing", PT(PTRACE_POKEDATA, pid, bad_ptr(), 1));
	OBSERVE_RET("peek into a hole", PT(PTRACE_PEEKDATA, pid, hole + 4092, &v));
	OBSERVE_RET("peek the kernel's half", PT(PTRACE_PEEKDATA, pid, 0xffffffff81000000, &v));
	OBSERVE_RET("peek to nowhere", PT(PTRACE_PEEKDATA, pid, &word, bad_ptr()));
	end(pid);
}

static int answer(void);
__asm__(".pushsection .text\nanswer:\nmov $1,%eax\nret\n.popsection\n");
static void calls(void) { _exit(answer()); }

CASE(poke_text) {
	pid_t pid = traced(calls);
	long old = peek(pid, (void *)answer);
	OBSERVE("text", "%#lx", old & 0xffffffffffff);
	CHECK_OK(PT(PTRACE_POKETEXT, pid, answer, (old & ~0xffl) | 0xcc));
	OBSERVE("breakpoint", "%s", go(PTRACE_CONT, pid, 0));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %d addr %p", sig_name(si.si_signo), si.si_code, si.si_addr);
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("rip", "answer+%lld", (long long)(r.rip - (unsigned long)answer));
	CHECK_OK(PT(PTRACE_POKETEXT, pid, answer, (old & ~0xff00l) | 42 << 8));
	r.rip--;
	set_regs(pid, &r);
	OBSERVE("patched", "%s", go(PTRACE_CONT, pid, 0));
}

// /proc/PID/mem is the other way in, with the same rights, for a tracee that runs too.
CASE(proc_mem) {
	char *ro = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(ro, "fixed");
	CHECK_OK(mprotect(ro, 4096, PROT_NONE));
	pid_t pid = traced(calls);
	char path[64], buf[8] = "";
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int fd = open(path, O_RDWR);
	OBSERVE_RET("read PROT_NONE", pread(fd, buf, 6, (off_t)ro));
	OBSERVE("bytes", "%s", buf);
	OBSERVE_RET("write PROT_NONE", pwrite(fd, "other", 6, (off_t)ro));
	OBSERVE_RET("read it again", pread(fd, buf, 6, (off_t)ro));
	OBSERVE("bytes again", "%s", buf);
	OBSERVE_RET("write text", pwrite(fd, "\x2b", 1, (off_t)answer + 1));
	OBSERVE_RET("write nowhere", pwrite(fd, "\x2b", 1, (off_t)bad_ptr()));
	OBSERVE("runs it", "%s", go(PTRACE_CONT, pid, 0));
	pid = harness_fork();
	if (pid == 0)
		pauses();
	REQUIRE(wait_blocked(pid, pid));
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	OBSERVE_RET("write text of one that sleeps", pwrite(fd, "\x2b", 1, (off_t)answer + 1));
	OBSERVE_RET("read it of one that sleeps", pread(fd, buf, 1, (off_t)answer + 1));
	OBSERVE("byte", "%#x", buf[0]);
	end(pid);
}
