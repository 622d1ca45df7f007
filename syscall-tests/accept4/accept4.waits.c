// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// accept4: what ends a wait for a caller, on a Unix socket and over TCP?
#include "../harness/waitsocks.h"

FD_WAITS(unix_caller, wait_on[0], unix_listener(), syscall(SYS_accept4, wait_on[0], NULL, NULL, 0) >= 0 ? 0 : -1, unix_caller())
FD_WAITS(tcp_caller, wait_on[0], tcp_listener(), syscall(SYS_accept4, wait_on[0], NULL, NULL, 0) >= 0 ? 0 : -1, tcp_caller())
