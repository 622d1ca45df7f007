// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setaffinity: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

static unsigned long mask[16] = {~0UL, ~0UL};

PIDS(target, syscall(SYS_sched_setaffinity, pid, sizeof mask, mask))
