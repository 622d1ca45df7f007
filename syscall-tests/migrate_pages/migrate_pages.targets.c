// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// migrate_pages: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

static unsigned long nodes = 1;

PIDS(target, syscall(SYS_migrate_pages, pid, 64, &nodes, &nodes))
