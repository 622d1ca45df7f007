// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// read: what is said of descriptors that can't be read from?
#include "../harness/rwerrors.h"

READ_ERRORS(syscall(SYS_read, fd, buf, n))

static long plain(int fd, void *buf, size_t n) { return syscall(SYS_read, fd, buf, n); }

CASE(operation_missing) { rwe_no_operation(plain); }
