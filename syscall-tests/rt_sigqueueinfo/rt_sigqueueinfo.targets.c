// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigqueueinfo: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

static siginfo_t queued = {.si_code = SI_QUEUE};

PIDS(target, syscall(SYS_rt_sigqueueinfo, pid, 0, &queued))
