// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setpriority: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/resource.h>

CAPABILITY_OF(CAP_SYS_NICE, 23, of_roots_process, roots_process(), syscall(SYS_setpriority, PRIO_PROCESS, roots_pid, 5))
