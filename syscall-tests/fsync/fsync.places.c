// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsync: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY_FD(fsync, syscall(SYS_fsync, fd))
