// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ustat: what does it say of a file system whose size is known? Which devices are refused?
#include "../harness/mounts.h"

struct old_ustat {
	int free;
	unsigned long inodes;
	char name[6], pack[6];
};

CASE(of_a_tmpfs, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		REQUIRE_OK(mount("x", "d", "tmpfs", 0, "nr_blocks=10,nr_inodes=20"));
		struct old_ustat u;
		memset(&u, 0xff, sizeof u);
		unsigned dev = stat_of("d").st_dev;
		OBSERVE_RET("ustat", syscall(SYS_ustat, dev, &u));
		OBSERVE("answer", "%d %lu \"%.6s\" \"%.6s\"", u.free, u.inodes, u.name, u.pack);
		close(make_file("d/f", "x"));
		OBSERVE_RET("with a file", syscall(SYS_ustat, dev, &u));
		OBSERVE("answer with a file", "%d %lu", u.free, u.inodes);
		REQUIRE_OK(umount("d"));
		OBSERVE_RET("unmounted", syscall(SYS_ustat, dev, &u));
	}
}

CASE(refused_devices, "") {
	struct old_ustat u;
	OBSERVE_RET("none", syscall(SYS_ustat, 0, &u));
	OBSERVE_RET("all ones", syscall(SYS_ustat, -1, &u));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(p->name, syscall(SYS_ustat, (unsigned)stat_of("/proc").st_dev, p->p));
		OBSERVE_RET(name("no device, %s", p->name), syscall(SYS_ustat, 0, p->p));
	}
}
