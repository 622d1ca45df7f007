// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchown: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY_FD(fchown, syscall(SYS_fchown, fd, 5, 6))
