// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tgkill: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(target, syscall(SYS_tgkill, pid, pid, 0))
PIDS(thread_of_the_caller, syscall(SYS_tgkill, getpid(), pid, 0))
