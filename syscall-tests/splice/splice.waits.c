// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// splice: what ends a wait for a byte in a pipe, and room in one?
#include "../harness/waits.h"

static int file;

static void room_wanted(void) {
	file = make_file("source", "0123456789");
	full_pipe();
}

static void data_wanted(void) {
	file = make_file("target", "");
	empty_pipe();
}

FD_WAITS(byte, wait_on[0], data_wanted(), syscall(SYS_splice, wait_on[0], NULL, file, NULL, 8, 0), wait_byte())
FD_WAITS(room, wait_on[0], room_wanted(), syscall(SYS_splice, file, NULL, wait_on[0], NULL, 8, 0), wait_room())
