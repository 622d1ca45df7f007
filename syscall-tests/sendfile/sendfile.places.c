// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendfile: what of one that is full?
#include "../harness/places.h"

NO_ROOM(sendfile, syscall(SYS_sendfile, fd, open("other", O_RDONLY), &(off_t){0}, 8192L))
