// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// get_robust_list: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static void *head;
static size_t len;

CAPABILITY_OF(CAP_SYS_PTRACE, 19, roots_process, roots_process(), syscall(SYS_get_robust_list, roots_pid, &head, &len))
