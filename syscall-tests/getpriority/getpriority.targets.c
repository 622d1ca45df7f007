// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getpriority: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/resource.h>

PIDS(process, syscall(SYS_getpriority, PRIO_PROCESS, pid))
PIDS(group, syscall(SYS_getpriority, PRIO_PGRP, pid))
