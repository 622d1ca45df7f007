// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lsetxattr: setxattr of a link itself, which takes no user attributes
#include "../harness/xattrs.h"

static long on_path(const char *path) { return x_set(BY_LINK, path, "user.a", "value", 5, 0); }

CASE(walk, "fs:xattr") { observe_walk(on_path); }
CASE(as_nobody, "root fs:xattr") { observe_walk_as_nobody(on_path); }
CASE(path_pointers, "fs:xattr") { observe_path_pointers(on_path); }
CASE(kinds, "fs:xattr") { observe_xattr_kinds(on_path); }
CASE(flags, "fs:xattr") { observe_set_flags(BY_LINK); }
CASE(names, "fs:xattr") { observe_set_names(BY_LINK); }
CASE(pointers, "fs:xattr") { observe_set_pointers(BY_LINK); }
CASE(rights, "root fs:xattr") { observe_set_rights(BY_LINK); }
CASE(times, "fs:xattr") { observe_set_times(BY_LINK); }
