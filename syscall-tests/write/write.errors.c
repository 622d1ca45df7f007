// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// write: what is said of descriptors that can't be written to?
#include "../harness/rwerrors.h"

WRITE_ERRORS(syscall(SYS_write, fd, buf, n))

static long plain(int fd, void *buf, size_t n) { return syscall(SYS_write, fd, buf, n); }

CASE(operation_missing) { rwe_no_operation(plain); }
