// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lremovexattr: removexattr of a link itself
#include "../harness/xattrs.h"

static long on_path(const char *path) { return x_remove(BY_LINK, path, "user.a"); }

CASE(walk, "fs:xattr") { observe_walk(on_path); }
CASE(as_nobody, "root fs:xattr") { observe_walk_as_nobody(on_path); }
CASE(path_pointers, "fs:xattr") { observe_path_pointers(on_path); }
CASE(kinds, "fs:xattr") { observe_xattr_kinds(on_path); }
CASE(remove, "fs:xattr") { observe_remove(BY_LINK); }
