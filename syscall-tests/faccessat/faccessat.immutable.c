// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(faccessat, syscall(SYS_faccessat, AT_FDCWD, path, W_OK))
