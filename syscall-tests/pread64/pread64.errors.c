// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pread64: what is said of descriptors that can't be read from?
#include "../harness/rwerrors.h"

READ_ERRORS(syscall(SYS_pread64, fd, buf, n, 0L))
