// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_getparam: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sched.h>

static struct sched_param param;

PIDS(target, syscall(SYS_sched_getparam, pid, &param))
