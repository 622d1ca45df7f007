// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat2: what of a file system or a mount that is read-only?
#include "../harness/places.h"

static uint64_t how[3] = {O_WRONLY | O_NONBLOCK};

READ_ONLY(openat2_to_write, syscall(SYS_openat2, AT_FDCWD, path, how, 24L))
