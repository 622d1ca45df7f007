// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// waitid: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

static siginfo_t told;

PIDS(process, syscall(SYS_waitid, P_PID, pid, &told, WNOHANG | WEXITED | WSTOPPED | WNOWAIT, NULL))
PIDS(group, syscall(SYS_waitid, P_PGID, pid, &told, WNOHANG | WEXITED | WSTOPPED | WNOWAIT, NULL))
