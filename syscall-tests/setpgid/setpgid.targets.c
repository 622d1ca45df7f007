// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setpgid: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(target, syscall(SYS_setpgid, pid, 0))
PIDS(group_to_join, syscall(SYS_setpgid, 0, pid))
