// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdirat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(mkdirat, syscall(SYS_mkdirat, AT_FDCWD, path, 0755))
