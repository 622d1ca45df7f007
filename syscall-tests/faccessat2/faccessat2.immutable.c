// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat2: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(faccessat2, syscall(SYS_faccessat2, AT_FDCWD, path, W_OK, 0))
