// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chroot: what / and .. mean afterwards, what stays outside, and who may
#include "../harness/files.h"

static long root(const char *path) { return syscall(SYS_chroot, path); }

CASE(walk, "root") { observe_walk_looking(root); }
CASE(as_nobody, "root") { observe_walk_as_nobody(root); }
CASE(path_pointers, "root") { observe_path_pointers(root); }

CASE(paths_inside, "root") {
	put_dir("jail", 0755);
	put_dir("jail/sub", 0755);
	put_file("jail/f", "inside", 0644);
	put_file("f", "outside", 0644);
	put_link("/f", "jail/abs");
	put_link("../../../f", "jail/sub/up");
	int out = REQUIRE_OK(open(".", O_RDONLY));
	CHECK_OK(root("jail"));
	CHECK_STR(read_file("/f"), "inside");
	// The working directory stays where it is: outside.
	CHECK_STR(read_file("f"), "outside");
	CHECK_STR(read_file("/abs"), "inside");
	CHECK_STR(read_file("/sub/up"), "inside");
	CHECK_STR(read_file("/../../f"), "inside");
	REQUIRE_OK(chdir("/"));
	CHECK_STR(read_file("../f"), "inside");
	REQUIRE_OK(fchdir(out));
	CHECK_STR(read_file("f"), "outside");
	CHECK_OK(root("."));
	CHECK_STR(read_file("/f"), "outside");
}

CASE(children_inherit_it, "root") {
	put_dir("jail", 0755);
	put_file("jail/f", "", 0644);
	IN_CHILD(NULL) {
		REQUIRE_OK(root("jail"));
		IN_CHILD(NULL) { CHECK_OK(access("/f", F_OK)); }
	}
	CHECK_ERR(access("/f", F_OK), ENOENT);
}

CASE(order_of_checks, "root") {
	put_file("f", "", 0644);
	put_dir("d", 0700);
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("allowed directory", root("/"));
		OBSERVE_RET("file", root("f"));
		OBSERVE_RET("missing", root("missing"));
		OBSERVE_RET("locked", root("d"));
		OBSERVE_RET("bad pointer", root(bad_ptr()));
	}
}
