// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that name a process or a thread: the same targets for each of them.
#ifndef DITTO_HARNESS_PIDS_H
#define DITTO_HARNESS_PIDS_H

#include "harness.h"

#include <limits.h>
#include <sys/prctl.h>

typedef long (*pid_call)(pid_t pid);

// A pid that has been and is no more.
static inline pid_t gone_pid(void) {
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(0);
	wait_for(pid);
	return pid;
}

static inline void *sleep_on(void *arg) {
	for (;;)
		pause();
	return arg;
}

// A child that waits to be killed, in a state of its own.
enum pid_state { PID_WAITS, PID_STOPPED, PID_ZOMBIE, PID_DEAD_LEADER };

// Tells of itself through the memory that it shares with its maker: the id of its second thread.
static volatile pid_t *pid_told;

static inline void *tell_thread(void *arg) {
	*pid_told = tid_self();
	return sleep_on(arg);
}

static inline pid_t pid_in_state(enum pid_state state) {
	siginfo_t si;
	struct gate ready = gate_open();
	pid_told = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(pid_told != MAP_FAILED);
	pid_t pid = harness_fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (state == PID_ZOMBIE)
			_exit(3);
		if (state == PID_WAITS || state == PID_DEAD_LEADER) {
			thread_start(tell_thread, NULL);
			while (!*pid_told)
				usleep(100);
		}
		gate_signal(&ready);
		if (state == PID_DEAD_LEADER)
			syscall(SYS_exit, 0);
		sleep_on(NULL);
	}
	switch (state) {
	case PID_ZOMBIE:
		REQUIRE_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
		break;
	case PID_STOPPED:
		gate_wait(&ready);
		REQUIRE_OK(kill(pid, SIGSTOP));
		REQUIRE_OK(waitid(P_PID, pid, &si, WSTOPPED | WNOWAIT));
		break;
	case PID_DEAD_LEADER:
		gate_wait(&ready);
		for (const char *s = ""; !strstr(s ? s : "", "State:\tZ");)
			s = read_file(name("/proc/%d/status", pid));
		break;
	case PID_WAITS:
		gate_wait(&ready);
	}
	gate_close(&ready);
	return pid;
}

// Ends a child, and waits for it; a thread of it that is traced is waited for on the way.
static inline void end_pid(pid_t pid) {
	pid_t got;
	kill(pid, SIGKILL);
	do
		got = waitpid(-1, NULL, __WALL);
	while (got != pid && (got > 0 || errno == EINTR));
}

// The states that a child can be in.
static inline void observe_pid_states(pid_call call) {
	static const char *const names[] = {"waits", "stopped", "zombie", "dead leader"};
	for (int state = PID_WAITS; state <= PID_DEAD_LEADER; state++) {
		pid_t pid = pid_in_state(state);
		OBSERVE_OK(names[state], call(pid));
		if (state != PID_ZOMBIE)
			kill(pid, SIGKILL);
		waitpid(pid, NULL, __WALL);
	}
	OBSERVE_OK("gone", call(gone_pid()));
}

// Waits until nobody has a number any more: a thread's may outlive its process's end by a moment, as Linux gives numbers back when it has told the
// parent (release_task).
static inline void await_free_number(pid_t pid) {
	int p[2];
	REQUIRE_OK(pipe(p));
	for (int i = 0; i < 4000 && fcntl(p[0], F_SETOWN, pid) == 0; i++)
		usleep(500);
	close(p[0]);
	close(p[1]);
}

static struct gate pid_thread_up;
static inline void *pid_thread(void *arg) {
	*(pid_t *)arg = tid_self();
	gate_signal(&pid_thread_up);
	return sleep_on(NULL);
}

// Threads: another one of the caller's, and another one of a child's. The second look is at the thread's process.
static inline void observe_pid_threads(pid_call call) {
	pid_t tid;
	pid_thread_up = gate_open();
	thread_start(pid_thread, &tid);
	gate_wait(&pid_thread_up);
	OBSERVE_OK("own thread", call(tid));
	OBSERVE_OK("itself", call(getpid()));
	pid_t child = pid_in_state(PID_WAITS);
	OBSERVE_OK("a child's thread", call(*pid_told));
	end_pid(child);
	await_free_number(*pid_told);
	OBSERVE_OK("a thread that ended with its process", call(*pid_told));
}

static inline void observe_pid_numbers(pid_call call) {
	static const int odd[] = {0, -4194305, INT_MIN, INT_MAX, 4194304, 4194305};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		OBSERVE_OK(name("%d", odd[i]), call(odd[i]));
}

// Whose process it is, for a caller without any right: root's, one's own, one that has root's ids saved, one that let go of
// them all and can't be dumped. Needs root.
static inline void observe_pid_owners(pid_call call) {
	static const char *const names[] = {"root's", "its own", "with root's saved id", "with another group", "its own child"};
	for (int who = 0; who < 5; who++) {
		struct gate ready = gate_open();
		pid_t pid = who == 4 ? 0 : harness_fork();
		if (who != 4 && pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (who == 1)
				become_nobody();
			if (who == 2)
				REQUIRE_OK(setresuid(65534, 65534, 0));
			if (who == 3) {
				REQUIRE_OK(setresgid(65533, 65533, 65533));
				REQUIRE_OK(setresuid(65534, 65534, 65534));
			}
			REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
			gate_signal(&ready);
			sleep_on(NULL);
		}
		if (who != 4)
			gate_wait(&ready);
		IN_CHILD(NULL) {
			become_nobody();
			REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
			OBSERVE_OK(names[who], call(who == 4 ? pid_in_state(PID_STOPPED) : pid));
		}
		if (who != 4)
			end_pid(pid);
		gate_close(&ready);
	}
}

#define PIDS(ident, expr)                                                                                             \
	static long pidcall_##ident(pid_t pid) { return (long)(expr); }                                                   \
	CASE(ident##_in_each_state) { observe_pid_states(pidcall_##ident); }                                              \
	CASE(ident##_of_threads) { observe_pid_threads(pidcall_##ident); }                                                \
	CASE(ident##_of_odd_numbers) { observe_pid_numbers(pidcall_##ident); }                                            \
	CASE(ident##_of_others, "root") { observe_pid_owners(pidcall_##ident); }

#endif
