// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utimensat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <time.h>

static struct timespec times[2] = {{1000, 0}, {2000, 0}};

CAPABILITY(to_a_given_time, roots_files(), syscall(SYS_utimensat, AT_FDCWD, "file", times, 0))
CAPABILITY(to_now, roots_files(), syscall(SYS_utimensat, AT_FDCWD, "file", NULL, 0))
