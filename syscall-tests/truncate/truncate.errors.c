// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// truncate: is a program that runs left alone?
#include "../harness/files.h"

CASE(programs_that_run) {
	REQUIRE_OK(system("cp /bin/sleep program") == 0 ? 0 : -1);
	int p[2];
	char b;
	REQUIRE_OK(pipe2(p, O_CLOEXEC));
	pid_t c = harness_fork();
	if (c == 0) {
		execl("./program", "program", "1000", NULL);
		_exit(1);
	}
	close(p[1]);
	CHECK_EQ(read(p[0], &b, 1), 0);
	OBSERVE_RET("while it runs", syscall(SYS_truncate, "program", 10L));
	kill(c, SIGKILL);
	wait_for(c);
	OBSERVE_RET("afterwards", syscall(SYS_truncate, "program", 10L));
}
