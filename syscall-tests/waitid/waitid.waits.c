// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// waitid: what ends a wait for the end of a child, its stop, and a pidfd?
#include "../harness/waits.h"

static struct gate go;
static pid_t child;

static void a_child(void) {
	go = gate_open();
	if ((child = harness_fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGUSR1, SIG_IGN);
		gate_wait(&go);
		_exit(5);
	}
}

static siginfo_t si;
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

WAITS(end_of_a_child, a_child(), syscall(SYS_waitid, P_PID, child, &si, WEXITED, NULL), gate_signal(&go))
WAITS(stop_of_a_child, a_child(), syscall(SYS_waitid, P_PID, child, &si, WSTOPPED, NULL), kill(child, SIGSTOP))
WAITS(end_of_a_pidfd, (a_child(), wait_on[0] = REQUIRE_OK(syscall(SYS_pidfd_open, child, 0))), syscall(SYS_waitid, P_PIDFD, wait_on[0], &si, WEXITED | WNOWAIT, NULL), gate_signal(&go))
