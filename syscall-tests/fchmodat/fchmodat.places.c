// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmodat: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(fchmodat, syscall(SYS_fchmodat, AT_FDCWD, path, 0600))
