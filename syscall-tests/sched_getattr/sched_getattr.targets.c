// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_getattr: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"
#include "../harness/sched.h"

static struct kattr attr;

PIDS(target, getattr(pid, &attr, sizeof attr, 0))
