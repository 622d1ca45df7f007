// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_getaffinity: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

static unsigned long mask[16];

PIDS(target, syscall(SYS_sched_getaffinity, pid, sizeof mask, mask))
