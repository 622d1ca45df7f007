// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getpid: one number for all threads of a process, a new one for a child, the same one after exec.
#include "../harness/harness.h"

#include <sched.h>

static void *pid_of_thread(void *arg) {
	(void)arg;
	return (void *)syscall(SYS_getpid);
}

CASE(threads_share_it) {
	CHECK_EQ((long)thread_join(thread_start(pid_of_thread, NULL)), syscall(SYS_getpid));
}

CASE(child_has_its_own) {
	long me = syscall(SYS_getpid);
	struct gate told = gate_open(), go = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		long mine = syscall(SYS_getpid);
		CHECK(mine != me);
		CHECK_EQ(syscall(SYS_gettid), mine);
		REQUIRE(write(told.w, &mine, sizeof mine) == sizeof mine);
		gate_wait(&go);
		_exit(0);
	}
	long said = 0;
	REQUIRE(read(told.r, &said, sizeof said) == sizeof said);
	CHECK_EQ(said, child);
	gate_signal(&go);
	OBSERVE_STATUS("child", wait_for(child));
	CHECK_EQ(syscall(SYS_getpid), me);
}

CASE(exec_keeps_it) {
	int fds[2];
	char buf[64] = "";
	REQUIRE_OK(pipe(fds));
	pid_t child = harness_fork();
	if (child == 0) {
		dup2(fds[1], 1);
		close(fds[1]);
		execl("/bin/sh", "sh", "-c", "echo $$", NULL);
		_exit(127);
	}
	close(fds[1]);
	OBSERVE_STATUS("sh", wait_for(child));
	REQUIRE(read(fds[0], buf, sizeof buf - 1) > 0);
	CHECK_EQ(atoi(buf), child);
}

static void *exec_sh(void *arg) {
	dup2(*(int *)arg, 1);
	execl("/bin/sh", "sh", "-c", "echo $$", NULL);
	_exit(127);
}

// exec from a thread that is not the first: the process keeps its number, whoever calls.
CASE(exec_in_a_thread_keeps_it) {
	int fds[2];
	char buf[64] = "";
	REQUIRE_OK(pipe(fds));
	pid_t child = harness_fork();
	if (child == 0) {
		struct gate never = gate_open();
		thread_start(exec_sh, &fds[1]);
		gate_wait(&never);
		_exit(126);
	}
	close(fds[1]);
	OBSERVE_STATUS("sh", wait_for(child));
	REQUIRE(read(fds[0], buf, sizeof buf - 1) > 0);
	CHECK_EQ(atoi(buf), child);
}

CASE(proc_self_agrees) {
	char buf[64] = "";
	REQUIRE(readlink("/proc/self", buf, sizeof buf - 1) > 0);
	CHECK_EQ(atoi(buf), syscall(SYS_getpid));
	const char *status = read_file("/proc/self/status");
	REQUIRE(status && strstr(status, "\nPid:\t"));
	CHECK_EQ(atoi(strstr(status, "\nPid:\t") + 6), syscall(SYS_getpid));
	CHECK_EQ(atoi(strstr(status, "\nTgid:\t") + 7), syscall(SYS_getpid));
}

CASE(ignores_arguments) {
	errno = 77;
	CHECK_EQ(syscall(SYS_getpid, -1L, -1L, -1L, -1L, -1L, -1L), getpid());
	CHECK_EQ(errno, 77);
}

CASE(is_one_in_a_new_pid_namespace, "root cap:21") {
	IN_CHILD(NULL) {
		long r = OBSERVE_RET("unshare", unshare(CLONE_NEWPID));
		if (r == 0) {
			int st;
			IN_CHILD(&st) {
				OBSERVE("pid", "%ld", syscall(SYS_getpid));
				OBSERVE("ppid", "%ld", syscall(SYS_getppid));
				OBSERVE("tid", "%ld", syscall(SYS_gettid));
			}
			OBSERVE_STATUS("init", st);
		}
	}
}

// A reused number is never one that still is in use.
CASE(children_have_distinct_ones) {
	pid_t pids[64];
	struct gate go = gate_open();
	for (int i = 0; i < 64; i++) {
		pids[i] = harness_fork();
		if (pids[i] == 0) {
			gate_wait(&go);
			_exit(0);
		}
		for (int j = 0; j < i; j++)
			CHECK(pids[i] != pids[j]);
	}
	for (int i = 0; i < 64; i++)
		gate_signal(&go);
	for (int i = 0; i < 64; i++)
		CHECK_EQ(wait_for(pids[i]), 0);
}
