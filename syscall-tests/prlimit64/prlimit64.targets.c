// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prlimit64: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/resource.h>

static struct rlimit was, to = {500, 1000};

PIDS(looked_at, syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, NULL, &was))
PIDS(changed, syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, &to, NULL))
