// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// wait4: what ends a wait for the end of a child, and its stop?
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

WAITS(end_of_a_child, a_child(), syscall(SYS_wait4, child, NULL, 0, NULL) == child ? 0 : -1, gate_signal(&go))
WAITS(end_of_any_child_of_the_group, a_child(), syscall(SYS_wait4, child, NULL, __WNOTHREAD, NULL) == child ? 0 : -1, gate_signal(&go))
WAITS(stop_of_a_child, a_child(), syscall(SYS_wait4, child, NULL, WUNTRACED, NULL) == child ? 0 : -1, kill(child, SIGSTOP))
