// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// newfstatat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/stat.h>

static struct stat st;

CAPABILITY(below_a_locked_directory, roots_files(), syscall(SYS_newfstatat, AT_FDCWD, "locked/file", &st, 0))
