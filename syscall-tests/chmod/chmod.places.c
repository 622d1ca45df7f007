// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chmod: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(chmod, syscall(SYS_chmod, path, 0600))
