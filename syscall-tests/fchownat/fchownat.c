// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchownat: chown from a directory, with flags: of a link itself, of a descriptor itself
#include "../harness/modes.h"

static long call(const char *path, long uid, long gid) { return syscall(SYS_fchownat, AT_FDCWD, path, uid, gid, 0); }
static long at(int fd, const char *path) { return syscall(SYS_fchownat, fd, path, -1, -1, 0); }
static long at_empty(int fd, const char *path) { return syscall(SYS_fchownat, fd, path, -1, -1, AT_EMPTY_PATH); }
static long nofollow(const char *path) { return syscall(SYS_fchownat, AT_FDCWD, path, 11, 12, AT_SYMLINK_NOFOLLOW); }
static long bit_on_link(unsigned long f) { return syscall(SYS_fchownat, AT_FDCWD, "to_file", 11, 12, f); }
static long on_path(const char *path) { return call(path, 11, 12); }

CASE(walk, "root") { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(ids, "root") { observe_chown_ids(call); }
CASE(setid_bits, "root") { observe_chown_setid(call); }
CASE(rights, "root") { observe_chown_rights(call); }
CASE(times) { observe_chown_times(call); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(dirfds) { observe_dirfds(at); }
CASE(dirfds_empty_path) { observe_dirfds(at_empty); }
CASE(walk_nofollow, "root") { observe_walk(nofollow); }
CASE(each_flag, "root") { observe_flag_bits(bit_on_link, 32); }

CASE(empty_path, "root") {
	put_file("f", "", 0644);
	put_link("f", "l");
	int link = REQUIRE_OK(open("l", O_PATH | O_NOFOLLOW)), file = REQUIRE_OK(open("f", O_PATH));
	OBSERVE_RET("link", syscall(SYS_fchownat, link, "", 5, 6, AT_EMPTY_PATH));
	OBSERVE_RET("file", syscall(SYS_fchownat, file, "", 7, 8, AT_EMPTY_PATH));
	OBSERVE("tree", "%s", tree_text("."));
}
