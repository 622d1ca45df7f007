// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// read: what is said of descriptors that can't be read from?
#include "../harness/rwerrors.h"

READ_ERRORS(syscall(SYS_read, fd, buf, n))
