// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of fsopen and its kin: the calls, and what the log of a context says.
#ifndef DITTO_HARNESS_FSCONTEXT_H
#define DITTO_HARNESS_FSCONTEXT_H

#include "mounts.h"

#define CMD_CREATE_EXCL 8

static inline long fs_open(const char *type, unsigned flags) { return syscall(SYS_fsopen, type, flags); }
static inline long fs_config(int fd, unsigned cmd, const char *key, const void *value, int aux) { return syscall(SYS_fsconfig, fd, cmd, key, value, aux); }
static inline long fs_set(int fd, const char *key, const char *value) { return fs_config(fd, FSCONFIG_SET_STRING, key, value, 0); }
static inline long fs_flag(int fd, const char *key) { return fs_config(fd, FSCONFIG_SET_FLAG, key, NULL, 0); }
static inline long fs_create(int fd) { return fs_config(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0); }
static inline long fs_reconfigure(int fd) { return fs_config(fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0); }
static inline long fs_mount(int fd, unsigned flags, unsigned attr) { return syscall(SYS_fsmount, fd, flags, attr); }
static inline long fs_pick(int dir, const char *path, unsigned flags) { return syscall(SYS_fspick, dir, path, flags); }
static inline long attach_at(int fd, const char *at) { return syscall(SYS_move_mount, fd, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH); }

// All messages of a context's log, in one line.
static inline const char *fs_log(int fd) {
	static char out[4096];
	char line[512];
	ssize_t n;
	size_t at = 0;
	while ((n = read(fd, line, sizeof line)) > 0)
		at += snprintf(out + at, sizeof out - at, "%s%.*s", at ? "; " : "", (int)n, line);
	snprintf(out + at, sizeof out - at, "%s%s", at ? "; " : "", errno_name(errno));
	return out;
}

#endif
