// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwrite64: what is said of descriptors that can't be written to?
#include "../harness/rwerrors.h"

WRITE_ERRORS(syscall(SYS_pwrite64, fd, buf, n, 0L))
