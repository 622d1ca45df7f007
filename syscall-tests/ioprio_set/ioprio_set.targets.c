// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioprio_set: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(process, syscall(SYS_ioprio_set, 1, pid, 2 << 13 | 5))
PIDS(group, syscall(SYS_ioprio_set, 2, pid, 2 << 13 | 5))
