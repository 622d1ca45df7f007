// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// flock: what ends a wait for a lock that a child holds?
#include "../harness/waits.h"

#include <sys/file.h>

// Locked by a child, which gives the lock back when it is told to.
static struct gate unlock;

static void a_lock(int kind) {
	struct gate locked = gate_open();
	unlock = gate_open();
	wait_on[0] = make_file("locked", "content");
	if (harness_fork() == 0) {
		struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		int fd = REQUIRE_OK(open("locked", O_RDWR));
		REQUIRE_OK(kind == 0 ? flock(fd, LOCK_EX) : fcntl(fd, kind, &l));
		gate_signal(&locked);
		gate_wait(&unlock);
		_exit(0);
	}
	gate_wait(&locked);
}

FD_WAITS(exclusive_lock, wait_on[0], a_lock(0), syscall(SYS_flock, wait_on[0], LOCK_EX), gate_signal(&unlock))
WAITS(shared_lock, a_lock(0), syscall(SYS_flock, wait_on[0], LOCK_SH), gate_signal(&unlock))
