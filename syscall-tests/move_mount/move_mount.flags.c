// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// move_mount: what do the flags of links and automounts change?
#include "../harness/mounts.h"

#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif

CASE(links_and_automounts, "root cap:21") {
	static const unsigned flags[] = {0, 1, 2, 3, 0x10, 0x20, 0x30, 0x33};
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		IN_CHILD(NULL) {
			REQUIRE_OK(mkdir(name("c%zu", i), 0755));
			REQUIRE_OK(chdir(name("c%zu", i)));
			own_mounts();
			DIRS("from", "to");
			mount_tmpfs("from");
			put_link("from", "lfrom");
			put_link("to", "lto");
			const char *w = strdup(name("%#x", flags[i]));
			OBSERVE_RET(name("%s: from a link", w), syscall(SYS_move_mount, AT_FDCWD, "lfrom", AT_FDCWD, "to", flags[i]));
			OBSERVE_RET(name("%s: to a link", w), syscall(SYS_move_mount, AT_FDCWD, "from", AT_FDCWD, "lto", flags[i]));
			OBSERVE(name("%s: mounts", w), "%s", mounts_seen());
		}
}
