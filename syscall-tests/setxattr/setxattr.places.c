// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setxattr: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(setxattr, syscall(SYS_setxattr, path, "user.a", "x", 1, 0))
