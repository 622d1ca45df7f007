// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// write: what ends a wait for room in a pipe, in sockets and in a counter?
#include "../harness/waitsocks.h"

#include <sys/eventfd.h>

static long write_some(void) { return syscall(SYS_write, wait_on[0], wait_buf, 100); }
static long write_8(void) { return syscall(SYS_write, wait_on[0], &(uint64_t){5}, 8); }

static void full_eventfd(void) {
	wait_on[0] = wait_on[1] = REQUIRE_OK(eventfd(0, 0));
	REQUIRE_OK(eventfd_write(wait_on[0], UINT64_MAX - 1));
}

FD_WAITS(full_pipe, wait_on[0], full_pipe(), write_some(), wait_room())
FD_WAITS(full_unix_stream, wait_on[0], full_unix_pair(SOCK_STREAM), write_some(), wait_room())
FD_WAITS(full_unix_dgram, wait_on[0], full_unix_pair(SOCK_DGRAM), write_some(), wait_room())
FD_WAITS(full_unix_seqpacket, wait_on[0], full_unix_pair(SOCK_SEQPACKET), write_some(), wait_room())
WAITS(full_eventfd, full_eventfd(), write_8(), read(wait_on[1], wait_buf, 8))
