// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// kcmp: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_PTRACE, 19, roots_process, roots_process(), syscall(SYS_kcmp, roots_pid, getpid(), 1, 0, 0) < 0 ? -1 : 0)
