// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchownat: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(fchownat, syscall(SYS_fchownat, AT_FDCWD, path, 1, 1, 0))
