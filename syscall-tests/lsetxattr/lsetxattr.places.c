// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lsetxattr: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(lsetxattr, syscall(SYS_lsetxattr, path, "trusted.a", "x", 1, 0))
