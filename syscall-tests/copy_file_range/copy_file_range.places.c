// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// copy_file_range: what of one that is full?
#include "../harness/places.h"

NO_ROOM(copy_file_range, syscall(SYS_copy_file_range, open("other", O_RDONLY), &(off_t){0}, fd, NULL, 8192L, 0))
