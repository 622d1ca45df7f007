// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chdir: which directories can be the working directory, whose is it, and who inherits it?
#include "../harness/files.h"

static long go(const char *path) { return syscall(SYS_chdir, path); }

CASE(walk) { observe_walk_looking(go); }
CASE(as_nobody, "root") { observe_walk_as_nobody(go); }
CASE(path_pointers) { observe_path_pointers(go); }

CASE(relative_paths_follow) {
	put_dir("d", 0755);
	put_file("d/f", "inside", 0644);
	put_file("f", "outside", 0644);
	CHECK_OK(go("d"));
	CHECK_STR(read_file("f"), "inside");
	CHECK_OK(go(".."));
	CHECK_STR(read_file("f"), "outside");
	CHECK_OK(go("d/.././d/."));
	CHECK_STR(read_file("f"), "inside");
	CHECK_ERR(go("f"), ENOTDIR);
	CHECK_STR(read_file("f"), "inside");
}

CASE(children_have_their_own) {
	put_dir("d", 0755);
	put_dir("d/e", 0755);
	CHECK_OK(go("d"));
	IN_CHILD(NULL) { CHECK_OK(go("e")); }
	CHECK_OK(go("e"));
}

static void *go_thread(void *path) { return (void *)go(path); }

CASE(threads_share_it) {
	put_dir("d", 0755);
	put_file("d/f", "", 0644);
	CHECK_EQ((long)thread_join(thread_start(go_thread, "d")), 0);
	CHECK_OK(access("f", F_OK));
}

CASE(search_permission_only, "root") {
	put_dir("x", 0711);
	put_dir("r", 0744);
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("r--", go("r"));
		OBSERVE_RET("--x", go("x"));
		OBSERVE_OK("list it", open(".", O_RDONLY));
	}
}

CASE(exec_keeps_it) {
	int st;
	put_dir("d", 0755);
	put_file("d/here", "", 0644);
	CHECK_OK(go("d"));
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "test -e here", NULL);
		_exit(99);
	}
	OBSERVE_STATUS("the program finds its file", st);
}
