// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fremovexattr: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY_FD(fremovexattr, syscall(SYS_fremovexattr, fd, "user.a"))
