// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setaffinity: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static unsigned long mask = ~0UL;

CAPABILITY_OF(CAP_SYS_NICE, 23, of_roots_process, roots_process(), syscall(SYS_sched_setaffinity, roots_pid, 8, &mask))
