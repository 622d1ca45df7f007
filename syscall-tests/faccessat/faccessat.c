// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// faccessat: access from a directory. The call has three arguments, so no flags
#include "../harness/access.h"

static long exists(const char *path) { return syscall(SYS_faccessat, AT_FDCWD, path, F_OK); }
static long call(const char *path, int mode) { return syscall(SYS_faccessat, AT_FDCWD, path, mode); }
static long at(int fd, const char *path) { return syscall(SYS_faccessat, fd, path, F_OK); }

CASE(walk) { observe_walk_looking(exists); }
CASE(as_nobody, "root") { observe_walk_as_nobody(exists); }
CASE(path_pointers) { observe_path_pointers(exists); }
CASE(dirfds) { observe_dirfds_looking(at); }
CASE(modes) { observe_access_modes(call); }
CASE(classes, "root") { observe_access_classes(call); }

CASE(fourth_argument_is_ignored) {
	put_link("nowhere", "dangling");
	OBSERVE_RET("AT_SYMLINK_NOFOLLOW", syscall(SYS_faccessat, AT_FDCWD, "dangling", F_OK, AT_SYMLINK_NOFOLLOW));
	OBSERVE_RET("junk", syscall(SYS_faccessat, AT_FDCWD, ".", F_OK, -1l));
}
