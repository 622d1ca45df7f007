// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fcntl: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

static long own(int type, pid_t pid) {
	struct f_owner_ex o = {.type = type, .pid = pid};
	int p[2];
	REQUIRE_OK(pipe(p));
	long r = syscall(SYS_fcntl, p[0], F_SETOWN_EX, &o);
	int err = errno;
	close(p[0]), close(p[1]);
	errno = err;
	return r;
}

PIDS(owner, syscall(SYS_fcntl, 0, F_SETOWN, pid))
PIDS(owning_thread, own(F_OWNER_TID, pid))
PIDS(owning_process, own(F_OWNER_PID, pid))
PIDS(owning_group, own(F_OWNER_PGRP, pid))
