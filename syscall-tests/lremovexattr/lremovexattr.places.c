// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lremovexattr: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(lremovexattr, syscall(SYS_lremovexattr, path, "user.a"))
