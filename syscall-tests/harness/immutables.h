// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of files that nobody may change: a tmpfs of the case's own with one, and with a directory that is so.
#ifndef DITTO_HARNESS_IMMUTABLES_H
#define DITTO_HARNESS_IMMUTABLES_H

#include "mounts.h"

#include <linux/fs.h>

static inline void set_file_flags(const char *path, int flags) {
	int fd = REQUIRE_OK(open(path, O_RDONLY));
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)
		SKIP("FS_IOC_SETFLAGS: %s", errno_name(errno));
	close(fd);
}

// fixed, fixed_dir (with a file), grows (may only be appended to), grows_dir, and file and dir, which are like any other.
static inline void immutable_place(void) {
	own_mounts();
	DIRS("fixed_dir", "grows_dir", "dir");
	put_file("fixed_dir/file", "content", 0666);
	put_file("grows_dir/file", "content", 0666);
	put_file("fixed", "content", 0666);
	put_file("grows", "content", 0666);
	put_file("file", "content", 0666);
	set_file_flags("fixed", FS_IMMUTABLE_FL);
	set_file_flags("grows", FS_APPEND_FL);
	set_file_flags("fixed_dir", FS_IMMUTABLE_FL);
	set_file_flags("grows_dir", FS_APPEND_FL);
}

static inline void observe_immutable(path_call call) {
	static const char *const paths[] = {"fixed", "grows", "fixed_dir", "grows_dir", "fixed_dir/file", "grows_dir/file", "fixed_dir/new", "grows_dir/new", "dir/new", "file"};
	IN_CHILD(NULL) {
		immutable_place();
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
			OBSERVE_OK(paths[i], call(paths[i]));
		OBSERVE("tree", "%s", tree_text("."));
	}
}

#define IMMUTABLE(ident, expr)                                                                                        \
	static long im_##ident(const char *path) { return (long)(expr); }                                             \
	CASE(ident##_of_what_may_not_change, "root cap:9 cap:21 kernel>=6.6") { observe_immutable(im_##ident); }

#endif
