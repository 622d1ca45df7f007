// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: who may trace whom, which stops there are and what wait and siginfo tell of them, and what a tracer sees and
// changes of its tracee: memory, registers, signals, system calls. ptrace.go has attaching, events and threads.
#include "../harness/ptraces.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

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

int answer(void);
__asm__(".pushsection .text\n.globl answer\nanswer:\nmov $1,%eax\nret\n.popsection\n");
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

// --- Registers -----------------------------------------------------------------------------------------------------------

// marks makes a call with a value in each register, and exits with what rbx is then.
static void marks(void) {
	__asm__ volatile("mov $0x1111111111111111,%%rbx\n mov $0x2222,%%rdi\n mov $0x3333,%%rsi\n mov $0x4444,%%rdx\n"
			 "mov $0x5555,%%r10\n mov $0x6666,%%r8\n mov $0x7777,%%r9\n mov $0x8888,%%r12\n mov $0x9999,%%r13\n"
			 "mov $0xaaaa,%%r14\n mov $0xbbbb,%%r15\n mov $0xcccc,%%r11\n int3\n mov %%rbx,%%rdi\n mov $231,%%eax\n syscall\n" ::
				 : "memory", "rbx", "rdi", "rsi", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rax", "rcx");
}

CASE(general_registers) {
	pid_t pid = traced(marks);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("values", "%llx %llx %llx %llx %llx %llx %llx %llx %llx %llx %llx %llx", r.rbx, r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9, r.r12, r.r13, r.r14, r.r15, r.r11);
	OBSERVE("orig_rax", "%lld", (long long)r.orig_rax);
	struct user_regs_struct s = r;
	s.rbx = 42;
	s.cs = 0;
	OBSERVE_RET("cs 0", PT(PTRACE_SETREGS, pid, 0, &s));
	s = r, s.ss = 0x28;
	OBSERVE_RET("ss of ring 0", PT(PTRACE_SETREGS, pid, 0, &s));
	s = r, s.fs_base = 1ul << 63;
	OBSERVE_RET("fs_base of the kernel", PT(PTRACE_SETREGS, pid, 0, &s));
	s = r, s.eflags = ~0ul & ~0x100ul;
	OBSERVE_RET("all flags", PT(PTRACE_SETREGS, pid, 0, &s));
	OBSERVE("flags that stick", "%llx", regs_of(pid).eflags);
	OBSERVE_RET("from nowhere", PT(PTRACE_SETREGS, pid, 0, bad_ptr()));
	OBSERVE_RET("to nowhere", PT(PTRACE_GETREGS, pid, 0, bad_ptr()));
	r.rbx = 43;
	set_regs(pid, &r);
	OBSERVE("uses what was set", "%s", go(PTRACE_CONT, pid, 0));
}

CASE(user_area) {
	pid_t pid = traced(marks);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	unsigned long v = 0;
	OBSERVE_RET("rbx", PT(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rbx), &v));
	OBSERVE("rbx is", "%#lx", v);
	OBSERVE_RET("poke rbx", PT(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rbx), 17));
	static const unsigned offs[] = {1, 4, offsetof(struct user, u_fpvalid), offsetof(struct user, i387), offsetof(struct user, u_comm),
		offsetof(struct user, magic), offsetof(struct user, u_debugreg[0]), offsetof(struct user, u_debugreg[4]),
		offsetof(struct user, u_debugreg[6]), offsetof(struct user, u_debugreg[7]), sizeof(struct user), sizeof(struct user) + 8};
	for (unsigned i = 0; i < sizeof offs / sizeof *offs; i++) {
		v = 0xdead;
		OBSERVE_RET(name("peek at %u", offs[i]), PT(PTRACE_PEEKUSER, pid, offs[i], &v));
		OBSERVE(name("value at %u", offs[i]), "%#lx", v);
	}
	OBSERVE_RET("peek at -8", PT(PTRACE_PEEKUSER, pid, -8, &v));
	OBSERVE_RET("poke at 1", PT(PTRACE_POKEUSER, pid, 1, 0));
	OBSERVE_RET("poke u_comm", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_comm), 0));
	OBSERVE_RET("poke the end", PT(PTRACE_POKEUSER, pid, sizeof(struct user), 0));
	OBSERVE_RET("poke cs", PT(PTRACE_POKEUSER, pid, offsetof(struct user, regs.cs), 0));
	OBSERVE_RET("poke debug register 4", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[4]), 0));
	OBSERVE_RET("poke debug register 0 with an address of the kernel", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), 1ul << 63));
	OBSERVE_RET("poke debug register 7 with 0", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0));
	OBSERVE("uses rbx", "%s", go(PTRACE_CONT, pid, 0));
}

// A data breakpoint, as debuggers set them.
CASE(hardware_watchpoint) {
	pid_t pid = traced(faults);
	OBSERVE_RET("address", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), &word));
	OBSERVE_RET("enable", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 1 | 0xd0000));
	end(pid);
}

// vectors has known values in xmm0, ymm1 and the x87 stack, and exits with the low byte of xmm0.
static void vectors(void) {
	static const unsigned char a[16] = "0123456789abcdef";
	unsigned b = 0;
	__asm__ volatile("movdqu %1,%%xmm0\n fldpi\n int3\n movd %%xmm0,%0\n fstp %%st(0)\n" : "=r"(b) : "m"(a) : "xmm0");
	_exit(b & 0xff);
}

CASE(floating_point) {
	pid_t pid = traced(vectors);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	struct user_fpregs_struct f;
	memset(&f, 0x55, sizeof f);
	OBSERVE_RET("get", PT(PTRACE_GETFPREGS, pid, 0, &f));
	OBSERVE("control", "%#x %#x mxcsr %#x", f.cwd, f.swd, f.mxcsr);
	OBSERVE_BYTES("xmm0", f.xmm_space, 16);
	OBSERVE_BYTES("st0", f.st_space, 10);
	OBSERVE_BYTES("padding", f.padding, sizeof f.padding);
	OBSERVE_RET("to nowhere", PT(PTRACE_GETFPREGS, pid, 0, bad_ptr()));
	OBSERVE_RET("from nowhere", PT(PTRACE_SETFPREGS, pid, 0, bad_ptr()));
	struct user_fpregs_struct g = f;
	g.mxcsr = 0xffffffff;
	OBSERVE_RET("bad mxcsr", PT(PTRACE_SETFPREGS, pid, 0, &g));
	((char *)f.xmm_space)[0] = 77;
	OBSERVE_RET("set", PT(PTRACE_SETFPREGS, pid, 0, &f));
	OBSERVE("uses it", "%s", go(PTRACE_CONT, pid, 0));
}

CASE(register_sets) {
	pid_t pid = traced(vectors);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	static char buf[1 << 16], again[1 << 16];
	struct iovec iov = {buf, sizeof buf};
	struct user_regs_struct r = regs_of(pid);
	OBSERVE_RET("general", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	OBSERVE("general, size", "%zu", iov.iov_len);
	CHECK(!memcmp(buf, &r, sizeof r));
	iov = (struct iovec){buf, 24};
	OBSERVE_RET("three registers", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	OBSERVE("three, size", "%zu", iov.iov_len);
	iov = (struct iovec){buf, 0};
	OBSERVE_RET("none", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	iov = (struct iovec){buf, 20};
	OBSERVE_RET("not a multiple", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	static const int types[] = {0, 3, NT_PRXFPREG, NT_PPC_VMX, 0x200, 0x203, 0x7fff, -1};
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		iov = (struct iovec){buf, 64};
		OBSERVE_RET(name("set %#x", types[i]), PT(PTRACE_GETREGSET, pid, types[i], &iov));
	}
	OBSERVE_RET("no iovec", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, bad_ptr()));
	iov = (struct iovec){bad_ptr(), 64};
	OBSERVE_RET("to nowhere", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	OBSERVE_RET("from nowhere", PT(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov));
	iov = (struct iovec){buf, sizeof buf};
	OBSERVE_RET("legacy", PT(PTRACE_GETREGSET, pid, NT_PRFPREG, &iov));
	OBSERVE("legacy, size", "%zu", iov.iov_len);
	iov.iov_len = 8;
	OBSERVE_RET("set legacy, short", PT(PTRACE_SETREGSET, pid, NT_PRFPREG, &iov));
	iov = (struct iovec){buf, sizeof buf};
	if (PT(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov))
		SKIP("no xsave");
	size_t size = iov.iov_len;
	uint64_t *w = (uint64_t *)buf;
	CHECK((w[58] & 7) == 7 || (w[58] & 7) == 3); // the features of the processor
	OBSERVE("features", "%#lx", w[58] & 7);
	OBSERVE_BYTES("xmm0", buf + 160, 16);
	OBSERVE("rest of the reserved", "%lx %lx %lx %lx %lx", w[59], w[60], w[61], w[62], w[63]);
	OBSERVE("x87 and SSE in use", "%lx", w[64] & 3);
	OBSERVE("rest of the header", "%lx %lx", w[65], w[66]);
	buf[160] = 99;
	iov = (struct iovec){buf, size - 8};
	OBSERVE_RET("set, short", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[64] |= 1ul << 62;
	iov.iov_len = size;
	OBSERVE_RET("unknown feature", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[64] &= ~(1ul << 62), w[65] = 1;
	OBSERVE_RET("compacted", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[65] = 0, w[66] = 1;
	OBSERVE_RET("reserved", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[66] = 0;
	OBSERVE_RET("set", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	struct iovec iov2 = {again, sizeof again};
	CHECK_OK(PT(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov2));
	CHECK_EQ(iov2.iov_len, size);
	CHECK(!memcmp(buf, again, size));
	uint64_t rip = 0;
	iov = (struct iovec){&r, 8};
	OBSERVE_RET("set one general register", PT(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov));
	CHECK_OK(PT(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), &rip));
	CHECK_EQ(rip, r.rip);
	OBSERVE("uses it", "%s", go(PTRACE_CONT, pid, 0));
}

static void fs_base(void) {
	unsigned long fs = 0;
	syscall(SYS_arch_prctl, 0x1003, &fs);
	__asm__ volatile("mov %0,%%rbx\n int3\n" ::"r"(fs) : "rbx");
}

CASE(bases) {
	pid_t pid = traced(fs_base);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	struct user_regs_struct r = regs_of(pid);
	CHECK_EQ(r.fs_base, r.rbx);
	unsigned long fs = 0, gs = 1;
	OBSERVE_RET("get fs", PT(PTRACE_ARCH_PRCTL, pid, &fs, 0x1003));
	CHECK_EQ(fs, r.rbx);
	OBSERVE_RET("get gs", PT(PTRACE_ARCH_PRCTL, pid, &gs, 0x1004));
	OBSERVE("gs", "%#lx", gs);
	OBSERVE_RET("set fs", PT(PTRACE_ARCH_PRCTL, pid, fs, 0x1002));
	OBSERVE_RET("set fs to the kernel's", PT(PTRACE_ARCH_PRCTL, pid, 1ul << 63, 0x1002));
	OBSERVE_RET("unknown", PT(PTRACE_ARCH_PRCTL, pid, fs, 0x77));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

// --- System calls ----------------------------------------------------------------------------------------------------------

static volatile long result;
static long raw(long nr, long a, long b, long c) {
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return r;
}
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

// --- Events ------------------------------------------------------------------------------------------------------------------

static unsigned long message(pid_t pid) {
	unsigned long m = 0;
	CHECK_OK(PT(PTRACE_GETEVENTMSG, pid, 0, &m));
	return m;
}

static void forks(void) {
	pid_t pid = syscall(SYS_fork);
	if (pid == 0)
		_exit(3);
	int st;
	wait4(pid, &st, 0, NULL);
	_exit(WEXITSTATUS(st) + 1);
}
static void vforks(void) {
	pid_t pid = vfork();
	if (pid == 0)
		_exit(3);
	int st;
	wait4(pid, &st, 0, NULL);
	_exit(WEXITSTATUS(st) + 1);
}
static void clones(void) {
	pid_t pid = syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0); // an exit signal that is not SIGCHLD
	if (pid == 0)
		_exit(3);
	int st;
	wait4(pid, &st, __WALL, NULL);
	_exit(WEXITSTATUS(st) + 1);
}

// The tracee's child is traced from its first moment, and stops.
CASE(fork_events) {
	static const struct { const char *name; void (*f)(void); long options; } ways[] = {
		{"fork", forks, PTRACE_O_TRACEFORK},
		{"vfork", vforks, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE},
		{"vfork done only", vforks, PTRACE_O_TRACEVFORKDONE},
		{"clone", clones, PTRACE_O_TRACECLONE},
		{"fork, unasked", forks, PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORK},
	};
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
		const char *n = ways[i].name;
		pid_t pid = traced(ways[i].f);
		CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, ways[i].options));
		OBSERVE(name("%s, first", n), "%s", go(PTRACE_CONT, pid, 0));
		pid_t child = message(pid);
		siginfo_t si = {0};
		if (PT(PTRACE_GETSIGINFO, pid, 0, &si) == 0)
			OBSERVE(name("%s, siginfo", n), "%s code %#x", sig_name(si.si_signo), si.si_code);
		if (i == 2) {
			OBSERVE("no child of the tracer's", "%s", await(child));
		} else if (i < 4) {
			OBSERVE(name("%s, child", n), "%s", await(child));
			CHECK_EQ(atoi(proc_field(child, "TracerPid")), getpid());
			CHECK_EQ(atoi(proc_field(child, "PPid")), pid);
			CHECK_OK(PT(PTRACE_GETSIGINFO, child, 0, &si));
			OBSERVE(name("%s, child's siginfo", n), "%s code %d pid %d", sig_name(si.si_signo), si.si_code, si.si_pid);
			struct user_regs_struct r = regs_of(child);
			OBSERVE(name("%s, child's rax", n), "%lld = %lld", (long long)r.orig_rax, (long long)r.rax);
			OBSERVE(name("%s, child's end", n), "%s", go(PTRACE_CONT, child, 0));
		} else {
			continue;
		}
		const char *stop = go(PTRACE_CONT, pid, 0);
		OBSERVE(name("%s, second", n), "%s", stop);
		if (!strcmp(stop, "SIGTRAP event 5")) {
			CHECK_EQ(message(pid), child);
			stop = go(PTRACE_CONT, pid, 0);
		}
		if (!strcmp(stop, "SIGCHLD") || !strcmp(stop, "SIGUSR1"))
			OBSERVE(name("%s, end", n), "%s", go(PTRACE_CONT, pid, 0));
	}
}

CASE(exec_event) {
	pid_t pid = traced(execs);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD));
	OBSERVE("stop", "%s", go(PTRACE_CONT, pid, 0));
	CHECK_EQ(message(pid), pid);
	OBSERVE("code", "%#x", siginfo_of(pid).si_code);
	OBSERVE("exit of the call", "%s", go(PTRACE_SYSCALL, pid, 0));
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("result", "%lld", (long long)r.rax);
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

static void exits_with_5(void) { _exit(5); }
static void dies(void) { syscall(SYS_kill, syscall(SYS_getpid), SIGTERM); }

CASE(exit_event) {
	pid_t pid = traced(exits_with_5);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT));
	OBSERVE("exit", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("status to be", "%#lx", message(pid));
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("call", "%lld(%lld)", (long long)r.orig_rax, (long long)r.rdi);
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
	pid = traced(dies);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT));
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTERM");
	OBSERVE("death", "%s", go(PTRACE_CONT, pid, SIGTERM));
	OBSERVE("death's status to be", "%#lx", message(pid));
	OBSERVE("death's end", "%s", go(PTRACE_CONT, pid, 0));
	pid = traced(pauses);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT));
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	CHECK_OK(kill(pid, SIGKILL));
	OBSERVE("SIGKILL", "%s", await(pid));
	OBSERVE("SIGKILL's status to be", "%#lx", message(pid));
	OBSERVE("SIGKILL's end", "%s", go(PTRACE_CONT, pid, 0));
}

CASE(options) {
	pid_t pid = traced(pauses);
	static const unsigned long bits[] = {0, 1, 0x7f, 0xff, 0x100, 0x100000, 0x400000, 1ul << 32, ~0ul};
	for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
		OBSERVE_RET(name("options %#lx", bits[i]), PT(PTRACE_SETOPTIONS, pid, 0, bits[i]));
	OBSERVE_RET("old request", PT(21, pid, 0, 1));
	OBSERVE("message of a signal stop", "%lu", message(pid));
	OBSERVE_RET("message to nowhere", PT(PTRACE_GETEVENTMSG, pid, 0, bad_ptr()));
	end(pid);
}

// --- Attaching ---------------------------------------------------------------------------------------------------------------

static pid_t paused(void) {
	pid_t pid = harness_fork();
	if (pid == 0)
		pauses();
	REQUIRE(wait_blocked(pid, pid));
	return pid;
}

CASE(attach) {
	pid_t pid = paused();
	OBSERVE_RET("attach", PT(PTRACE_ATTACH, pid, 0, 0));
	OBSERVE("stop", "%s", await(pid));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %d pid %d", sig_name(si.si_signo), si.si_code, si.si_pid);
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("call", "%lld = %lld", (long long)r.orig_rax, (long long)r.rax);
	OBSERVE_RET("detach", PT(PTRACE_DETACH, pid, 0, 0));
	REQUIRE(wait_blocked(pid, pid));
	OBSERVE_RET("again", PT(PTRACE_ATTACH, pid, 0, 0));
	OBSERVE("stop again", "%s", await(pid));
	OBSERVE("its own stop", "%s", go(PTRACE_CONT, pid, SIGSTOP));
	OBSERVE_RET("detach stopped", PT(PTRACE_DETACH, pid, 0, 0));
	CHECK(becomes(pid, "T"));
	end(pid);
}

CASE(attach_to_a_stopped_one) {
	pid_t pid = paused();
	CHECK_OK(kill(pid, SIGSTOP));
	int st;
	CHECK_EQ(waitpid(pid, &st, WUNTRACED), pid);
	OBSERVE_RET("attach", PT(PTRACE_ATTACH, pid, 0, 0));
	OBSERVE("state at once", "%s", proc_field(pid, "State"));
	OBSERVE("stop", "%s", await(pid));
	siginfo_t si;
	OBSERVE_RET("is a group stop", PT(PTRACE_GETSIGINFO, pid, 0, &si));
	OBSERVE("the attach's own", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE_RET("detach", PT(PTRACE_DETACH, pid, 0, 0));
	CHECK(becomes(pid, "T"));
	CHECK_OK(kill(pid, SIGCONT));
	REQUIRE(wait_blocked(pid, pid));
	end(pid);
}

CASE(attach_needs_the_right, "root") {
	pid_t root = paused();
	pid_t nobody = harness_fork(), other = harness_fork();
	if (nobody == 0 || other == 0) {
		become_nobody();
		prctl(PR_SET_DUMPABLE, nobody == 0);
		pauses();
	}
	REQUIRE(wait_blocked(nobody, nobody) && wait_blocked(other, other));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("root's", PT(PTRACE_ATTACH, root, 0, 0));
		OBSERVE_RET("root's, seize", PT(PTRACE_SEIZE, root, 0, 0));
		OBSERVE_RET("init", PT(PTRACE_ATTACH, 1, 0, 0));
		OBSERVE_RET("its own user's", PT(PTRACE_SEIZE, nobody, 0, 0));
		OBSERVE_RET("its own user's, not dumpable", PT(PTRACE_SEIZE, other, 0, 0));
	}
	end(root), end(nobody), end(other);
}

static void *thread_pauses(void *arg) {
	*(volatile pid_t *)arg = tid_self();
	pauses();
	return NULL;
}

CASE(attach_to_its_own_thread) {
	static volatile pid_t tid;
	thread_start(thread_pauses, (void *)&tid);
	while (!tid)
		sched_yield();
	OBSERVE_RET("attach", PT(PTRACE_ATTACH, tid, 0, 0));
	OBSERVE_RET("seize", PT(PTRACE_SEIZE, tid, 0, 0));
}

CASE(seize_and_interrupt) {
	pid_t pid = paused();
	OBSERVE_RET("seize", PT(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
	OBSERVE_RET("does not stop it", waitpid(pid, NULL, __WALL | WNOHANG));
	OBSERVE_RET("interrupt", PT(PTRACE_INTERRUPT, pid, 0, 0));
	OBSERVE("stop", "%s", await(pid));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %#x from %s", sig_name(si.si_signo), si.si_code, si.si_pid == pid ? "itself" : "another");
	OBSERVE_RET("interrupt the stopped", PT(PTRACE_INTERRUPT, pid, 0, 0));
	OBSERVE("stops again", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE_RET("listen outside a group stop", PT(PTRACE_LISTEN, pid, 0, 0));
	end(pid);
}

CASE(seized_group_stop) {
	pid_t pid = paused();
	CHECK_OK(PT(PTRACE_SEIZE, pid, 0, 0));
	CHECK_OK(kill(pid, SIGSTOP));
	OBSERVE("signal", "%s", await(pid));
	OBSERVE("group stop", "%s", go(PTRACE_CONT, pid, SIGSTOP));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %#x", sig_name(si.si_signo), si.si_code);
	OBSERVE_RET("listen", PT(PTRACE_LISTEN, pid, 0, 0));
	OBSERVE_RET("is not stopped for ptrace", PT(PTRACE_GETSIGINFO, pid, 0, &si));
	OBSERVE_RET("nor for wait", waitpid(pid, NULL, __WALL | WNOHANG));
	CHECK_OK(kill(pid, SIGCONT));
	OBSERVE("tells of SIGCONT", "%s", await(pid));
	OBSERVE("and shows it", "%s", go(PTRACE_CONT, pid, 0));
	CHECK_OK(PT(PTRACE_CONT, pid, 0, SIGCONT));
	REQUIRE(wait_blocked(pid, pid));
	CHECK_OK(kill(pid, SIGSTOP));
	CHECK_STR(await(pid), "SIGSTOP");
	CHECK_STR(go(PTRACE_CONT, pid, SIGSTOP), "SIGSTOP event 128");
	CHECK_OK(PT(PTRACE_LISTEN, pid, 0, 0));
	OBSERVE_RET("interrupt the listening", PT(PTRACE_INTERRUPT, pid, 0, 0));
	OBSERVE("it stops anew", "%s", await(pid));
	end(pid);
}

static volatile pid_t *shared_tid;
static void *exits_thread(void *arg) {
	(void)arg;
	*shared_tid = tid_self();
	syscall(SYS_exit, 0);
	return NULL;
}
static void starts_a_thread(void) {
	pthread_t t;
	pthread_create(&t, NULL, exits_thread, NULL);
	pthread_join(t, NULL);
	pauses();
}

// A thread is a tracee of its own, whose end only the tracer sees.
CASE(threads) {
	shared_tid = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = traced(starts_a_thread);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE));
	OBSERVE("event", "%s", go(PTRACE_CONT, pid, 0));
	pid_t tid = message(pid);
	OBSERVE("thread", "%s", await(tid));
	CHECK_EQ(atoi(proc_field(tid, "Tgid")), pid);
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	OBSERVE("thread's end", "%s", go(PTRACE_CONT, tid, 0));
	CHECK_EQ(*shared_tid, tid);
	OBSERVE("is told once", "%s", await(tid));
	CHECK_OK(kill(pid, SIGTERM));
	OBSERVE("signal", "%s", await(pid));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, SIGTERM));
}

static void *execs_thread(void *arg) {
	(void)arg;
	execs();
	return NULL;
}
static void thread_that_execs(void) {
	thread_start(execs_thread, NULL);
	pauses();
}

// An exec by a thread: it takes over the leader's id, and the event tells which it had.
CASE(exec_by_a_thread) {
	pid_t pid = traced(thread_that_execs);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC));
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP event 3");
	pid_t tid = message(pid);
	CHECK_STR(await(tid), "SIGSTOP");
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	CHECK_OK(PT(PTRACE_CONT, tid, 0, 0));
	OBSERVE("event", "%s", await(pid));
	CHECK_EQ(message(pid), tid);
	OBSERVE_RET("the old id", PT(PTRACE_CONT, tid, 0, 0));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

// The parent of a process that another one traces sees its stops as ever, and its end after the tracer did.
CASE(tracer_that_is_not_the_parent) {
	struct gate attached = gate_open(), stop = gate_open(), done = gate_open();
	pid_t pid = paused();
	pid_t tracer = harness_fork();
	if (tracer == 0) {
		CHECK_OK(PT(PTRACE_ATTACH, pid, 0, 0));
		OBSERVE("tracer: attach", "%s", await(pid));
		CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
		gate_signal(&attached);
		OBSERVE("tracer: signal", "%s", await(pid));
		OBSERVE("tracer: group stop", "%s", go(PTRACE_CONT, pid, SIGSTOP));
		gate_wait(&stop);
		CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
		CHECK_OK(kill(pid, SIGKILL));
		siginfo_t si;
		waitid(P_PID, pid, &si, WEXITED | WNOWAIT | __WALL);
		gate_signal(&attached);
		gate_wait(&done);
		OBSERVE("tracer: end", "%s", await(pid));
		_exit(0);
	}
	gate_wait(&attached);
	int st = 0;
	CHECK_OK(kill(pid, SIGSTOP));
	CHECK_EQ(waitpid(pid, &st, WUNTRACED), pid);
	OBSERVE("parent: stop", "%s", stop_text(st));
	gate_signal(&stop);
	gate_wait(&attached);
	OBSERVE_RET("parent: no end yet", waitpid(pid, &st, WNOHANG));
	gate_signal(&done);
	OBSERVE("parent: end", "%s", await(pid));
	CHECK_EQ(wait_for(tracer), 0);
}

CASE(wait_flags) {
	pid_t pid = traced(pauses);
	OBSERVE_RET("nothing to tell", waitpid(pid, NULL, __WCLONE | WNOHANG));
	CHECK_OK(PT(PTRACE_CONT, pid, 0, 0));
	REQUIRE(wait_blocked(pid, pid));
	CHECK_OK(kill(pid, SIGUSR1));
	siginfo_t si = {0};
	CHECK_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	int st = 0;
	CHECK_EQ(waitpid(-getpgrp(), &st, __WNOTHREAD | __WCLONE), pid);
	OBSERVE("in the group, __WCLONE", "%s", stop_text(st));
	OBSERVE_RET("cont with nothing waited", waitid(P_PID, pid, &si, WCONTINUED | WNOHANG));
	end(pid);
}

static void syscall_dispatch(void) { pauses(); }

CASE(dispatch_and_rseq) {
	pid_t pid = traced(syscall_dispatch);
	uint64_t cfg[8];
	memset(cfg, 0x77, sizeof cfg);
	OBSERVE_RET("dispatch", pt(0x4211, pid, 32, (unsigned long)cfg));
	OBSERVE("dispatch is", "%lu %lu %lu %lu", cfg[0], cfg[1], cfg[2], cfg[3]);
	OBSERVE_RET("dispatch, short", pt(0x4211, pid, 24, (unsigned long)cfg));
	OBSERVE_RET("dispatch to nowhere", pt(0x4211, pid, 32, (unsigned long)bad_ptr()));
	OBSERVE_RET("rseq", pt(PTRACE_GET_RSEQ_CONFIGURATION, pid, sizeof cfg, (unsigned long)cfg));
	OBSERVE_RET("rseq, 8 bytes", pt(PTRACE_GET_RSEQ_CONFIGURATION, pid, 8, (unsigned long)cfg));
	OBSERVE_RET("rseq to nowhere", pt(PTRACE_GET_RSEQ_CONFIGURATION, pid, 24, (unsigned long)bad_ptr()));
	OBSERVE("rseq's flags", "%lu", cfg[2] >> 32);
	end(pid);
}

static volatile char selector[8] __attribute__((aligned(8))); // of the tracee; 1 blocks
static void asks(void) {
	syscall(SYS_getppid);
	_exit(97);
}

// A tracer says where its tracee's system calls become SIGSYS.
CASE(sets_dispatch, "kernel>=6.4") {
	pid_t pid = traced(asks);
	uint64_t cfg[4] = {1, (uint64_t)selector, 0, 0}, got[4] = {0};
	OBSERVE_RET("short", pt(0x4210, pid, 24, (unsigned long)cfg));
	OBSERVE_RET("from nowhere", pt(0x4210, pid, 32, (unsigned long)bad_ptr()));
	cfg[0] = 5;
	OBSERVE_RET("no such mode", pt(0x4210, pid, 32, (unsigned long)cfg));
	cfg[0] = 1;
	OBSERVE_RET("set", pt(0x4210, pid, 32, (unsigned long)cfg));
	OBSERVE_RET("get", pt(0x4211, pid, 32, (unsigned long)got));
	CHECK(!memcmp(cfg, got, sizeof got));
	REQUIRE_OK(pt(PTRACE_POKEDATA, pid, (unsigned long)selector, 0x0101010101010101));
	OBSERVE("its call", "%s", go(PTRACE_CONT, pid, 0));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %d call %d", sig_name(si.si_signo), si.si_code, si.si_syscall == SYS_getppid);
	memset(cfg, 0, sizeof cfg);
	OBSERVE_RET("off", pt(0x4210, pid, 32, (unsigned long)cfg));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}

// --- Security ----------------------------------------------------------------------------------------------------------------

// A program that would gain privileges doesn't, if its tracer is not to have them.
CASE(traced_set_user_id, "root") {
	REQUIRE_OK(chmod(".", 0777));
	for (int seized = 0; seized <= 2; seized++) {
		int st = 0;
		IN_CHILD(&st) {
			// A copy of a program that shows what it may: it reads what only root can.
			REQUIRE(system("rm -f setuid secret; cp /bin/cat setuid; chmod 4755 setuid; echo secret >secret; chmod 600 secret") == 0);
			become_nobody();
			prctl(PR_SET_DUMPABLE, 1);
			pid_t pid = harness_fork();
			if (pid == 0) {
				char *argv[] = {"./setuid", "secret", NULL}, *envp[] = {NULL};
				if (seized == 1 && PT(PTRACE_TRACEME, 0, 0, 0))
					_exit(97);
				if (seized)
					syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
				close(2);
				execve("./setuid", argv, envp);
				_exit(98);
			}
			int s = 0;
			if (seized) {
				waitpid(pid, &s, WUNTRACED);
				if (seized == 2) {
					CHECK_OK(PT(PTRACE_SEIZE, pid, 0, 0));
					kill(pid, SIGCONT);
				} else {
					PT(PTRACE_CONT, pid, 0, 0);
				}
			}
			while (waitpid(pid, &s, 0) == pid && WIFSTOPPED(s))
				PT(PTRACE_CONT, pid, 0, 0);
			_exit(WIFEXITED(s) ? WEXITSTATUS(s) : 99);
		}
		OBSERVE(seized == 0 ? "untraced" : seized == 1 ? "by its parent" : "seized", "%s", status_text(st));
	}
}

static void filtered(void) {
	struct sock_filter f[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getpgid},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRACE | 0x1234},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
	};
	struct sock_fprog p = {4, f};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p))
		_exit(97);
	long first = raw(SYS_getpgid, 0, 0, 0), second = raw(SYS_getpgid, 0, 0, 0), third = raw(SYS_getpgid, 0, 0, 0);
	_exit((first == -ENOSYS) | (second == 50) << 1 | (third > 0) << 2);
}

// A filter asks the tracer, who may change the call or answer it; without a tracer that listens it fails.
CASE(seccomp_event) {
	pid_t pid = traced(filtered);
	CHECK_OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD));
	OBSERVE("event", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("message", "%#lx", message(pid));
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("call", "%lld rax %lld", (long long)r.orig_rax, (long long)r.rax);
	struct ptrace_syscall_info si = {0};
	OBSERVE_RET("info", pt(PTRACE_GET_SYSCALL_INFO, pid, sizeof si, (unsigned long)&si));
	OBSERVE("info is", "op %d nr %llu data %#x", si.op, si.seccomp.nr, si.seccomp.ret_data);
	r.orig_rax = -1;
	set_regs(pid, &r);
	OBSERVE("second", "%s", go(PTRACE_CONT, pid, 0));
	r = regs_of(pid);
	r.orig_rax = -1, r.rax = 50;
	set_regs(pid, &r);
	OBSERVE("third", "%s", go(PTRACE_CONT, pid, 0));
	OBSERVE("exit of the call", "%s", go(PTRACE_SYSCALL, pid, 0));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
	pid = traced(filtered);
	OBSERVE("without the option", "%s", go(PTRACE_CONT, pid, 0));
}
