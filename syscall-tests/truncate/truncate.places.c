// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// truncate: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(truncate, syscall(SYS_truncate, path, 3L))
