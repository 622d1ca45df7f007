// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_setscheduler: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sched.h>

static struct sched_param param;

CAPABILITY_OF(CAP_SYS_NICE, 23, of_roots_process, roots_process(), syscall(SYS_sched_setscheduler, roots_pid, SCHED_BATCH, &param))
