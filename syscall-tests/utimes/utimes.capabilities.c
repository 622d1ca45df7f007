// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utimes: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(to_now, roots_files(), syscall(SYS_utimes, "file", NULL))
