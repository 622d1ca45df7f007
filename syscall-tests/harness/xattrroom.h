// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of extended attributes: a tmpfs that runs out of room for them, and a file with more names than a list takes.
#ifndef DITTO_HARNESS_XATTRROOM_H
#define DITTO_HARNESS_XATTRROOM_H

#include "mounts.h"
#include "xattrs.h"

static inline void xattr_tmpfs(const char *options) {
	own_mounts();
	DIRS("at");
	REQUIRE_OK(mount("at", "at", "tmpfs", 0, options));
	REQUIRE_OK(chdir("at"));
	put_file("f", "", 0644);
	if (setxattr("f", "user.probe", "", 0, 0) < 0 && errno == EOPNOTSUPP)
		SKIP("tmpfs without attributes of users");
	REQUIRE_OK(removexattr("f", "user.probe"));
}

// How many go in is the kernel's sizes' business; that there is an end, that what is there stays, and that room that is made can be used, is not.
static inline void observe_xattr_room(enum xattr_form form) {
	IN_CHILD(NULL) {
		xattr_tmpfs("mode=755,nr_inodes=16");
		static char value[4096];
		int n = 0;
		while (n < 100 && x_set(form, "f", name("user.%d", n), value, sizeof value, 0) == 0)
			n++;
		OBSERVE("at last", "%s", errno_name(errno));
		CHECK(n > 0 && n < 100);
		OBSERVE_RET("another", x_set(form, "f", "user.another", value, sizeof value, XATTR_CREATE));
		OBSERVE_RET("the same as there is", x_set(form, "f", "user.0", value, sizeof value, XATTR_REPLACE));
		OBSERVE_RET("larger than there is", x_set(form, "f", "user.0", calloc(2, sizeof value), 2 * sizeof value, XATTR_REPLACE));
		CHECK_EQ(x_get(form, "f", "user.0", value, sizeof value), sizeof value);
		REQUIRE_OK(x_remove(form, "f", "user.0"));
		OBSERVE_RET("after one is gone", x_set(form, "f", "user.0", value, sizeof value, 0));
	}
}

static inline void observe_long_lists(enum xattr_form form) {
	IN_CHILD(NULL) {
		xattr_tmpfs("mode=755");
		static char list[1 << 18];
		for (int i = 0; i < 300; i++)
			REQUIRE_OK(setxattr("f", name("user.%s%03d", repeat("n", 240, ""), i), "", 0, 0));
		OBSERVE_RET("size 0", x_list(form, "f", NULL, 0));
		OBSERVE_RET("65535", x_list(form, "f", list, 65535));
		OBSERVE_RET("65536", x_list(form, "f", list, 65536));
		OBSERVE_RET("room for all", x_list(form, "f", list, sizeof list));
		for (int i = 0; i < 50; i++)
			REQUIRE_OK(removexattr("f", name("user.%s%03d", repeat("n", 240, ""), i)));
		OBSERVE_RET("fewer, room for all", x_list(form, "f", list, sizeof list));
	}
}

#endif
