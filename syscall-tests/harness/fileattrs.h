// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the flags of files: struct file_attr, the commands of ioctl, and what a flag forbids.
#ifndef DITTO_HARNESS_FILEATTRS_H
#define DITTO_HARNESS_FILEATTRS_H

#include "mounts.h"

#include <linux/fs.h>

#ifndef SYS_file_getattr
#define SYS_file_getattr 468
#define SYS_file_setattr 469
#endif

struct attr_of_file {
	uint64_t xflags;
	uint32_t extsize, nextents, projid, cowextsize;
};

static inline long get_attr(int dir, const char *path, struct attr_of_file *a, int flags) {
	memset(a, 0xee, sizeof *a);
	return syscall(SYS_file_getattr, dir, path, a, sizeof *a, flags);
}

static inline long set_xflags(const char *path, uint64_t xflags) {
	struct attr_of_file a = {.xflags = xflags};
	return syscall(SYS_file_setattr, AT_FDCWD, path, &a, sizeof a, 0);
}

static inline const char *attr_text(int dir, const char *path, int flags) {
	struct attr_of_file a;
	if (get_attr(dir, path, &a, flags) < 0)
		return errno_name(errno);
	return name("%#llx %u %u %u %u", (unsigned long long)a.xflags, a.extsize, a.nextents, a.projid, a.cowextsize);
}

// The flags as FS_IOC_GETFLAGS has them.
static inline const char *flags_text(const char *path) {
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	unsigned flags = 0;
	if (fd < 0)
		return errno_name(errno);
	const char *text = ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 ? errno_name(errno) : name("%#x", flags);
	close(fd);
	return text;
}

static inline int set_flags(const char *path, unsigned flags) {
	int fd = REQUIRE_OK(open(path, O_RDONLY));
	int r = ioctl(fd, FS_IOC_SETFLAGS, &flags), err = errno;
	close(fd);
	errno = err;
	return r;
}

// Takes away what would keep the case's directory from being removed.
static inline void clear_flags(const char *path) {
	int fd = open(path, O_RDONLY);
	unsigned flags = 0;
	if (fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
		flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
		ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	close(fd);
}

#endif
