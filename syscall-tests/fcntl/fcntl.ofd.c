// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fcntl: locks of open files: what they ask of struct flock, in which order, and F_UNLCK, which asks for one's own.
#include "../harness/files.h"

static long lock(int fd, int cmd, struct flock f) { return fcntl(fd, cmd, &f); }

CASE(ofd_own_locks) {
	int fd = REQUIRE_OK(open("f", O_RDWR | O_CREAT, 0600)), other = REQUIRE_OK(open("f", O_RDWR));
	struct flock f = {.l_type = F_UNLCK};
	OBSERVE_RET("none", fcntl(fd, F_OFD_GETLK, &f));
	OBSERVE("then", "type %d", f.l_type);
	REQUIRE_OK(lock(fd, F_OFD_SETLK, (struct flock){.l_type = F_RDLCK, .l_start = 10, .l_len = 5}));
	REQUIRE_OK(lock(other, F_OFD_SETLK, (struct flock){.l_type = F_RDLCK, .l_start = 2, .l_len = 3}));
	for (int i = 0; i < 2; i++) {
		f = (struct flock){.l_type = F_UNLCK};
		OBSERVE_RET(name("of file %d", i), fcntl(i ? other : fd, F_OFD_GETLK, &f));
		OBSERVE(name("it has %d", i), "type %d, %ld and %ld, pid %d", f.l_type, (long)f.l_start, (long)f.l_len, f.l_pid);
	}
	f = (struct flock){.l_type = F_UNLCK, .l_start = 15};
	OBSERVE_RET("behind it", fcntl(fd, F_OFD_GETLK, &f));
	OBSERVE("there is", "type %d", f.l_type);
	OBSERVE_RET("of a process", lock(fd, F_GETLK, (struct flock){.l_type = F_UNLCK}));
}

CASE(ofd_order_of_checks) {
	int p[2];
	REQUIRE_OK(pipe(p));
	static const int cmds[] = {F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
	for (size_t c = 0; c < ARRAY_SIZE(cmds); c++)
		for (int type = 0; type < 4; type++)
			for (int pid = 0; pid < 2; pid++) {
				struct flock f = {.l_type = type, .l_pid = pid};
				OBSERVE_RET(name("command %d, type %d, pid %d", cmds[c], type, pid), lock(p[1], cmds[c], f));
				f.l_whence = 9;
				OBSERVE_RET(name("command %d, type %d, pid %d, from nowhere", cmds[c], type, pid), lock(p[1], cmds[c], f));
			}
}
