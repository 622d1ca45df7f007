// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chmod: which bits a file gets, from whom
#include "../harness/modes.h"

static long call(const char *path, unsigned long mode) { return syscall(SYS_chmod, path, mode); }
static long on_path(const char *path) { return call(path, 0710); }

CASE(walk) { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(modes) { observe_chmod_modes(call); }
CASE(rights, "root") { observe_chmod_rights(call); }
CASE(times) { observe_chmod_times(call); }
CASE(path_pointers) { observe_path_pointers(on_path); }

CASE(takes_effect_at_once, "root") {
	put_file("f", "x", 0644);
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_OK(open("f", O_RDONLY));
	}
	CHECK_OK(on_path("f"));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(open("f", O_RDONLY), EACCES);
	}
}

CASE(shuts_a_directory_at_once, "root") {
	put_dir("d", 0755);
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(open("d/missing", O_RDONLY), ENOENT);
	}
	CHECK_OK(call("d", 0));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(open("d/missing", O_RDONLY), EACCES);
	}
	CHECK_OK(call("d", 0111));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(open("d/missing", O_RDONLY), ENOENT);
	}
}
