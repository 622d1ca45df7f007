// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utime: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(utime, syscall(SYS_utime, path, NULL))
