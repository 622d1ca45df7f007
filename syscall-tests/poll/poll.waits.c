// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// poll: what ends a wait for a byte in a pipe?
#include "../harness/waits.h"

static struct pollfd waited(void) { return (struct pollfd){wait_on[0], POLLIN, 0}; }

FD_WAITS(byte, wait_on[0], empty_pipe(), ({ struct pollfd p = waited(); syscall(SYS_poll, &p, 1, -1); }), wait_byte())
WAITS(byte_for_a_minute, empty_pipe(), ({ struct pollfd p = waited(); syscall(SYS_poll, &p, 1, 60000); }), wait_byte())
