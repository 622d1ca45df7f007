// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// listxattr: when are there lists among the names?
#include "../harness/acls.h"

static void observe_acl_names(void) {
	put_dir("d", 0755);
	OBSERVE("none", "%s", acl_names("d"));
	REQUIRE_OK(acl_set("d", DEFAULT_ACL, "u:rwx g:rx o:rx"));
	OBSERVE("default", "%s", acl_names("d"));
	REQUIRE_OK(acl_set("d", ACCESS_ACL, "u:rwx u1:rx g:rx m:rx o:rx"));
	OBSERVE("both", "%s", acl_names("d"));
	REQUIRE_OK(setxattr("d", "user.a", "1", 1, 0));
	OBSERVE("and another", "%s", acl_names("d"));
	OBSERVE_RET("how long", listxattr("d", NULL, 0));
	char list[100];
	OBSERVE_RET("too small", listxattr("d", list, 30));
	REQUIRE_OK(acl_set("d", ACCESS_ACL, "u:rwx g:rx o:rx"));
	OBSERVE("a mode says it all", "%s", acl_names("d"));
	REQUIRE_OK(removexattr("d", DEFAULT_ACL));
	OBSERVE("removed", "%s", acl_names("d"));
}
ACL_CASE(names_of_lists, observe_acl_names)
