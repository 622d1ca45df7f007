// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// removexattr: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(removexattr, syscall(SYS_removexattr, path, "user.a"))
