// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: PEEKTEXT and POKETEXT, which Linux makes no difference of to those of data.
#include "../harness/harness.h"

#include <sys/ptrace.h>

CASE(text_is_data) {
	static volatile long word = 0x1122334455667788;
	pid_t pid = harness_fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(word == 42 ? 0 : 1);
	}
	long got = 0;
	REQUIRE_OK(waitpid(pid, NULL, 0));
	CHECK_OK(syscall(SYS_ptrace, PTRACE_PEEKTEXT, pid, &word, &got));
	OBSERVE("word", "%#lx", got);
	OBSERVE_RET("peek nothing", syscall(SYS_ptrace, PTRACE_PEEKTEXT, pid, bad_ptr(), &got));
	OBSERVE_RET("peek into nothing", syscall(SYS_ptrace, PTRACE_PEEKTEXT, pid, &word, bad_ptr()));
	CHECK_OK(syscall(SYS_ptrace, PTRACE_POKETEXT, pid, &word, 42));
	CHECK_OK(syscall(SYS_ptrace, PTRACE_CONT, pid, 0, 0));
	CHECK_EQ(wait_for(pid), 0);
}
