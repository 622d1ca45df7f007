// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmod: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY_FD(fchmod, syscall(SYS_fchmod, fd, 0600))
