// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// execve: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static void a_program(void) {
	close(make_file("script", "#!/bin/sh\nexit 0\n"));
	REQUIRE_OK(chmod("script", 0700));
}

// The errno of a child that fails to execute it; 0 if it ran.
static long run_it(void) {
	int st;
	pid_t pid = harness_fork();
	if (pid == 0) {
		syscall(SYS_execve, "script", (char *[]){"script", NULL}, (char *[]){NULL});
		_exit(errno);
	}
	st = wait_for(pid);
	errno = WEXITSTATUS(st);
	return errno ? -1 : 0;
}

CAPABILITY(what_root_alone_may, a_program(), run_it())
