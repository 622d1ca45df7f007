// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fremovexattr: removexattr of an open file
#include "../harness/xattrs.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static long on_fd(int fd) { return syscall(SYS_fremovexattr, fd, "user.a"); }

CASE(descriptors, "fs:xattr") { observe_xattr_fds(on_fd); }
CASE(remove, "fs:xattr") { observe_remove(BY_FD); }

// Files without a name have no attributes; which class a name is of decides who is told so.
CASE(of_files_without_a_name) {
	int pipes[2], sockets[2];
	REQUIRE_OK(pipe(pipes));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	const struct {
		const char *name;
		int fd;
	} files[] = {{"eventfd", eventfd(0, 0)}, {"epoll", epoll_create1(0)}, {"pipe", pipes[0]}, {"pidfd", syscall(SYS_pidfd_open, getpid(), 0)}};
	static const char *const names[] = {"security.x", "security.selinux", "security.capability", "security.", "trusted.x", "user.x", "system.x", "x"};
	for (int nobody = 0; nobody < 2; nobody++)
		IN_CHILD(NULL) {
			if (nobody)
				become_nobody();
			for (size_t i = 0; i < ARRAY_SIZE(files); i++)
				// Since Linux 6.17 a pidfd has attributes of other classes.
				for (size_t j = 0; j < (i == 3 ? 4 : ARRAY_SIZE(names)); j++)
					OBSERVE_RET(name("%s of %s%s", names[j], files[i].name, nobody ? ", nobody" : ""),
						    syscall(SYS_fremovexattr, files[i].fd, names[j]));
		}
}
