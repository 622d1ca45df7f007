// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// symlink: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY(symlink, syscall(SYS_symlink, "x", path))
NO_INODES(symlink, syscall(SYS_symlink, "x", path))
