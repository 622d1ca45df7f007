// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lstat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/stat.h>

static struct stat st;

CAPABILITY(below_a_locked_directory, roots_files(), syscall(SYS_lstat, "locked/link", &st))
