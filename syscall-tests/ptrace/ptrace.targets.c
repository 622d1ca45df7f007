// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/ptrace.h>

PIDS(seized, syscall(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0))
PIDS(attached, syscall(SYS_ptrace, PTRACE_ATTACH, pid, 0, 0))
PIDS(not_traced, syscall(SYS_ptrace, PTRACE_CONT, pid, 0, 0))
