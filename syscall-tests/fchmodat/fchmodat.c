// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmodat: chmod from a directory. The call has three arguments, so no flags
#include "../harness/modes.h"

static long call(const char *path, unsigned long mode) { return syscall(SYS_fchmodat, AT_FDCWD, path, mode); }
static long at(int fd, const char *path) { return syscall(SYS_fchmodat, fd, path, 0710); }
static long on_path(const char *path) { return call(path, 0710); }

CASE(walk) { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(modes) { observe_chmod_modes(call); }
CASE(rights, "root") { observe_chmod_rights(call); }
CASE(times) { observe_chmod_times(call); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(dirfds) { observe_dirfds(at); }

CASE(fourth_argument_is_ignored) {
	put_file("f", "", 0644);
	put_link("f", "l");
	OBSERVE_RET("AT_SYMLINK_NOFOLLOW", syscall(SYS_fchmodat, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW));
	OBSERVE_RET("junk", syscall(SYS_fchmodat, AT_FDCWD, "l", 0640, -1l));
	OBSERVE("tree", "%s", tree_text("."));
}
