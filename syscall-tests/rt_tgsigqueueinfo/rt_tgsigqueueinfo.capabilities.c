// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_tgsigqueueinfo: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static siginfo_t info = {.si_code = SI_QUEUE};

CAPABILITY(roots_process, roots_process(), syscall(SYS_rt_tgsigqueueinfo, roots_pid, roots_pid, SIGTERM, &info))
