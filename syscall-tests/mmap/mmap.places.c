// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mmap: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY_FD(mmap, syscall(SYS_mmap, NULL, 4096L, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L) == -1 ? -1 : 0)
