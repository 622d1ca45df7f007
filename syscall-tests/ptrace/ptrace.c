// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: who is traced from when to when, what a tracer waits for, and how signals pass by it. The other files have what it
// does with a stopped tracee (ptrace.memory.c), system calls and steps (ptrace.calls.c), events, attaching and rights (ptrace.events.c).
#include "../harness/tracees.h"

// --- Beginning and ending ------------------------------------------------------------------------------------------

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
