// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount_setattr: which descriptors of the place are refused?
#include "../harness/mounts.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

struct attr {
	uint64_t set, clear, propagation, userns;
};

static long setattr(int dir, const char *path, unsigned flags, struct attr a) { return syscall(SYS_mount_setattr, dir, path, flags, &a, sizeof a); }

CASE(descriptors_of_the_place, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("at");
		mount_tmpfs("at");
		int file = make_file("f", "");
		struct attr nosuid = {.set = 2};
		OBSERVE_RET("-1", setattr(-1, "at", 0, nosuid));
		OBSERVE_RET("closed", setattr(777, "at", 0, nosuid));
		OBSERVE_RET("closed, empty path", setattr(777, "", AT_EMPTY_PATH, nosuid));
		OBSERVE_RET("a file", setattr(file, "at", 0, nosuid));
		OBSERVE_RET("closed, absolute path", setattr(777, name("%s/at", mounts_base), 0, nosuid));
	}
}
