// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_open: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(process, syscall(SYS_pidfd_open, pid, 0))
PIDS(thread, syscall(SYS_pidfd_open, pid, O_EXCL))
