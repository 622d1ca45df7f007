// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unlinkat: unlink, or with AT_REMOVEDIR rmdir, from a directory descriptor
#include "../harness/unlinks.h"

static long del(const char *path) { return syscall(SYS_unlinkat, AT_FDCWD, path, 0); }
static long del_dir(const char *path) { return syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
static long at(int fd, const char *path) { return syscall(SYS_unlinkat, fd, path, 0); }
static long at_dir(int fd, const char *path) { return syscall(SYS_unlinkat, fd, path, AT_REMOVEDIR); }
static long bit_on_file(unsigned long f) { return syscall(SYS_unlinkat, AT_FDCWD, "file", f); }
static long bit_on_dir(unsigned long f) { return rename("dir/file", "inside") | syscall(SYS_unlinkat, AT_FDCWD, "dir", f); }

CASE(walk) { observe_walk(del); }
CASE(walk_directories) { observe_walk(del_dir); }
CASE(as_nobody, "root") { observe_walk_as_nobody(del); }
CASE(path_pointers) { observe_path_pointers(del); }
CASE(dirfds) { observe_dirfds(at); }
CASE(dirfds_directories) { observe_dirfds(at_dir); }
CASE(each_flag_on_a_file) { observe_flag_bits(bit_on_file, 32); }
CASE(each_flag_on_a_directory) { observe_flag_bits(bit_on_dir, 32); }
CASE(open_file) { check_unlink_open_file(del); }
CASE(links_and_times) { observe_unlink_links(del); }
CASE(sticky, "root") { observe_unlink_sticky(del); }

CASE(flags_are_checked_first) {
	OBSERVE_RET("bad flag, bad fd, bad path", syscall(SYS_unlinkat, -1, bad_ptr(), 1));
	OBSERVE_RET("bad fd, bad path", syscall(SYS_unlinkat, -1, bad_ptr(), 0));
	OBSERVE_RET("AT_REMOVEDIR and another", syscall(SYS_unlinkat, AT_FDCWD, "x", AT_REMOVEDIR | AT_EMPTY_PATH));
}

CASE(names_in_a_removed_directory) {
	put_dir("gone", 0755);
	int fd = REQUIRE_OK(open("gone", O_RDONLY));
	REQUIRE_OK(rmdir("gone"));
	OBSERVE_RET("short", syscall(SYS_unlinkat, fd, "x", 0));
	OBSERVE_RET("long", syscall(SYS_unlinkat, fd, repeat("n", 256, ""), 0));
	OBSERVE_RET("said to be a directory", syscall(SYS_unlinkat, fd, "x/", 0));
}
