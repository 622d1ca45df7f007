// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// removexattr of access control lists: what mode stays, and what if there is no list?
#include "../harness/acls.h"

static void observe_acl_removal(void) {
	put_file("f", "", 0640);
	put_dir("d", 0755);
	static const char *const paths[] = {"f", "d"};
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		OBSERVE_RET(name("%s: none", paths[i]), removexattr(paths[i], ACCESS_ACL));
		OBSERVE_RET(name("%s: no default", paths[i]), removexattr(paths[i], DEFAULT_ACL));
		REQUIRE_OK(acl_set(paths[i], ACCESS_ACL, "u:rw u1000:r g: m:rwx o:r"));
		acl_set(paths[i], DEFAULT_ACL, "u:rw u1000:r g: m:rwx o:r");
		OBSERVE(name("%s: with", paths[i]), "%s", acl_state(paths[i]));
		OBSERVE_RET(name("%s: access", paths[i]), removexattr(paths[i], ACCESS_ACL));
		OBSERVE(name("%s: without", paths[i]), "%s", acl_state(paths[i]));
		OBSERVE_RET(name("%s: default", paths[i]), removexattr(paths[i], DEFAULT_ACL));
		OBSERVE(name("%s: without both", paths[i]), "%s", acl_state(paths[i]));
		OBSERVE_RET(name("%s: again", paths[i]), removexattr(paths[i], DEFAULT_ACL));
	}
	struct stat st = stat_of("d");
	next_stamp();
	CHECK_OK(removexattr("d", DEFAULT_ACL));
	struct stat after = stat_of("d");
	CHECK_EQ(after.st_mtim.tv_sec, st.st_mtim.tv_sec);
}
ACL_CASE(lists_removed, observe_acl_removal)
