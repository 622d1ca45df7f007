// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// kill: whom does each pid reach, who may send what, and what do stop, continue and kill do?
#include "../harness/signals.h"

CASE(signal_numbers) {
	static const int sigs[] = {0, -1, 65, 1 << 20};
	for (int i = 0; i < 4; i++) {
		OBSERVE_RET(name("self %d", sigs[i]), syscall(SYS_kill, getpid(), sigs[i]));
		OBSERVE_RET(name("nobody %d", sigs[i]), syscall(SYS_kill, dead_pid(), sigs[i]));
	}
	CHECK_ERR(syscall(SYS_kill, getpid(), 65), EINVAL);
	CHECK_ERR(syscall(SYS_kill, dead_pid(), 0), ESRCH);
	OBSERVE_RET("no such group", syscall(SYS_kill, -dead_pid(), 0));
	OBSERVE_RET("smallest pid", syscall(SYS_kill, INT32_MIN, 0));
	OBSERVE_RET("largest pid", syscall(SYS_kill, INT32_MAX, 0));
}

CASE(zombie_can_be_signalled) {
	pid_t child = harness_fork();
	if (child == 0)
		_exit(3);
	siginfo_t info;
	REQUIRE_OK(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
	OBSERVE_RET("probe", kill(child, 0));
	OBSERVE_RET("kill", kill(child, SIGKILL));
	OBSERVE_STATUS("still its own end", wait_for(child));
	OBSERVE_RET("reaped", kill(child, 0));
}

CASE(own_signal_is_delivered_before_it_returns) {
	log_on(SIGUSR1, 0, 0);
	CHECK_OK(syscall(SYS_kill, getpid(), SIGUSR1));
	CHECK_EQ(sig_logged, 1);
	OBSERVE("info", "%s", info_text(&sig_log[0], 0));
}

static volatile pid_t tid;
static struct gate end;

static void *wait_for_the_end(void *arg) {
	(void)arg;
	tid = tid_self();
	gate_wait(&end);
	return NULL;
}

CASE(thread_id_reaches_the_process) {
	log_on(SIGUSR1, 0, 0);
	end = gate_open();
	pthread_t t = thread_start(wait_for_the_end, NULL);
	while (!tid)
		sched_yield();
	OBSERVE_RET("kill(tid)", syscall(SYS_kill, tid, SIGUSR1));
	gate_signal(&end);
	thread_join(t);
	OBSERVE("handled", "%s", log_text());
}

// Three children in a group of their own, one outside.
CASE(process_group) {
	pid_t in[3], out = sleeper();
	for (int i = 0; i < 3; i++) {
		in[i] = sleeper();
		REQUIRE_OK(setpgid(in[i], in[0]));
	}
	OBSERVE_RET("probe", kill(-in[0], 0));
	OBSERVE_RET("kill", kill(-in[0], SIGTERM));
	for (int i = 0; i < 3; i++)
		OBSERVE_STATUS(name("member %d", i), wait_for(in[i]));
	OBSERVE_RET("empty group", kill(-in[0], 0));
	OBSERVE_RET("outsider", kill(out, 0));
	OBSERVE_STATUS("outsider killed", end_child(out));
}

CASE(zero_is_the_own_group) {
	pid_t a = sleeper(), b = sleeper();
	REQUIRE_OK(setpgid(b, b));
	log_on(SIGUSR2, 0, 0);
	OBSERVE_RET("kill(0)", syscall(SYS_kill, 0, SIGUSR2));
	OBSERVE("self", "%s", log_text());
	OBSERVE_STATUS("same group", wait_for(a));
	OBSERVE_RET("other group lives", kill(b, 0));
	end_child(b);
}

CASE(permission, "root") {
	pid_t victim = sleeper();
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(kill(victim, 0), EPERM);
		OBSERVE_RET("TERM", kill(victim, SIGTERM));
		OBSERVE_RET("CONT in the same session", kill(victim, SIGCONT));
		OBSERVE_RET("self", kill(getpid(), 0));
		REQUIRE_OK(setsid());
		OBSERVE_RET("CONT from another session", kill(victim, SIGCONT));
		OBSERVE_RET("bad signal first", kill(victim, 99));
	}
	// One of a group that may be signalled is enough.
	pid_t other = sleeper();
	REQUIRE_OK(setpgid(other, other));
	pid_t nobody = harness_fork();
	if (nobody == 0) {
		REQUIRE_OK(setpgid(0, other));
		become_nobody();
		OBSERVE_RET("mixed group", kill(-other, SIGUSR1));
		_exit(1);
	}
	OBSERVE_STATUS("the one that may", wait_for(nobody));
	OBSERVE_STATUS("the one that may not", end_child(other));
	end_child(victim);
}

CASE(uids_that_may_signal, "root") {
	static const unsigned ids[][4] = {{1000, 1000, 1000, 1000}, {1000, 2000, 2000, 1000}, {2000, 1000, 1000, 2000}, {2000, 1000, 2000, 1000},
					  {1000, 2000, 1000, 2000}};
	for (int i = 0; i < 5; i++) {
		struct gate up = gate_open();
		pid_t victim = harness_fork();
		if (victim == 0) {
			REQUIRE_OK(syscall(SYS_setresuid, ids[i][0], ids[i][1], ids[i][0]));
			gate_signal(&up);
			for (;;)
				pause();
		}
		gate_wait(&up);
		IN_CHILD(NULL) {
			REQUIRE_OK(syscall(SYS_setresuid, ids[i][2], ids[i][3], ids[i][3]));
			OBSERVE_RET(name("to %u/%u from %u/%u", ids[i][0], ids[i][1], ids[i][2], ids[i][3]), kill(victim, 0));
		}
		end_child(victim);
	}
}

CASE(stop_and_continue) {
	static const int stops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
	int st;
	pid_t child = sleeper();
	for (int i = 0; i < 4; i++) {
		kill(child, stops[i]);
		REQUIRE_OK(waitpid(child, &st, WUNTRACED));
		OBSERVE_STATUS(sig_name(stops[i]), st);
		kill(child, SIGCONT);
		REQUIRE_OK(waitpid(child, &st, WCONTINUED));
		OBSERVE_STATUS(name("continue %d", i), st);
	}
	kill(child, SIGSTOP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	kill(child, SIGSTOP); // once more changes nothing
	kill(child, SIGTERM); // waits for the continue
	OBSERVE_RET("nothing more to wait for", waitpid(child, &st, WUNTRACED | WNOHANG));
	kill(child, SIGCONT);
	OBSERVE_STATUS("ended by what waited", wait_for(child));
	child = sleeper();
	kill(child, SIGSTOP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	OBSERVE_STATUS("killed while stopped", end_child(child));
}

// SIGCONT continues even when blocked or ignored; a stop signal that is pending is discarded by it.
CASE(continue_works_when_ignored) {
	int st;
	struct gate up = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		ksigaction(SIGCONT, &(struct ksigaction){SIG_IGN}, NULL);
		kmask(SIG_SETMASK, BIT(SIGCONT));
		gate_signal(&up);
		for (;;)
			pause();
	}
	gate_wait(&up);
	kill(child, SIGSTOP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	kill(child, SIGCONT);
	REQUIRE_OK(waitpid(child, &st, WCONTINUED));
	OBSERVE_STATUS("continued", st);
	end_child(child);
}

// A group without a parent in its session outside the group is orphaned: TSTP, TTIN and TTOU do not stop it.
CASE(orphaned_group_does_not_stop) {
	static const int sigs[] = {SIGTSTP, SIGTTIN, SIGTTOU};
	IN_CHILD(NULL) {
		REQUIRE_OK(setsid());
		for (int i = 0; i < 3; i++)
			OBSERVE_RET(sig_name(sigs[i]), kill(getpid(), sigs[i]));
	}
	// When the leader's exit orphans a group with a stopped member, that one gets HUP and CONT.
	int fds[2];
	char text[64] = "";
	REQUIRE_OK(pipe(fds));
	pid_t middle = harness_fork();
	if (middle == 0) {
		setsid();
		pid_t member = harness_fork();
		if (member == 0) {
			REQUIRE_OK(setpgid(0, 0));
			log_on(SIGHUP, 0, ~0ULL);
			log_on(SIGCONT, 0, ~0ULL);
			kill(getpid(), SIGSTOP);
			while (sig_logged < 2)
				pause();
			snprintf(text, sizeof text, "%s", log_text());
			write(fds[1], text, sizeof text);
			_exit(0);
		}
		int st;
		REQUIRE_OK(waitpid(member, &st, WUNTRACED));
		_exit(0);
	}
	close(fds[1]);
	wait_for(middle);
	REQUIRE(read(fds[0], text, sizeof text) == sizeof text);
	OBSERVE("newly orphaned", "%s", text);
}

CASE(all_but_itself, "root") {
	// Only inside a pid namespace of its own, so that all means these two.
	int st;
	IN_CHILD(&st) {
		pid_t child = (pid_t)syscall(SYS_clone, 0x20000000 | SIGCHLD, 0, 0, 0, 0); // CLONE_NEWPID
		if (child < 0) {
			OBSERVE("clone", "-1 %s", errno_name(errno));
			_exit(0);
		}
		if (child == 0) {
			CHECK_ERR(kill(-1, 0), ESRCH);
			pid_t a = sleeper(), b = sleeper();
			OBSERVE_RET("kill(-1)", kill(-1, SIGTERM));
			OBSERVE_STATUS("a", wait_for(a));
			OBSERVE_STATUS("b", wait_for(b));
			OBSERVE_RET("init is not killed by itself", kill(getpid(), SIGKILL));
			_exit(0);
		}
		OBSERVE_STATUS("namespace", wait_for(child));
	}
	OBSERVE_STATUS("child", st);
}
