// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setxattr of access control lists on an overlay: what is seen of the layers' lists, what does a copy get, and what is made over
// a whiteout?
#include "../harness/acls.h"

static const char mixed[] = "u:rw u1001:rwx g:r g2001:x m:rx o:r", given[] = "u:rwx u1001:rwx g:rx m:rwx o:r";

static void layers(void) {
	own_mounts();
	umask(0);
	DIRS("low", "up", "work", "at", "low/d", "low/e", "low/plain");
	REQUIRE_OK(chmod("low", 0755));
	put_file("low/f", "content", 0644);
	put_file("low/plain/f", "content", 0644);
	put_file("low/d/gone", "", 0644);
	DIRS("low/d/dir");
	put_file("low/d/f", "content", 0644);
	REQUIRE_OK(mkfifo("low/fifo", 0644));
	REQUIRE_OK(acl_set("low/f", ACCESS_ACL, mixed));
	REQUIRE_OK(acl_set("low/fifo", ACCESS_ACL, mixed));
	REQUIRE_OK(acl_set("low/d", ACCESS_ACL, "u:rwx u1001:rwx g: m:rwx o:"));
	REQUIRE_OK(acl_set("low/d", DEFAULT_ACL, given));
	REQUIRE_OK(acl_set("low/e", DEFAULT_ACL, given));
	REQUIRE_OK(acl_set("work", DEFAULT_ACL, given)); // which nobody gets
	if (mount("at", "at", "overlay", 0, "lowerdir=low,upperdir=up,workdir=work") && errno == ENODEV)
		SKIP("no overlay");
}

static void observe_both(const char *what, const char *path) {
	OBSERVE(name("%s: %s", what, path), "%s", acl_state(name("at/%s", path)));
	OBSERVE(name("%s: %s in the upper layer", what, path), "%s", acl_state(name("up/%s", path)));
	OBSERVE(name("%s: names of %s", what, path), "%s", acl_names(name("at/%s", path)));
}

CASE(lists_of_the_layers_of_an_overlay, "root cap:21 kernel>=6.6") {
	layers();
	static const char *const paths[] = {"f", "fifo", "d", "e", "plain", "d/f"};
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		observe_both("at first", paths[i]);
	static const char *const reached[] = {"at/f", "at/d/f", "at/d", "at/d/new"};
	for (size_t i = 0; i < ARRAY_SIZE(reached); i++)
		for (size_t u = 0; u < ARRAY_SIZE(acl_users); u++)
			IN_CHILD(NULL) {
				become_user(acl_users[u].uid, acl_users[u].gid, acl_users[u].group2);
				OBSERVE(name("%s: %s", reached[i], acl_users[u].name), "%s %s %s", access(reached[i], R_OK) == 0 ? "r" : errno_name(errno),
					access(reached[i], W_OK) == 0 ? "w" : errno_name(errno), access(reached[i], X_OK) == 0 ? "x" : errno_name(errno));
			}
	CHECK_STR(tree_text("up"), "");
}

static void change(int how) {
	int fd;
	switch (how) {
	case 0: CHECK_OK(chmod("at/f", 0670)); break;
	case 1: CHECK_OK(chown("at/f", 7, 8)); break;
	case 2:
		fd = REQUIRE_OK(open("at/f", O_WRONLY));
		CHECK_EQ(write(fd, "x", 1), 1);
		close(fd);
		break;
	case 3: CHECK_OK(setxattr("at/f", "user.a", "1", 1, 0)); break;
	case 4: CHECK_OK(acl_set("at/f", ACCESS_ACL, "u:rw u5:r g:r m:r o:")); break;
	case 5: CHECK_OK(removexattr("at/f", ACCESS_ACL)); break;
	case 6: CHECK_OK(link("at/f", "at/linked")); break;
	case 7: CHECK_OK(truncate("at/f", 2)); break;
	case 8: CHECK_OK(utimensat(AT_FDCWD, "at/f", NULL, 0)); break;
	}
}

CASE(copies_have_the_lists, "root cap:21 kernel>=6.6") {
	static const char *const what[] = {"chmod", "chown", "write", "another attribute", "another list", "no list", "link", "truncate", "touch"};
	for (size_t i = 0; i < ARRAY_SIZE(what); i++)
		IN_CHILD(NULL) {
			put_dir(name("base%zu", i), 0755);
			REQUIRE_OK(chdir(name("base%zu", i)));
			layers();
			change(i);
			observe_both(what[i], "f");
			OBSERVE(name("%s: below", what[i]), "%s", acl_state("low/f"));
		}
}

CASE(directories_and_others_are_copied_with_lists, "root cap:21 kernel>=6.6") {
	layers();
	CHECK_OK(chmod("at/fifo", 0620));
	observe_both("chmod", "fifo");
	CHECK_OK(chmod("at/d/f", 0600));
	observe_both("chmod below", "d");
	observe_both("chmod below", "d/f");
	CHECK_OK(rename("at/f", "at/d/moved"));
	observe_both("rename", "d/moved");
	OBSERVE_RET("a list that is not there", removexattr("at/plain/f", ACCESS_ACL));
	OBSERVE_RET("a default list that is not there", removexattr("at/plain", DEFAULT_ACL));
	observe_both("nothing removed", "plain");
	CHECK_OK(removexattr("at/e", DEFAULT_ACL));
	observe_both("removed", "e");
	OBSERVE_RET("again", removexattr("at/e", DEFAULT_ACL));
}

CASE(what_is_made_over_a_whiteout_inherits, "root cap:21 kernel>=6.6") {
	layers();
	umask(077);
	CHECK_OK(unlink("at/d/gone"));
	CHECK_OK(rmdir("at/d/dir"));
	CHECK_OK(unlink("at/d/f"));
	close(REQUIRE_OK(open("at/d/gone", O_CREAT | O_EXCL | O_WRONLY, 0666)));
	CHECK_OK(mkdir("at/d/dir", 0777));
	CHECK_OK(mknod("at/d/f", S_IFIFO | 0666, 0));
	close(REQUIRE_OK(open("at/d/fresh", O_CREAT | O_EXCL | O_WRONLY, 0666)));
	CHECK_OK(mkdir("at/d/dir/below", 0777));
	static const char *const paths[] = {"d/gone", "d/dir", "d/f", "d/fresh", "d/dir/below"};
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		observe_both("made", paths[i]);
	CHECK_OK(unlink("at/plain/f"));
	close(REQUIRE_OK(open("at/plain/f", O_CREAT | O_EXCL | O_WRONLY, 0666)));
	observe_both("made without a list", "plain/f");
	OBSERVE("work", "%s", acl_state("work/work"));
}
