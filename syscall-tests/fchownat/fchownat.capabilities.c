// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchownat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(to_oneself, roots_files(), syscall(SYS_fchownat, AT_FDCWD, "file", 65534, 65534, 0))
