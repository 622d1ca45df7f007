// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tkill: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(roots_process, roots_process(), syscall(SYS_tkill, roots_pid, SIGTERM))
