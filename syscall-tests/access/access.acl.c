// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// access: what do lists let whom do?
#include "../harness/acls.h"

static const char *const lists[] = {
		"u:r u1001:rw g:x g2001:r g2002:rwx m:rwx o:w", "u:rwx u1001:rw g:rx g2001:rw g2002: m:r o:rwx", "u: u1001:rwx g:rwx g2001:rwx g2002:rwx m: o:rwx",
		"u:rw u1001: g:r g2001:w g2002:x m:rwx o:rwx", "u:rw g:rw m:r o:", "u:r g: g2000:rwx m:rwx o:r", "u:x u1000:rwx u1001:x g: g2001:rw m:rwx o:r"};

static const char *rights_of(const char *path) {
	return name("%s%s%s%s", access(path, F_OK) == 0 ? "f" : "-", access(path, R_OK) == 0 ? "r" : "-", access(path, W_OK) == 0 ? "w" : "-", access(path, X_OK) == 0 ? "x" : "-");
}

static const char *pairs_of(const char *path) {
	return name("%s%s%s%s", access(path, R_OK | W_OK) == 0 ? "rw " : "", access(path, R_OK | X_OK) == 0 ? "rx " : "", access(path, W_OK | X_OK) == 0 ? "wx " : "",
		    access(path, R_OK | W_OK | X_OK) == 0 ? "rwx" : "");
}

static void observe_acl_access(void) {
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		put_file("f", "", 0644);
		put_dir("d", 0755);
		REQUIRE_OK(chown("f", 1000, 2000));
		REQUIRE_OK(chown("d", 1000, 2000));
		REQUIRE_OK(acl_set("f", ACCESS_ACL, lists[i]));
		REQUIRE_OK(acl_set("d", ACCESS_ACL, lists[i]));
		for (size_t u = 0; u < ARRAY_SIZE(acl_users); u++) {
			IN_CHILD(NULL) {
				become_user(acl_users[u].uid, acl_users[u].gid, acl_users[u].group2);
				OBSERVE(name("%s: %s", lists[i], acl_users[u].name), "%s %s %s %s", rights_of("f"), pairs_of("f"), rights_of("d"), pairs_of("d"));
			}
		}
		OBSERVE(name("%s: root", lists[i]), "%s %s %s", rights_of("f"), pairs_of("f"), rights_of("d"));
		REQUIRE_OK(unlink("f"));
		REQUIRE_OK(rmdir("d"));
	}
}
ACL_CASE(what_lists_let_whom_do, observe_acl_access)

// What was answered before a list was there, or another, is forgotten.
static void observe_acl_changes(void) {
	put_file("f", "", 0644);
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setresuid, 1001, 1001, 0));
		const char *const steps[] = {"u:rw u1001: g:r m:r o:r", "u:rw u1001:rwx g:r m:rwx o:", "u:rw g:r o:", "u:rw g: g0:rw m:rw o:r", NULL};
		OBSERVE("at first", "%s", rights_of("f"));
		for (int i = 0; steps[i]; i++) {
			REQUIRE_OK(syscall(SYS_setresuid, 0, 0, 0));
			REQUIRE_OK(acl_set("f", ACCESS_ACL, steps[i]));
			REQUIRE_OK(syscall(SYS_setresuid, 1001, 1001, 0));
			OBSERVE(steps[i], "%s", rights_of("f"));
		}
		REQUIRE_OK(syscall(SYS_setresuid, 0, 0, 0));
		REQUIRE_OK(removexattr("f", ACCESS_ACL));
		REQUIRE_OK(syscall(SYS_setresuid, 1001, 1001, 0));
		OBSERVE("removed", "%s", rights_of("f"));
	}
}
ACL_CASE(a_list_that_changes, observe_acl_changes)
