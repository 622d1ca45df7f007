// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setpriority: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/resource.h>

PIDS(process, syscall(SYS_setpriority, PRIO_PROCESS, pid, 7))
PIDS(group, syscall(SYS_setpriority, PRIO_PGRP, pid, 7))
