// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unlinkat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(unlinkat, syscall(SYS_unlinkat, AT_FDCWD, path, 0))
