// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of file handles: a handle with room for the largest, what is told of one, and whether two are the same.
#ifndef DITTO_HARNESS_HANDLES_H
#define DITTO_HARNESS_HANDLES_H

#include "mounts.h"

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200
#endif
#ifndef AT_HANDLE_MNT_ID_UNIQUE
#define AT_HANDLE_MNT_ID_UNIQUE 1
#endif
#ifndef AT_HANDLE_CONNECTABLE
#define AT_HANDLE_CONNECTABLE 2
#endif

struct handle {
	uint32_t bytes;
	int32_t type;
	unsigned char id[128];
	uint64_t mnt;
};

static inline long to_handle(int dir, const char *path, struct handle *h, int flags) {
	memset(h, 0, sizeof *h);
	h->bytes = sizeof h->id;
	return syscall(SYS_name_to_handle_at, dir, path, h, &h->mnt, flags);
}

static inline long open_handle(int mount, struct handle *h, int flags) { return syscall(SYS_open_by_handle_at, mount, h, flags); }

static inline bool same_handle(const struct handle *a, const struct handle *b) {
	return a->bytes == b->bytes && a->type == b->type && !memcmp(a->id, b->id, a->bytes);
}

// "8 bytes of type 0x1", or why there is none.
static inline const char *handle_text(int dir, const char *path, int flags) {
	struct handle h;
	if (to_handle(dir, path, &h, flags) < 0)
		return errno_name(errno);
	return name("%u bytes of type %#x", h.bytes, h.type);
}

static inline bool same_file(int fd, const char *path) {
	struct stat a, b;
	REQUIRE_OK(fstat(fd, &a));
	REQUIRE_OK(lstat(path, &b));
	return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

// What comes of opening a handle: that it is the file of that name, or the errno.
static inline const char *opened(int mount, struct handle *h, int flags, const char *path) {
	long fd = open_handle(mount, h, flags);
	if (fd < 0)
		return errno_name(errno);
	const char *text = !path ? "something" : same_file(fd, path) ? "it" : "another";
	close(fd);
	return text;
}

#endif
