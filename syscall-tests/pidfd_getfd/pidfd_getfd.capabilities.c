// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_getfd: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_PTRACE, 19, roots_process, roots_process(), syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, roots_pid, 0), 0, 0))
