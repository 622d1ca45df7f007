// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// newfstatat: stat and lstat from a directory, or of a descriptor itself by AT_EMPTY_PATH
#include "../harness/stats.h"

static struct stat scratch;
static long on_path(const char *path) { return syscall(SYS_newfstatat, AT_FDCWD, path, &scratch, 0); }
static long on_link(const char *path) { return syscall(SYS_newfstatat, AT_FDCWD, path, &scratch, AT_SYMLINK_NOFOLLOW); }
static long call(const char *path, struct stat *st) { return syscall(SYS_newfstatat, AT_FDCWD, path, st, 0); }
static long at(int fd, const char *path) { return syscall(SYS_newfstatat, fd, path, &scratch, 0); }
static long at_empty(int fd, const char *path) { return syscall(SYS_newfstatat, fd, path, &scratch, AT_EMPTY_PATH); }
static long bit_on_file(unsigned long f) { return syscall(SYS_newfstatat, AT_FDCWD, "file", &scratch, f); }
static long bit_on_empty(unsigned long f) { return syscall(SYS_newfstatat, AT_FDCWD, "", &scratch, f); }

CASE(walk) { observe_walk_looking(on_path); }
CASE(walk_nofollow) { observe_walk_looking(on_link); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(types) { observe_types(call); }
CASE(buffer) { observe_stat_buffer(call); }
CASE(dirfds) { observe_dirfds_looking(at); }
CASE(dirfds_empty_path) { observe_dirfds_looking(at_empty); }
CASE(each_flag) { observe_flag_bits_looking(bit_on_file, 32); }
CASE(each_flag_on_the_empty_path) { observe_flag_bits_looking(bit_on_empty, 32); }

CASE(empty_path) {
	struct stat st;
	put_file("f", "content", 0640);
	put_link("f", "l");
	int fd = REQUIRE_OK(open("f", O_RDONLY)), link = REQUIRE_OK(open("l", O_PATH | O_NOFOLLOW)), p[2];
	REQUIRE_OK(pipe(p));
	CHECK_OK(syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH));
	OBSERVE("file", "%s", stat_text(&st));
	CHECK_OK(syscall(SYS_newfstatat, link, "", &st, AT_EMPTY_PATH));
	OBSERVE("link", "%s", stat_text(&st));
	CHECK_OK(syscall(SYS_newfstatat, p[0], "", &st, AT_EMPTY_PATH));
	OBSERVE("pipe", "%c", type_letter(st.st_mode));
	CHECK_OK(syscall(SYS_newfstatat, AT_FDCWD, "", &st, AT_EMPTY_PATH));
	OBSERVE("working directory", "%s", stat_text(&st));
	OBSERVE_RET("NULL path", syscall(SYS_newfstatat, fd, NULL, &st, 0));
	OBSERVE_RET("bad fd", syscall(SYS_newfstatat, -1, "", &st, AT_EMPTY_PATH));
}

// Without a path nobody looks at the flags.
CASE(unknown_flags_without_a_path) {
	put_file("f", "", 0644);
	int fd = REQUIRE_OK(open("f", O_RDONLY));
	static const int flags[] = {0x80000, 0x200, 0x80000000};
	for (int i = 0; i < 3; i++) {
		OBSERVE_RET(name("%#x, no path", flags[i]), syscall(SYS_newfstatat, fd, NULL, &scratch, AT_EMPTY_PATH | flags[i]));
		OBSERVE_RET(name("%#x, empty path", flags[i]), syscall(SYS_newfstatat, fd, "", &scratch, AT_EMPTY_PATH | flags[i]));
		OBSERVE_RET(name("%#x, path", flags[i]), syscall(SYS_newfstatat, fd, "f", &scratch, AT_EMPTY_PATH | flags[i]));
		OBSERVE_RET(name("%#x, path nowhere", flags[i]), syscall(SYS_newfstatat, fd, 8, &scratch, AT_EMPTY_PATH | flags[i]));
		OBSERVE_RET(name("%#x, working directory", flags[i]), syscall(SYS_newfstatat, AT_FDCWD, "", &scratch, AT_EMPTY_PATH | flags[i]));
		OBSERVE_RET(name("%#x, no flag", flags[i]), syscall(SYS_newfstatat, fd, "", &scratch, flags[i]));
		OBSERVE_RET(name("%#x, no descriptor", flags[i]), syscall(SYS_newfstatat, 99, "", &scratch, AT_EMPTY_PATH | flags[i]));
	}
}
