// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// symlinkat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(symlinkat, syscall(SYS_symlinkat, "target", AT_FDCWD, path))
