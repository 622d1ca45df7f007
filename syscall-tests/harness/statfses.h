// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of statfs and fstatfs: what must hold of every file system, and into what memory.
#ifndef DITTO_HARNESS_STATFSES_H
#define DITTO_HARNESS_STATFSES_H

#include "files.h"

#include <sys/vfs.h>

typedef long (*statfs_call)(const char *path, struct statfs *s);

static inline void check_statfs_sense(statfs_call call) {
	struct statfs s, same;
	put_file("f", "", 0644);
	memset(&s, 0xa5, sizeof s);
	REQUIRE_OK(call("f", &s));
	CHECK_EQ(sizeof s, 120);
	CHECK(s.f_bsize >= 512 && (s.f_bsize & (s.f_bsize - 1)) == 0);
	CHECK(s.f_bfree <= s.f_blocks && s.f_bavail <= s.f_bfree && s.f_ffree <= s.f_files);
	CHECK_EQ(s.f_namelen, 255);
	OBSERVE("spare", "%ld", (long)(s.f_spare[0] | s.f_spare[1] | s.f_spare[2] | s.f_spare[3]));
	REQUIRE_OK(call(".", &same));
	CHECK_EQ(s.f_type, same.f_type);
	CHECK_EQ(memcmp(&s.f_fsid, &same.f_fsid, sizeof s.f_fsid), 0);
}

static inline void observe_statfs_known(statfs_call call) {
	struct statfs s;
	OBSERVE_RET("/proc", call("/proc", &s));
	OBSERVE("/proc: type", "%#lx", (long)s.f_type);
	OBSERVE("/proc: blocks", "%lu of %lu", (long)s.f_bfree, (long)s.f_blocks);
	OBSERVE("/proc: name length", "%ld", (long)s.f_namelen);
	OBSERVE_RET("/proc/self/status", call("/proc/self/status", &s));
	OBSERVE("/proc/self/status: type", "%#lx", (long)s.f_type);
}

static inline void observe_statfs_buffer(statfs_call call) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, call(".", b->p));
	OBSERVE_RET("NULL", call(".", NULL));
	OBSERVE_RET("read-only", call(".", readonly_page()));
	CHECK_OK(call(".", guard_end(120)));
	CHECK_ERR(call(".", (void *)((char *)guard_end(120) + 8)), EFAULT);
}

#endif
