// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount: what may a user mount in a namespace of its own, and what of the flag that asks for mandatory locks?
#include "../harness/mounts.h"

CASE(places_of_others, "root cap:21") {
	put_dir("locked", 0700);
	put_dir("locked/dir", 0755);
	put_dir("at", 0755);
	IN_CHILD(NULL) {
		become_dumpable_nobody();
		unshare_user(0, 0);
		REQUIRE_OK(unshare(CLONE_NEWNS));
		OBSERVE_RET("from one that can't be searched", syscall(SYS_mount, "locked/dir", "at", NULL, MS_BIND, NULL));
		OBSERVE_RET("on one that can't be searched", syscall(SYS_mount, "at", "locked/dir", NULL, MS_BIND, NULL));
		OBSERVE_RET("locked itself", syscall(SYS_mount, "locked", "at", NULL, MS_BIND, NULL));
	}
}

CASE(mandatory_locks, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("at");
		OBSERVE_RET("with mandatory locks", syscall(SYS_mount, "at", "at", "tmpfs", MS_MANDLOCK, NULL));
		OBSERVE("mounts", "%s", mounts_seen());
	}
}
