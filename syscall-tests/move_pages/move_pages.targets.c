// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// move_pages: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

PIDS(target, syscall(SYS_move_pages, pid, 0, NULL, NULL, NULL, 0))
