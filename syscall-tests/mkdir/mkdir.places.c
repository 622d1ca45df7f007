// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdir: what of a file system or a mount that is read-only, one that is full?
#include "../harness/places.h"

READ_ONLY(mkdir, syscall(SYS_mkdir, path, 0755))
NO_INODES(mkdir, syscall(SYS_mkdir, path, 0755))
