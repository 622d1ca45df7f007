// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: what ends a wait for the other end of a fifo?
#include "../harness/waits.h"

static void a_fifo(void) {
	unlink("fifo");
	REQUIRE_OK(mkfifo("fifo", 0600));
}

// The other end comes, and goes again: whoever waited for it is let through all the same.
static void other_end(int flags) { close(REQUIRE_OK(open("fifo", flags))); }

WAITS(fifo_to_read, a_fifo(), syscall(SYS_open, "fifo", O_RDONLY, 0) >= 0 ? 0 : -1, other_end(O_WRONLY))
WAITS(fifo_to_write, a_fifo(), syscall(SYS_open, "fifo", O_WRONLY, 0) >= 0 ? 0 : -1, other_end(O_RDONLY))
