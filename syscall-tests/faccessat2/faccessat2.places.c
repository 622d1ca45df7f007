// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat2: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(faccessat2, syscall(SYS_faccessat2, AT_FDCWD, path, W_OK, AT_EACCESS))
