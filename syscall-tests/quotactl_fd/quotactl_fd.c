// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// quotactl_fd: the same for what a descriptor is on; which commands does a read-only mount refuse?
#include "../harness/mounts.h"
#include "../harness/creds.h"

#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif

static const unsigned commands[] = {0, 0x800001, 0x800002, 0x800003, 0x800004, 0x800005, 0x800006, 0x800007, 0x800008, 0x800009, 0x80000a,
	0x5801, 0x5802, 0x5803, 0x5804, 0x5805, 0x5806, 0x5807, 0x5808, 0x5809, 0x580a};

static long quota(int fd, unsigned cmd, int type) {
	char buf[512];
	return syscall(SYS_quotactl_fd, fd, (int)(cmd << 8 | type), 0, buf);
}

CASE(commands_by_descriptor, "root cap:21 kernel>=5.14") {
	IN_CHILD(NULL) {
		own_mounts();
		int fd = REQUIRE_OK(open(".", O_RDONLY)), path = REQUIRE_OK(open(".", O_PATH)), p[2];
		REQUIRE_OK(pipe(p));
		REQUIRE_OK(mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
		int proc = REQUIRE_OK(open("/proc/self/status", O_RDONLY));
		for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
			for (int type = 0; type < 4; type++) {
				OBSERVE_RET(name("%#x.%d read-only", commands[i], type), quota(fd, commands[i], type));
				OBSERVE_RET(name("%#x.%d pipe", commands[i], type), quota(p[0], commands[i], type));
				OBSERVE_RET(name("%#x.%d proc", commands[i], type), quota(proc, commands[i], type));
			}
		OBSERVE_RET("O_PATH", quota(path, 0x800007, 0));
		OBSERVE_RET("bad descriptor", quota(-1, 0x800007, 0));
		OBSERVE_RET("bad descriptor, bad type", quota(-1, 0x800007, 7));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", quota(fd, 0x800007, 0));
		}
	}
}
