// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// get_robust_list: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

static void *head;
static size_t len;

PIDS(target, syscall(SYS_get_robust_list, pid, &head, &len))
