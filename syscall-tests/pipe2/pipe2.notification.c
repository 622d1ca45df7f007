// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pipe2: is a pipe for notifications one that knows them, or refused for the reason that the manual gives?
#include "../harness/harness.h"

#include <fcntl.h>

CASE(for_notifications) {
	int p[2] = {-1, -1};
	if (syscall(SYS_pipe2, p, 0x80 /* O_NOTIFICATION_PIPE */) < 0)
		CHECK(errno == ENOPKG);
	else
		CHECK(p[0] >= 0 && p[1] >= 0);
	OBSERVE_RET("with O_DIRECT", syscall(SYS_pipe2, bad_ptr(), 0x80 | O_DIRECT) < 0 ? -1 : 0);
}
