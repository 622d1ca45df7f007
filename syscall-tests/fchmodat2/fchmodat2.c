// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmodat2: chmod with flags: of a link itself, of a descriptor itself
#include "../harness/modes.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static long call(const char *path, unsigned long mode) { return syscall(SYS_fchmodat2, AT_FDCWD, path, mode, 0); }
static long at(int fd, const char *path) { return syscall(SYS_fchmodat2, fd, path, 0710, 0); }
static long at_empty(int fd, const char *path) { return syscall(SYS_fchmodat2, fd, path, 0710, AT_EMPTY_PATH); }
static long nofollow(const char *path) { return syscall(SYS_fchmodat2, AT_FDCWD, path, 0710, AT_SYMLINK_NOFOLLOW); }
static long bit_on_file(unsigned long f) { return syscall(SYS_fchmodat2, AT_FDCWD, "file", 0600, f); }
static long on_path(const char *path) { return call(path, 0710); }

CASE(walk) { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(modes) { observe_chmod_modes(call); }
CASE(rights, "root") { observe_chmod_rights(call); }
CASE(times) { observe_chmod_times(call); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(dirfds) { observe_dirfds(at); }
CASE(dirfds_empty_path) { observe_dirfds(at_empty); }
CASE(walk_nofollow, "kernel>=6.6") { observe_walk(nofollow); }
CASE(each_flag, "kernel>=6.6") { observe_flag_bits(bit_on_file, 32); }

CASE(o_path_descriptor, "kernel>=6.6") {
	put_file("f", "", 0644);
	int fd = REQUIRE_OK(open("f", O_PATH));
	OBSERVE_RET("AT_EMPTY_PATH", syscall(SYS_fchmodat2, fd, "", 0600, AT_EMPTY_PATH));
	OBSERVE_RET("NULL path", syscall(SYS_fchmodat2, fd, NULL, 0640, AT_EMPTY_PATH));
	OBSERVE("mode", "%s", entry_text("f"));
}
