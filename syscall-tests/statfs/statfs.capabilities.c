// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// statfs: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/vfs.h>

static struct statfs sf;

CAPABILITY(below_a_locked_directory, roots_files(), syscall(SYS_statfs, "locked/file", &sf))
