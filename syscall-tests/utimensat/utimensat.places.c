// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utimensat: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(utimensat, syscall(SYS_utimensat, AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW))
READ_ONLY_FD(descriptor, syscall(SYS_utimensat, fd, NULL, NULL, 0))
