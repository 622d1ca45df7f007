// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// link: a second name: of what, where, for whom, and what changes with it
#include "../harness/renames.h"

static long call(const char *from, const char *to) { return syscall(SYS_link, from, to); }
static long from_path(const char *path) { return call(path, "fresh"); }
static long to_path(const char *path) { return call("file", path); }

CASE(walk_from) { observe_walk(from_path); }
CASE(walk_to) { observe_walk(to_path); }
CASE(pairs) { observe_rename_pairs(call); }
CASE(odd_names) { observe_rename_odd_names(call); }
CASE(pointers) { observe_rename_pointers(call); }

CASE(same_file) {
	put_file("a", "content", 0640);
	struct stat a = stat_of("a"), dir = stat_of(".");
	next_stamp();
	dir = stat_of(".");
	next_stamp();
	CHECK_OK(call("a", "b"));
	OBSERVE("file", "%s", times_moved(&a, "a"));
	OBSERVE("directory", "%s", times_moved(&dir, "."));
	CHECK_EQ(stat_of("b").st_ino, a.st_ino);
	CHECK_EQ(stat_of("b").st_nlink, 2);
	REQUIRE_OK(chmod("a", 0600));
	OBSERVE("mode of the other", "%s", entry_text("b"));
	CHECK_ERR(call("a", "b"), EEXIST);
	OBSERVE_RET("into /proc", call("a", "/proc/b"));
	CHECK_ERR(call("/proc/version", "c"), EXDEV);
}

CASE(special) {
	REQUIRE_OK(mkfifo("fifo", 0644));
	put_link("nowhere", "l");
	put_dir("d", 0755);
	OBSERVE_RET("fifo", call("fifo", "fifo2"));
	OBSERVE_RET("symlink", call("l", "l2"));
	CHECK_ERR(call("d", "d2"), EPERM);
	OBSERVE("tree", "%s", tree_text("."));
}

CASE(unlinked_file) {
	int fd = make_file("f", "x");
	REQUIRE_OK(unlink("f"));
	OBSERVE_RET("by the magic link, which is not followed", call(name("/proc/self/fd/%d", fd), "again"));
}
