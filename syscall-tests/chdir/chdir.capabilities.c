// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chdir: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(a_locked_directory, roots_files(), syscall(SYS_chdir, "locked"))
CAPABILITY(below_a_locked_directory, roots_files(), syscall(SYS_chdir, "locked/."))
