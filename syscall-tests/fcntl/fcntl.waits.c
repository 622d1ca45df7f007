// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fcntl: what ends a wait for a lock that a child holds: of the process and of the open file?
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
		REQUIRE_OK(fcntl(fd, kind, &l));
		gate_signal(&locked);
		gate_wait(&unlock);
		_exit(0);
	}
	gate_wait(&locked);
}

static long lock_it(int cmd, int type) {
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = 3, .l_len = 2};
	return syscall(SYS_fcntl, wait_on[0], cmd, &l);
}

FD_WAITS(record_lock, wait_on[0], a_lock(F_SETLKW), lock_it(F_SETLKW, F_WRLCK), gate_signal(&unlock))
WAITS(shared_record_lock, a_lock(F_SETLKW), lock_it(F_SETLKW, F_RDLCK), gate_signal(&unlock))
WAITS(lock_of_the_open_file, a_lock(F_OFD_SETLKW), lock_it(F_OFD_SETLKW, F_WRLCK), gate_signal(&unlock))
