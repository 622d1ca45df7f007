// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setxattr: an attribute made or replaced: which names, values, flags and files, by whom?
#include "../harness/xattrs.h"

static long on_path(const char *path) { return x_set(BY_PATH, path, "user.a", "value", 5, 0); }

CASE(walk, "fs:xattr") { observe_walk(on_path); }
CASE(as_nobody, "root fs:xattr") { observe_walk_as_nobody(on_path); }
CASE(path_pointers, "fs:xattr") { observe_path_pointers(on_path); }
CASE(kinds, "fs:xattr") { observe_xattr_kinds(on_path); }
CASE(flags, "fs:xattr") { observe_set_flags(BY_PATH); }
CASE(names, "fs:xattr") { observe_set_names(BY_PATH); }
CASE(pointers, "fs:xattr") { observe_set_pointers(BY_PATH); }
CASE(rights, "root fs:xattr") { observe_set_rights(BY_PATH); }
CASE(times, "fs:xattr") { observe_set_times(BY_PATH); }
