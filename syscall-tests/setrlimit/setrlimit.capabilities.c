// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setrlimit: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/resource.h>

static struct rlimit low = {10, 20}, high = {10, 30};

CAPABILITY_OF(CAP_SYS_RESOURCE, 24, above_the_hard_limit, REQUIRE_OK(setrlimit(RLIMIT_SIGPENDING, &low)), syscall(SYS_setrlimit, RLIMIT_SIGPENDING, &high))
