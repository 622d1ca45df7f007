// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// kcmp: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(first, syscall(SYS_kcmp, pid, getpid(), 1, 0, 0) < 0 ? -1 : 0)
PIDS(second, syscall(SYS_kcmp, getpid(), pid, 1, 0, 0) < 0 ? -1 : 0)
