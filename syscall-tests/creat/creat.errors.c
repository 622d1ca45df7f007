// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// creat: which files refuse to be made empty?
#include "../harness/mounts.h"

#include <sys/mman.h>

static long creat_of(const char *path) { return syscall(SYS_creat, path, 0600); }

CASE(sealed_memory) {
	static const int seals[] = {F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_SEAL};
	for (size_t i = 0; i < ARRAY_SIZE(seals); i++) {
		int fd = REQUIRE_OK(memfd_create("sealed", MFD_ALLOW_SEALING));
		REQUIRE(write(fd, "content", 7) == 7);
		REQUIRE_OK(fcntl(fd, F_ADD_SEALS, seals[i]));
		OBSERVE_OK(name("seal %#x", seals[i]), creat_of(name("/proc/self/fd/%d", fd)));
		OBSERVE_RET(name("seal %#x: left", seals[i]), lseek(fd, 0, SEEK_END));
	}
}

CASE(sockets_and_devices, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		REQUIRE_OK(mknod("socket", S_IFSOCK | 0666, 0));
		REQUIRE_OK(mknod("misc", S_IFCHR | 0666, makedev(10, 250)));
		REQUIRE_OK(mknod("none", S_IFCHR | 0666, makedev(240, 7)));
		REQUIRE_OK(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
		OBSERVE_OK("socket", creat_of("socket"));
		OBSERVE_OK("none of the driver", creat_of("misc"));
		OBSERVE_OK("no driver", creat_of("none"));
		OBSERVE_OK("null", creat_of("null"));
		OBSERVE_OK("/proc", creat_of("/proc/nothing"));
		OBSERVE_OK("/dev/pts", creat_of("/dev/pts/nothing"));
	}
}

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
	OBSERVE_OK("while it runs", creat_of("program"));
	kill(c, SIGKILL);
	wait_for(c);
	OBSERVE_OK("afterwards", creat_of("program"));
}
