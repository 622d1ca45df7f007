// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls on extended attributes that take a directory: their numbers, which the C library's headers may not have
// yet, and the ways to name a file that they share.
#ifndef DITTO_HARNESS_XATTRATS_H
#define DITTO_HARNESS_XATTRATS_H

#include "xattrs.h"

enum { NR_setxattrat = 463, NR_getxattrat = 464, NR_listxattrat = 465, NR_removexattrat = 466 };

struct xattr_at_args {
	uint64_t value;
	uint32_t size, flags;
};

static inline long xa_set(int dir, const char *path, unsigned at, const char *attr, const char *value, unsigned flags) {
	struct xattr_at_args a = {(uintptr_t)value, strlen(value), flags};
	return syscall(NR_setxattrat, dir, path, at, attr, &a, sizeof a);
}

static inline long xa_get(int dir, const char *path, unsigned at, const char *attr, void *value, size_t size) {
	struct xattr_at_args a = {(uintptr_t)value, size, 0};
	return syscall(NR_getxattrat, dir, path, at, attr, &a, sizeof a);
}

// call is tried with each way to name "d/f" of the working directory, and with those that are refused.
static inline void xattrat_ways(long (*call)(int dir, const char *path, unsigned at)) {
	int dir = REQUIRE_OK(open("d", O_PATH | O_DIRECTORY)), fd = REQUIRE_OK(open("d/f", O_RDONLY)), path = REQUIRE_OK(open("d/f", O_PATH));
	OBSERVE_OK("by the working directory", call(AT_FDCWD, "d/f", 0));
	OBSERVE_OK("by a directory", call(dir, "f", 0));
	OBSERVE_OK("by an absolute path", call(-3, name("%s/d/f", getcwd((char[PATH_MAX]){0}, PATH_MAX)), 0));
	OBSERVE_OK("by a descriptor", call(fd, "", AT_EMPTY_PATH));
	OBSERVE_OK("by a descriptor, NULL", call(fd, NULL, AT_EMPTY_PATH));
	OBSERVE_OK("by O_PATH", call(path, "", AT_EMPTY_PATH));
	OBSERVE_OK("the working directory itself", call(AT_FDCWD, "", AT_EMPTY_PATH));
	OBSERVE_OK("by a link", call(dir, "link", 0));
	OBSERVE_OK("a link itself", call(dir, "link", AT_SYMLINK_NOFOLLOW));
	OBSERVE_OK("empty path", call(fd, "", 0));
	OBSERVE_OK("NULL", call(fd, NULL, 0));
	OBSERVE_OK("bad descriptor", call(-3, "f", 0));
	OBSERVE_OK("bad descriptor, empty path", call(-3, "", AT_EMPTY_PATH));
	OBSERVE_OK("below a file", call(fd, "f", 0));
	OBSERVE_OK("no such file", call(dir, "none", 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_OK(name("path %s", p->name), call(dir, p->p, 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_OK(name("flag %d", bit), call(dir, "f", 1u << bit));
}

static inline void xattrat_files(void) {
	REQUIRE_OK(mkdir("d", 0755));
	close(make_file("d/f", ""));
	REQUIRE_OK(symlink("f", "d/link"));
	REQUIRE_OK(setxattr("d/f", "user.a", "value", 5, 0));
}

#endif
