// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// timer_create: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <time.h>

static int timer;

// The clocks of processor time of a process and of a thread.
static int of_process(pid_t pid) { return (int)(~(unsigned)pid << 3 | 2); }
static int of_thread(pid_t pid) { return (int)(~(unsigned)pid << 3 | 6); }

PIDS(clock_of_a_process, syscall(SYS_timer_create, of_process(pid), NULL, &timer))
PIDS(clock_of_a_thread, syscall(SYS_timer_create, of_thread(pid), NULL, &timer))
