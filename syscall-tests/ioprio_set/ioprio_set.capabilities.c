// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioprio_set: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_NICE, 23, of_roots_process, roots_process(), syscall(SYS_ioprio_set, 1, roots_pid, 2 << 13 | 5))
CAPABILITY_OF(CAP_SYS_NICE, 23, of_real_time, (void)0, syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 4))
