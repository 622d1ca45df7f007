// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// symlink: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(symlink, syscall(SYS_symlink, "target", path))
