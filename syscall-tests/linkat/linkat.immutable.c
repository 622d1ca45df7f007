// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// linkat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(linkat, syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "link", 0))
