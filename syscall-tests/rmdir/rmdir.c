// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rmdir: which directories can go: empty, not in use as a root, of an owner or in a directory of one
#include "../harness/files.h"

static long del(const char *path) { return syscall(SYS_rmdir, path); }

CASE(walk) { observe_walk(del); }
CASE(as_nobody, "root") { observe_walk_as_nobody(del); }
CASE(path_pointers) { observe_path_pointers(del); }

CASE(mount_points_and_roots) {
	OBSERVE_RET("/", del("/"));
	OBSERVE_RET("/proc", del("/proc"));
	OBSERVE_RET("/proc/self", del("/proc/self"));
	OBSERVE_RET("/..", del("/.."));
}

CASE(working_directory_may_go) {
	char buf[64];
	put_dir("d", 0755);
	REQUIRE_OK(chdir("d"));
	CHECK_ERR(del("."), EINVAL);
	CHECK_OK(del("../d"));
	OBSERVE_OK("getcwd", syscall(SYS_getcwd, buf, sizeof buf));
	struct stat st = stat_of(".");
	CHECK_EQ(st.st_nlink, 0);
	OBSERVE_OK("..", open("..", O_RDONLY));
}

CASE(not_empty) {
	put_dir("d", 0755);
	put_link("nowhere", "d/l");
	CHECK_ERR(del("d"), ENOTEMPTY);
	REQUIRE_OK(unlink("d/l"));
	CHECK_OK(del("d"));
	CHECK_ERR(del("d"), ENOENT);
}

CASE(sticky, "root") {
	put_dir("tmp", 01777);
	put_dir("tmp/roots", 0777);
	put_dir("tmp/theirs", 0777);
	REQUIRE_OK(chown("tmp/theirs", 65534, 65534));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("root's", del("tmp/roots"));
		OBSERVE_RET("their own", del("tmp/theirs"));
	}
}
