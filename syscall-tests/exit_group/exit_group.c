// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// exit_group: all threads end with one status, children are handed on, and what the process held is let go.
#include "../harness/signals.h"

#include <sys/file.h>
#include <sys/prctl.h>

static void *pauses(void *arg) {
	(void)arg;
	for (;;)
		pause();
}
static void *spins(void *arg) {
	for (;;)
		*(volatile int *)arg += 1;
}
static void *exits(void *arg) {
	syscall(SYS_exit_group, (long)arg);
	return NULL;
}

CASE(ends_sleeping_and_running_threads) {
	int st;
	static int counter;
	IN_CHILD(&st) {
		thread_start(pauses, NULL);
		thread_start(spins, &counter);
		syscall(SYS_exit_group, 21);
	}
	OBSERVE_STATUS("by the leader", st);
	IN_CHILD(&st) {
		thread_start(pauses, NULL);
		thread_start(exits, (void *)0x1fe);
		for (;;)
			pause();
	}
	OBSERVE_STATUS("by a thread", st);
}

CASE(lets_go_of_files_and_locks) {
	int fds[2];
	char c;
	REQUIRE_OK(pipe(fds));
	int fd = make_file("f", "");
	pid_t child = harness_fork();
	if (child == 0) {
		int own = open("f", O_RDWR);
		REQUIRE_OK(flock(own, LOCK_EX));
		REQUIRE_OK(fcntl(own, F_SETLK, &(struct flock){.l_type = F_WRLCK}));
		syscall(SYS_exit_group, 0);
	}
	close(fds[1]);
	OBSERVE_RET("end of file", read(fds[0], &c, 1));
	siginfo_t i;
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE_RET("flock", flock(fd, LOCK_EX | LOCK_NB));
	OBSERVE_RET("lock", fcntl(fd, F_SETLK, &(struct flock){.l_type = F_WRLCK}));
	wait_for(child);
}

CASE(children_get_the_death_signal) {
	struct gate up = gate_open();
	REQUIRE_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid_t middle = harness_fork();
	if (middle == 0) {
		if (harness_fork() == 0) {
			REQUIRE_OK(prctl(PR_SET_PDEATHSIG, SIGTERM));
			gate_signal(&up);
			for (;;)
				pause();
		}
		gate_wait(&up);
		syscall(SYS_exit_group, 1);
	}
	OBSERVE_STATUS("middle", wait_for(middle));
	int st;
	REQUIRE_OK(wait(&st));
	OBSERVE_STATUS("its child", st);
}

CASE(only_eight_bits) {
	int st;
	IN_CHILD(&st) syscall(SYS_exit_group, 0x12345678);
	OBSERVE_STATUS("status", st);
	CHECK_EQ(WEXITSTATUS(st), 0x78);
}
