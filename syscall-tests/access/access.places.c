// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// access: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(access_to_write, syscall(SYS_access, path, W_OK))
READ_ONLY(access_to_read, syscall(SYS_access, path, R_OK))
