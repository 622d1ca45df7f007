// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// truncate: what of files and directories that nobody may change, or that may only grow?
#include "../harness/immutables.h"

IMMUTABLE(truncate, syscall(SYS_truncate, path, 3L))
