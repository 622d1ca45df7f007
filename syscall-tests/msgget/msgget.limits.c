// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgget: what is said when a namespace has as many as it may?
#include "../harness/sysv.h"

#include <sched.h>

CASE(as_many_as_there_may_be, "root cap:21") {
	REQUIRE_OK(unshare(CLONE_NEWIPC));
	int fd = open("/proc/sys/kernel/msgmni", O_WRONLY);
	if (fd < 0 || write(fd, "3", strlen("3")) < 0)
		SKIP("the limit can't be set: %s", errno_name(errno));
	close(fd);
	for (int i = 0; i < 5; i++)
		OBSERVE_OK(name("number %d", i), msgget_(IPC_PRIVATE, 0600));
}
