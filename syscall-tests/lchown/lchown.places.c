// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lchown: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(lchown, syscall(SYS_lchown, path, 5, 6))
