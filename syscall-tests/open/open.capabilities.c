// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(a_secret_to_read, roots_files(), syscall(SYS_open, "secret", O_RDONLY))
CAPABILITY(without_access_time, roots_files(), syscall(SYS_open, "file", O_RDONLY | O_NOATIME))
