// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// symlink: a link with any text in it, at a path that is free
#include "../harness/files.h"
#include "../harness/mounts.h"

static long call(const char *target, const char *path) { return syscall(SYS_symlink, target, path); }
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

static long free_pages(void) {
	struct statfs s;
	REQUIRE_OK(statfs(".", &s));
	return s.f_bfree;
}

// On tmpfs a long target takes a page of its own, of those that the file system may have.
CASE(room_for_a_long_target, "root cap:21") {
	static const int lengths[] = {1, 59, 60, 126, 127, 128, 129, 255, 4095};
	struct stat s;
	own_mounts();
	REQUIRE_OK(mkdir("m", 0755));
	REQUIRE_OK(mount("m", "m", "tmpfs", 0, "size=8k"));
	REQUIRE_OK(chdir("m"));
	for (int i = 0; i < 9; i++) {
		long before = free_pages();
		REQUIRE_OK(call(repeat("t", lengths[i], ""), "l"));
		REQUIRE_OK(lstat("l", &s));
		OBSERVE(name("%d", lengths[i]), "size %ld, blocks %ld, takes %ld", (long)s.st_size, (long)s.st_blocks, before - free_pages());
		REQUIRE_OK(unlink("l"));
		CHECK_EQ(free_pages(), before);
	}
	put_file("one", "x", 0644);
	put_file("two", "x", 0644);
	OBSERVE_RET("short, full", call("short", "a"));
	OBSERVE_RET("long, full", call(repeat("t", 128, ""), "b"));
	OBSERVE_RET("long, full, existing", call(repeat("t", 128, ""), "one"));
	REQUIRE_OK(unlink("two"));
	OBSERVE_RET("long, room for it", call(repeat("t", 128, ""), "b"));
	REQUIRE_OK(rename("b", "c"));
	REQUIRE_OK(link("c", "d"));
	REQUIRE_OK(unlink("c"));
	OBSERVE("with another name", "%ld free", free_pages());
	REQUIRE_OK(unlink("d"));
	OBSERVE("gone", "%ld free", free_pages());
}
