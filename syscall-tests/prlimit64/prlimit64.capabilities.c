// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prlimit64: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/resource.h>

static struct rlimit low = {10, 20}, high = {10, 30};

CAPABILITY_OF(CAP_SYS_RESOURCE, 24, above_the_hard_limit, REQUIRE_OK(setrlimit(RLIMIT_SIGPENDING, &low)), syscall(SYS_prlimit64, 0, RLIMIT_SIGPENDING, &high, NULL))
CAPABILITY_OF(CAP_SYS_RESOURCE, 24, of_roots_process, roots_process(), syscall(SYS_prlimit64, roots_pid, RLIMIT_SIGPENDING, NULL, &low))
