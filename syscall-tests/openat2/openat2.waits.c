// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat2: what ends a wait for the other end of a fifo?
#include "../harness/waits.h"

#include <linux/openat2.h>

static void a_fifo(void) {
	unlink("fifo");
	REQUIRE_OK(mkfifo("fifo", 0600));
}

// The other end comes, and goes again: whoever waited for it is let through all the same.
static void other_end(int flags) { close(REQUIRE_OK(open("fifo", flags))); }

static long open_it(int flags) {
	struct open_how how = {.flags = flags};
	return syscall(SYS_openat2, AT_FDCWD, "fifo", &how, sizeof how) >= 0 ? 0 : -1;
}

WAITS(fifo_to_read, a_fifo(), open_it(O_RDONLY), other_end(O_WRONLY))
WAITS(fifo_to_write, a_fifo(), open_it(O_WRONLY), other_end(O_RDONLY))
