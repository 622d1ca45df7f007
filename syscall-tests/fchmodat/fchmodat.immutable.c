// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmodat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(fchmodat, syscall(SYS_fchmodat, AT_FDCWD, path, 0600))
