// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_rr_get_interval: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <time.h>

static struct timespec interval;

PIDS(target, syscall(SYS_sched_rr_get_interval, pid, &interval))
