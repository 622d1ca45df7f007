// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/ptrace.h>

CAPABILITY_OF(CAP_SYS_PTRACE, 19, roots_process, roots_process(), syscall(SYS_ptrace, PTRACE_SEIZE, roots_pid, 0, 0))
