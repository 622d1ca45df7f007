// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getsid: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(target, syscall(SYS_getsid, pid))
