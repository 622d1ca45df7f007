// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioprio_get: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(process, syscall(SYS_ioprio_get, 1, pid))
PIDS(group, syscall(SYS_ioprio_get, 2, pid))
