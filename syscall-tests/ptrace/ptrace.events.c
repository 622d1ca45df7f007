// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: events, attaching to what runs, threads, and who may.
#include "../harness/tracees.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

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
