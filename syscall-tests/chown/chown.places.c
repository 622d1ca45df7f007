// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chown: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(chown, syscall(SYS_chown, path, 5, 6))
