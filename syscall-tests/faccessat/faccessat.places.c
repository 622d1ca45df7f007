// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(faccessat, syscall(SYS_faccessat, AT_FDCWD, path, W_OK))
