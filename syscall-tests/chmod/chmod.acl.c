// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chmod of a file with a list: what becomes of the list? And what does a change of owner do to it?
#include "../harness/acls.h"

static void observe_acl_chmod(void) {
	static const int modes[] = {0, 0777, 0640, 0604, 04750, 02070, 01007};
	static const char *const lists[] = {"u:rw u1000:rwx g:r m:rx o:r", "u:rw g:rw m:r o:", "u:rwx g:rx g2000:w m:rwx o:x"};
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
			const char *f = name("f%zu.%zu", l, i), *d = name("d%zu.%zu", l, i);
			put_file(f, "", 0644);
			put_dir(d, 0755);
			REQUIRE_OK(acl_set(f, ACCESS_ACL, lists[l]));
			REQUIRE_OK(acl_set(d, ACCESS_ACL, lists[l]));
			REQUIRE_OK(acl_set(d, DEFAULT_ACL, lists[l]));
			OBSERVE_RET(name("%s to %o", lists[l], modes[i]), chmod(f, modes[i]));
			OBSERVE(name("%s, %o", lists[l], modes[i]), "%s", acl_state(f));
			OBSERVE_RET(name("%s to %o, directory", lists[l], modes[i]), chmod(d, modes[i]));
			OBSERVE(name("%s, %o, directory", lists[l], modes[i]), "%s", acl_state(d));
		}
}
ACL_CASE(a_list_follows_the_mode, observe_acl_chmod)

static void observe_acl_chown(void) {
	put_file("f", "#!", 0644);
	REQUIRE_OK(acl_set("f", ACCESS_ACL, "u:rwx u1000:rwx g:r m:rx o:r"));
	REQUIRE_OK(chmod("f", 06755));
	OBSERVE("before", "%s", acl_state("f"));
	OBSERVE_RET("chown", chown("f", 1000, 2000));
	OBSERVE("after", "%s", acl_state("f"));
	REQUIRE_OK(chmod("f", 06755));
	IN_CHILD(NULL) {
		become_user(1000, 2000, 0);
		int fd = REQUIRE_OK(open("f", O_WRONLY));
		CHECK_EQ(write(fd, "x", 1), 1);
		OBSERVE("written", "%s", acl_state("f"));
		OBSERVE_RET("chmod", chmod("f", 02750));
		OBSERVE("changed", "%s", acl_state("f"));
	}
	REQUIRE_OK(rename("f", "g"));
	REQUIRE_OK(link("g", "h"));
	OBSERVE("renamed", "%s", acl_state("g"));
	OBSERVE("linked", "%s", acl_state("h"));
	REQUIRE_OK(acl_set("h", ACCESS_ACL, "u:rwx u1:r g:r m:rx o:r"));
	OBSERVE("by the other name", "%s", acl_state("g"));
}
ACL_CASE(a_list_and_other_changes, observe_acl_chown)
