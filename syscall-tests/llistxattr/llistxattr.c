// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// llistxattr: listxattr of a link itself
#include "../harness/xattrs.h"

static char scratch[1024];
static long on_path(const char *path) { return x_list(BY_LINK, path, scratch, sizeof scratch); }

CASE(walk, "fs:xattr") { observe_walk_looking(on_path); }
CASE(as_nobody, "root fs:xattr") { observe_walk_as_nobody(on_path); }
CASE(path_pointers, "fs:xattr") { observe_path_pointers(on_path); }
CASE(kinds, "fs:xattr") { observe_xattr_kinds(on_path); }
CASE(list, "fs:xattr") { observe_list(BY_LINK); }
CASE(privileged, "root fs:xattr cap:21") { observe_list_privileged(BY_LINK); }
