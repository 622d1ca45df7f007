// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// linkat: a second name: of what, where, for whom, and what changes with it
#include "../harness/renames.h"

static long call(const char *from, const char *to) { return syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); }
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

static long at_from(int fd, const char *path) { return syscall(SYS_linkat, fd, path, AT_FDCWD, "fresh", 0); }
static long at_to(int fd, const char *path) { return syscall(SYS_linkat, AT_FDCWD, "file", fd, path, 0); }
static long at_empty(int fd, const char *path) { return syscall(SYS_linkat, fd, path, AT_FDCWD, "fresh", AT_EMPTY_PATH); }
static long follow(const char *path) { return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "fresh", AT_SYMLINK_FOLLOW); }
static long bit_on_link(unsigned long f) { return syscall(SYS_linkat, AT_FDCWD, "to_file", AT_FDCWD, "new", f); }

CASE(dirfds_from) { observe_dirfds(at_from); }
CASE(dirfds_to) { observe_dirfds(at_to); }
CASE(dirfds_empty_path) { observe_dirfds(at_empty); }
CASE(walk_following) { observe_walk(follow); }
CASE(each_flag) { observe_flag_bits(bit_on_link, 32); }

CASE(empty_path_as_nobody, "root") {
	put_dir("d", 0777);
	put_file("d/f", "x", 0666);
	int fd = REQUIRE_OK(open("d/f", O_RDWR));
	REQUIRE_OK(chdir("d"));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("AT_EMPTY_PATH", syscall(SYS_linkat, fd, "", AT_FDCWD, "new", AT_EMPTY_PATH));
	}
}

CASE(unlinked_by_descriptor) {
	int fd = make_file("f", "x");
	REQUIRE_OK(unlink("f"));
	OBSERVE_RET("AT_EMPTY_PATH", syscall(SYS_linkat, fd, "", AT_FDCWD, "new", AT_EMPTY_PATH));
	OBSERVE_RET("followed", syscall(SYS_linkat, AT_FDCWD, name("/proc/self/fd/%d", fd), AT_FDCWD, "new", AT_SYMLINK_FOLLOW));
	int alive = make_file("g", "y");
	OBSERVE_RET("alive, followed", syscall(SYS_linkat, AT_FDCWD, name("/proc/self/fd/%d", alive), AT_FDCWD, "new", AT_SYMLINK_FOLLOW));
	OBSERVE("tree", "%s", tree_text("."));
}
