// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdir: where a directory can be made, with which bits, and what it changes around it
#include "../harness/files.h"

static long make(const char *path) { return syscall(SYS_mkdir, path, 0750); }

CASE(walk) { observe_walk(make); }
CASE(as_nobody, "root") { observe_walk_as_nobody(make); }
CASE(path_pointers) { observe_path_pointers(make); }

CASE(mode_and_umask) {
	static const int modes[] = {0, 0777, 01777, 02777, 04777, 07777, 0170777, -1};
	static const int masks[] = {0, 022, 0777};
	for (size_t m = 0; m < ARRAY_SIZE(masks); m++)
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
			umask(masks[m]);
			OBSERVE_RET(name("%#o, umask %#o", modes[i], masks[m]), syscall(SYS_mkdir, "d", modes[i]));
			OBSERVE(name("%#o, umask %#o: mode", modes[i], masks[m]), "%s", entry_text("d"));
			rmdir("d");
		}
}

CASE(setgid_is_inherited, "root") {
	put_dir("p", 0755);
	REQUIRE_OK(chown("p", 0, 1234));
	REQUIRE_OK(chmod("p", 02755));
	CHECK_OK(syscall(SYS_mkdir, "p/d", 0755));
	CHECK_OK(syscall(SYS_mkdir, "p/d/e", 0700));
	OBSERVE("tree", "%s", tree_text("."));
}

CASE(times) {
	struct stat before = stat_of(".");
	next_stamp();
	before = stat_of(".");
	next_stamp();
	CHECK_OK(syscall(SYS_mkdir, "d", 0755));
	OBSERVE("parent", "%s", times_moved(&before, "."));
	struct stat st = stat_of("d");
	CHECK(ts_cmp(st.st_mtim, st.st_ctim) == 0 && ts_cmp(st.st_mtim, st.st_atim) == 0);
}

CASE(in_a_removed_directory) {
	put_dir("d", 0755);
	REQUIRE_OK(chdir("d"));
	REQUIRE_OK(rmdir("../d"));
	CHECK_ERR(syscall(SYS_mkdir, "e", 0755), ENOENT);
}

CASE(deep) {
	int depth = 0;
	while (depth < 300 && syscall(SYS_mkdir, "d", 0755) == 0 && chdir("d") == 0)
		depth++;
	OBSERVE("depth", "%d", depth);
}
