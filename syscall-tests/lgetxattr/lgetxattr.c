// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lgetxattr: getxattr of a link itself
#include "../harness/xattrs.h"

static long on_path(const char *path) { return x_get(BY_LINK, path, "user.a", NULL, 0); }

CASE(walk, "fs:xattr") { observe_walk_looking(on_path); }
CASE(as_nobody, "root fs:xattr") { observe_walk_as_nobody(on_path); }
CASE(path_pointers, "fs:xattr") { observe_path_pointers(on_path); }
CASE(kinds, "fs:xattr") { observe_xattr_kinds(on_path); }
CASE(sizes, "fs:xattr") { observe_get_sizes(BY_LINK); }
CASE(pointers, "fs:xattr") { observe_get_pointers(BY_LINK); }
