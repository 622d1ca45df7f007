// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// symlinkat: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY(symlinkat, syscall(SYS_symlinkat, "x", AT_FDCWD, path))
NO_INODES(symlinkat, syscall(SYS_symlinkat, "x", AT_FDCWD, path))
