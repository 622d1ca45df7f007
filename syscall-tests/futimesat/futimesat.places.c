// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futimesat: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(futimesat, syscall(SYS_futimesat, AT_FDCWD, path, NULL))
