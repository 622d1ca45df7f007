// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmodat2: what of a file system or a mount that is read-only?
#include "../harness/places.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

READ_ONLY(fchmodat2, syscall(SYS_fchmodat2, AT_FDCWD, path, 0600, AT_SYMLINK_NOFOLLOW))
