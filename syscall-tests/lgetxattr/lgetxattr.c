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

// Of each class one that nobody has set, also of what has no user. attributes.
CASE(classes_of_kinds, "root fs:xattr") {
	static const char *const kinds[] = {"file", "dir", "link", "dangling", "fifo", "sock"};
	static const char *const attrs[] = {"user.none", "trusted.none", "security.none", "security.", "system.none", "nothing.none"};
	make_xattr_kinds();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (size_t k = 0; k < ARRAY_SIZE(attrs); k++)
			OBSERVE_RET(name("%s of %s", attrs[k], kinds[i]), x_get(BY_LINK, kinds[i], attrs[k], NULL, 0));
}
