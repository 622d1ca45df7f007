// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// symlinkat: a link with any text in it, at a path that is free
#include "../harness/files.h"

static long call(const char *target, const char *path) { return syscall(SYS_symlinkat, target, AT_FDCWD, path); }
static long at_path(const char *path) { return call("the/target", path); }
static long with_target(const char *target) {
	long r = call(target, "new");
	if (r == 0)
		REQUIRE_OK(unlink("new"));
	return r;
}

CASE(walk) { observe_walk(at_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(at_path); }
CASE(path_pointers) { observe_path_pointers(at_path); }
CASE(target_pointers) { observe_path_pointers(with_target); }

CASE(targets) {
	OBSERVE_RET("empty", call("", "e"));
	OBSERVE_RET("itself", call("self", "self"));
	OBSERVE_RET("4095 bytes", with_target(repeat("t", 4095, "")));
	OBSERVE_RET("4096 bytes", with_target(repeat("t", 4096, "")));
	OBSERVE_RET("spaces and newline", call(" a\n ", "odd"));
	OBSERVE_RET("name of 256", with_target(repeat("t", 256, "")));
	OBSERVE("tree", "%s", tree_text("."));
}

CASE(existing) {
	put_file("f", "", 0644);
	put_link("nowhere", "l");
	CHECK_ERR(at_path("f"), EEXIST);
	CHECK_ERR(at_path("l"), EEXIST);
	CHECK_ERR(at_path("."), EEXIST);
	CHECK_ERR(at_path("/"), EEXIST);
	OBSERVE_RET("bad target, existing path", call(bad_ptr(), "f"));
	OBSERVE_RET("empty target, existing path", call("", "f"));
}

CASE(resolution) {
	put_dir("d", 0755);
	put_file("d/f", "content", 0644);
	REQUIRE_OK(call("f", "d/relative"));
	REQUIRE_OK(call("../d//./f", "d/dots"));
	REQUIRE_OK(call("relative", "d/twice"));
	REQUIRE_OK(rename("d", "e"));
	CHECK_OK(open("e/relative", O_RDONLY));
	CHECK_OK(open("e/twice", O_RDONLY));
	CHECK_ERR(open("e/dots", O_RDONLY), ENOENT);
}

static long at(int fd, const char *path) { return syscall(SYS_symlinkat, "target", fd, path); }
CASE(dirfds) { observe_dirfds(at); }
