// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// readlink: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static char to[100];

CAPABILITY(below_a_locked_directory, roots_files(), syscall(SYS_readlink, "locked/link", to, sizeof to))
