// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendfile: what ends a wait for room in a pipe?
#include "../harness/waits.h"

static int file;

static void room_wanted(void) {
	file = make_file("source", "0123456789");
	full_pipe();
}

FD_WAITS(room, wait_on[0], room_wanted(), syscall(SYS_sendfile, wait_on[0], file, NULL, 8), wait_room())
