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
