// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: what do lists let whom open, and reach? What does a new file get from its directory's list?
#include "../harness/acls.h"

static void observe_acl_open(void) {
	static const char *const lists[] = {"u:r u1001:rw g:x g2001:r g2002:rwx m:rwx o:w", "u:rw u1001:rw g:r g2001:w g2002: m:r o:rw", "u:rw u1001: g: g2001:rwx m:rwx o:rwx"};
	static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		put_file("f", "", 0644);
		REQUIRE_OK(chown("f", 1000, 2000));
		REQUIRE_OK(acl_set("f", ACCESS_ACL, lists[i]));
		for (size_t u = 0; u < ARRAY_SIZE(acl_users); u++) {
			IN_CHILD(NULL) {
				become_user(acl_users[u].uid, acl_users[u].gid, acl_users[u].group2);
				for (size_t m = 0; m < ARRAY_SIZE(flags); m++)
					OBSERVE_OK(name("%s: %s, %d", lists[i], acl_users[u].name, flags[m]), open("f", flags[m]));
			}
		}
		REQUIRE_OK(unlink("f"));
	}
}
ACL_CASE(what_lists_let_whom_open, observe_acl_open)

static void observe_acl_search(void) {
	put_dir("d", 0755);
	put_file("d/f", "", 0644);
	REQUIRE_OK(chown("d", 1000, 2000));
	static const char *const lists[] = {"u:rwx u1001:x g:r g2001:rwx g2002:r m:rwx o:", "u:rwx u1001: g:rwx g2001: m:x o:rx", "u: u1000:rwx u1001:rwx g:rwx m: o:rwx"};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		REQUIRE_OK(acl_set("d", ACCESS_ACL, lists[i]));
		for (size_t u = 0; u < ARRAY_SIZE(acl_users); u++) {
			IN_CHILD(NULL) {
				become_user(acl_users[u].uid, acl_users[u].gid, acl_users[u].group2);
				OBSERVE_OK(name("%s: %s reaches", lists[i], acl_users[u].name), access("d/f", F_OK));
				OBSERVE_OK(name("%s: %s lists", lists[i], acl_users[u].name), open("d", O_RDONLY | O_DIRECTORY));
				OBSERVE_OK(name("%s: %s makes", lists[i], acl_users[u].name), open("d/new", O_CREAT | O_EXCL | O_WRONLY, 0600));
				OBSERVE_OK(name("%s: %s removes", lists[i], acl_users[u].name), unlink("d/new"));
			}
		}
		unlink("d/new");
	}
}
ACL_CASE(directories_with_lists, observe_acl_search)

static const char *const defaults[] = {"u:rwx g:rx o:rx", "u:rw u1001:rwx g:rx m:rwx o:r", "u:rwx u1001:rwx g:rwx g2001:rw m:rx o:", "u: u1001:rwx g: m: o:rwx", "u:rwx g:rwx m:rx o:rx"};

// Everything that can be made in a directory with a list for it, under two umasks.
static void observe_acl_inherited(void) {
	static const int modes[] = {0777, 0666, 0640, 0, 06755, 02070};
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		for (int mask = 0; mask <= 077; mask += 077) {
			char was[PATH_MAX], dir[100];
			REQUIRE(getcwd(was, sizeof was) != NULL);
			snprintf(dir, sizeof dir, "d%zu.%o", i, mask);
			put_dir(dir, 0755);
			REQUIRE_OK(acl_set(dir, DEFAULT_ACL, defaults[i]));
			REQUIRE_OK(chdir(dir));
			umask(mask);
			for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
				const char *what = strdup(name("%s, umask %o, mode %o", defaults[i], mask, modes[m]));
				close(REQUIRE_OK(open(name("open%zu", m), O_CREAT | O_WRONLY, modes[m])));
				OBSERVE(name("%s: open", what), "%s", acl_state(name("open%zu", m)));
				close(REQUIRE_OK(creat(name("creat%zu", m), modes[m])));
				OBSERVE(name("%s: creat", what), "%s", acl_state(name("creat%zu", m)));
				REQUIRE_OK(mkdir(name("mkdir%zu", m), modes[m]));
				OBSERVE(name("%s: mkdir", what), "%s", acl_state(name("mkdir%zu", m)));
				REQUIRE_OK(mknod(name("fifo%zu", m), S_IFIFO | modes[m], 0));
				OBSERVE(name("%s: fifo", what), "%s", acl_state(name("fifo%zu", m)));
				REQUIRE_OK(mknod(name("node%zu", m), S_IFREG | modes[m], 0));
				OBSERVE(name("%s: node", what), "%s", acl_state(name("node%zu", m)));
			}
			REQUIRE_OK(symlink("open0", "link"));
			struct stat st;
			REQUIRE_OK(lstat("link", &st));
			OBSERVE(name("%s, umask %o: link", defaults[i], mask), "%o", st.st_mode);
			umask(0);
			REQUIRE_OK(chdir(was));
		}
}
ACL_CASE(what_new_files_inherit, observe_acl_inherited)

static void observe_acl_below(void) {
	put_dir("d", 02775);
	REQUIRE_OK(chown("d", 1000, 2000));
	REQUIRE_OK(acl_set("d", DEFAULT_ACL, "u:rwx u1001:rwx g:rwx m:rwx o:rx"));
	REQUIRE_OK(acl_set("d", ACCESS_ACL, "u:rwx u1001:rwx g:rwx m:rwx o:rx"));
	umask(027);
	IN_CHILD(NULL) {
		become_user(1001, 1, 0);
		REQUIRE_OK(mkdir("d/a", 0777));
		REQUIRE_OK(mkdir("d/a/b", 0700));
		close(REQUIRE_OK(open("d/a/b/f", O_CREAT | O_WRONLY, 02777)));
	}
	OBSERVE("d", "%s", acl_state("d"));
	OBSERVE("d/a", "%s", acl_state("d/a"));
	OBSERVE("d/a/b", "%s", acl_state("d/a/b"));
	OBSERVE("d/a/b/f", "%s", acl_state("d/a/b/f"));
	OBSERVE("tree", "%s", tree_text("d"));
	REQUIRE_OK(removexattr("d", DEFAULT_ACL));
	REQUIRE_OK(mkdir("d/c", 0777));
	OBSERVE("without it", "%s", acl_state("d/c"));
}
ACL_CASE(lists_go_down, observe_acl_below)

static void observe_acl_tmpfile(void) {
	put_dir("d", 0755);
	REQUIRE_OK(acl_set("d", DEFAULT_ACL, "u:rwx u1001:rwx g:rx m:rwx o:r"));
	umask(077);
	int fd = open("d", O_TMPFILE | O_RDWR, 0666);
	if (fd < 0)
		SKIP("no files without a name");
	OBSERVE("made", "%s", acl_text(name("/proc/self/fd/%d", fd), ACCESS_ACL));
	REQUIRE_OK(linkat(AT_FDCWD, name("/proc/self/fd/%d", fd), AT_FDCWD, "f", AT_SYMLINK_FOLLOW));
	OBSERVE("named", "%s", acl_state("f"));
}
ACL_CASE(a_file_without_a_name_inherits, observe_acl_tmpfile)
