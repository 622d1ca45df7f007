// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// renameat: rename between directory descriptors
#include "../harness/renames.h"

static long call(const char *from, const char *to) { return syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to); }
static long from_path(const char *path) { return call(path, "fresh"); }
static long to_path(const char *path) { return call("file", path); }

CASE(walk_from) { observe_walk(from_path); }
CASE(walk_to) { observe_walk(to_path); }
CASE(pairs) { observe_rename_pairs(call); }
CASE(odd_names) { observe_rename_odd_names(call); }
CASE(pointers) { observe_rename_pointers(call); }
CASE(hard_links) { observe_rename_hard_links(call); }
CASE(times) { observe_rename_times(call); }
CASE(open_files) { observe_rename_open(call); }
CASE(as_nobody, "root") { observe_rename_as_nobody(call); }

static long at_from(int fd, const char *path) { return syscall(SYS_renameat, fd, path, AT_FDCWD, "fresh"); }
static long at_to(int fd, const char *path) { return syscall(SYS_renameat, AT_FDCWD, "file", fd, path); }
CASE(dirfds_from) { observe_dirfds(at_from); }
CASE(dirfds_to) { observe_dirfds(at_to); }

// The way of the old name is gone before anything is said of the new one.
CASE(both_wrong) {
	put_file("file", "", 0644);
	int fd = REQUIRE_OK(open("file", O_RDONLY | O_CLOEXEC));
	OBSERVE_RET("below a file, bad descriptor", syscall(SYS_renameat, fd, "x", 999, "y"));
	OBSERVE_RET("no way, bad pointer", syscall(SYS_renameat, AT_FDCWD, "no/x", AT_FDCWD, bad_ptr()));
	OBSERVE_RET("no way, empty", syscall(SYS_renameat, AT_FDCWD, "no/x", AT_FDCWD, ""));
	OBSERVE_RET("no file, bad descriptor", syscall(SYS_renameat, AT_FDCWD, "x", 999, "y"));
}
