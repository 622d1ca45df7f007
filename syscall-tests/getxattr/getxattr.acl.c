// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getxattr of access control lists: into how much room, and who may?
#include "../harness/acls.h"

static void observe_acl_sizes(void) {
	static const size_t sizes[] = {0, 1, 4, 35, 43, 44, 45, 65536, 65537};
	static char value[65537];
	put_file("f", "", 0640);
	put_file("plain", "", 0640);
	REQUIRE_OK(acl_set("f", ACCESS_ACL, "u:rw u1000:r g:r m:r o:r"));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(value, '#', sizeof value);
		OBSERVE_RET(name("%zu", sizes[i]), getxattr("f", ACCESS_ACL, value, sizes[i]));
		OBSERVE_BYTES(name("%zu: value", sizes[i]), value, 48);
		OBSERVE_RET(name("%zu, none", sizes[i]), getxattr("plain", ACCESS_ACL, value, sizes[i]));
		OBSERVE_RET(name("%zu, default of a file", sizes[i]), getxattr("f", DEFAULT_ACL, value, sizes[i]));
	}
	OBSERVE_RET("a bad pointer", syscall(SYS_getxattr, "f", ACCESS_ACL, bad_ptr(), 100));
	OBSERVE_RET("a longer name", getxattr("f", ACCESS_ACL "x", value, 100));
	OBSERVE_RET("a shorter name", getxattr("f", "system.posix_acl_acces", value, 100));
	OBSERVE_RET("another name", getxattr("f", "system.posix_acl", value, 100));
}
ACL_CASE(sizes_of_lists, observe_acl_sizes)

static void observe_acl_readers(void) {
	put_file("f", "", 0600);
	put_dir("d", 0700);
	REQUIRE_OK(acl_set("f", ACCESS_ACL, "u:rw u1001: g: m:rwx o:"));
	REQUIRE_OK(acl_set("d", DEFAULT_ACL, "u:rw u1001: g: m: o:"));
	IN_CHILD(NULL) {
		become_user(1001, 1, 0);
		OBSERVE("a file that may not be read", "%s", acl_text("f", ACCESS_ACL));
		OBSERVE("a directory that may not be read", "%s", acl_text("d", DEFAULT_ACL));
		OBSERVE("below it", "%s", acl_text("d/.", DEFAULT_ACL));
		OBSERVE("names", "%s", acl_names("f"));
	}
}
ACL_CASE(whoever_finds_the_file_reads_its_lists, observe_acl_readers)
