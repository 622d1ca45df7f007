// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prctl: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/prctl.h>

PIDS(ptracer, syscall(SYS_prctl, PR_SET_PTRACER, pid))
