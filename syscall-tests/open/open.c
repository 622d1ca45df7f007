// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: is it openat from the working directory, with the same flags, modes and errors?
#include "../harness/files.h"

static long open_rdonly(const char *path) { return syscall(SYS_open, path, O_RDONLY, 0); }
static long open_rdwr_create(const char *path) { return syscall(SYS_open, path, O_RDWR | O_CREAT, 0666); }

CASE(walk) { observe_walk_looking(open_rdonly); }
CASE(walk_creating) { observe_walk(open_rdwr_create); }
CASE(as_nobody, "root") { observe_walk_as_nobody(open_rdwr_create); }
CASE(path_pointers) { observe_path_pointers(open_rdonly); }

CASE(largefile_is_implied) {
	put_file("f", "", 0644);
	int fd = REQUIRE_OK(open_rdonly("f"));
	OBSERVE("flags", "%#o", fcntl(fd, F_GETFL));
}

CASE(relative_to_the_working_directory) {
	put_dir("d", 0755);
	put_file("d/f", "x", 0644);
	CHECK_ERR(open_rdonly("f"), ENOENT);
	REQUIRE_OK(chdir("d"));
	CHECK_OK(open_rdonly("f"));
	REQUIRE_OK(unlink("f"));
	REQUIRE_OK(rmdir("../d"));
	OBSERVE_RET("create in a removed directory", open_rdwr_create("f"));
	OBSERVE_OK("the removed directory", open_rdonly("."));
	OBSERVE_RET("its parent", open_rdonly(".."));
	OBSERVE_RET("missing", open_rdonly("missing"));
}

// The upper half of the flags register is not looked at.
CASE(flags_are_an_int) {
	put_file("f", "", 0644);
	OBSERVE_RET("bit 40", syscall(SYS_open, "f", 1ul << 40, 0));
	OBSERVE_RET("upper half", syscall(SYS_open, "f", 0xffffffff00000000ul, 0));
}
