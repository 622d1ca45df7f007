// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendto: what ends a wait for room in a socket?
#include "../harness/waitsocks.h"

FD_WAITS(full_unix_stream, wait_on[0], full_unix_pair(SOCK_STREAM), syscall(SYS_sendto, wait_on[0], wait_buf, 9, 0, NULL, 0), wait_room())
FD_WAITS(full_unix_dgram, wait_on[0], full_unix_pair(SOCK_DGRAM), syscall(SYS_sendto, wait_on[0], wait_buf, 9, 0, NULL, 0), wait_room())
