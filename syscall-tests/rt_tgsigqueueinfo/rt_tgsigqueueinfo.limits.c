// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_tgsigqueueinfo: what is said when no more signals may wait?
#include "../harness/sigpending.h"

static long send_it(int sig) {
	siginfo_t si = {.si_signo = sig, .si_code = SI_QUEUE};
	return syscall(SYS_rt_tgsigqueueinfo, getpid(), tid_self(), sig, &si);
}

CASE(a_full_queue) { observe_full_queue(send_it); }
