// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utime: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <utime.h>

static struct utimbuf times = {1000, 2000};

CAPABILITY(to_a_given_time, roots_files(), syscall(SYS_utime, "file", &times))
