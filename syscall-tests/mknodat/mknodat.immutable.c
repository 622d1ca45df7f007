// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mknodat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(mknodat, syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | 0644, 0))
