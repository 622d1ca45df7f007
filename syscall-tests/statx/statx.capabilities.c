// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// statx: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/stat.h>

static struct statx sx;

CAPABILITY(below_a_locked_directory, roots_files(), syscall(SYS_statx, AT_FDCWD, "locked/file", 0, STATX_ALL, &sx))
