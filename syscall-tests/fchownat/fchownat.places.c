// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchownat: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(fchownat, syscall(SYS_fchownat, AT_FDCWD, path, 5, 6, 0))
