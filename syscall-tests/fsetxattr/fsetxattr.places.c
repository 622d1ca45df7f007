// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsetxattr: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY_FD(fsetxattr, syscall(SYS_fsetxattr, fd, "user.a", "x", 1, 0))
