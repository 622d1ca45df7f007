// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsync: a file written out: of which descriptors?
#include "../harness/syncs.h"

static long call(int fd) { return syscall(SYS_fsync, fd); }

CASE(descriptors) { observe_sync_descriptors(call); }
CASE(sockets) { observe_sync_socket(call); }
CASE(keeps_everything) { check_sync_keeps(call); }
