// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdirat: mkdir from a directory descriptor
#include "../harness/files.h"

static long make(const char *path) { return syscall(SYS_mkdirat, AT_FDCWD, path, 0750); }
static long at(int fd, const char *path) { return syscall(SYS_mkdirat, fd, path, 0750); }

CASE(walk) { observe_walk(make); }
CASE(path_pointers) { observe_path_pointers(make); }
CASE(dirfds) { observe_dirfds(at); }

CASE(follows_the_descriptor) {
	put_dir("a", 0755);
	int fd = REQUIRE_OK(open("a", O_PATH));
	REQUIRE_OK(rename("a", "b"));
	CHECK_OK(at(fd, "new"));
	OBSERVE("tree", "%s", tree_text("."));
	REQUIRE_OK(rmdir("b/new"));
	REQUIRE_OK(rmdir("b"));
	CHECK_ERR(at(fd, "new"), ENOENT);
}

CASE(permission_of_the_descriptor, "root") {
	put_dir("mine", 0755);
	put_dir("open", 0777);
	int mine = REQUIRE_OK(open("mine", O_PATH)), all = REQUIRE_OK(open("open", O_PATH));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(at(mine, "new"), EACCES);
		CHECK_OK(at(all, "new"));
	}
	OBSERVE("tree", "%s", tree_text("."));
}

CASE(names_in_a_removed_directory) {
	put_dir("gone", 0755);
	int fd = REQUIRE_OK(open("gone", O_RDONLY));
	REQUIRE_OK(rmdir("gone"));
	OBSERVE_RET("short", syscall(SYS_mkdirat, fd, "x", 0755));
	OBSERVE_RET("long", syscall(SYS_mkdirat, fd, repeat("n", 256, ""), 0755));
	OBSERVE_RET("said to be a directory", syscall(SYS_mkdirat, fd, "x/", 0755));
}
