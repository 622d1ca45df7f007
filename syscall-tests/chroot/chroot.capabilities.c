// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chroot: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(a_directory, roots_files(), syscall(SYS_chroot, "dir"))
CAPABILITY(a_locked_directory, roots_files(), syscall(SYS_chroot, "locked/."))
