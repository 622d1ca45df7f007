// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futimesat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/time.h>

static struct timeval times[2] = {{1000, 0}, {2000, 0}};

CAPABILITY(to_a_given_time, roots_files(), syscall(SYS_futimesat, AT_FDCWD, "file", times))
