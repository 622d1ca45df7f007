// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that fill in a struct stat: the fields that mean the same on every file system as text.
#ifndef DITTO_HARNESS_STATS_H
#define DITTO_HARNESS_STATS_H

#include "files.h"

typedef long (*stat_call)(const char *path, struct stat *st);

// Type, permissions, links (not of directories), owner (when not the caller), size (not of directories), device number.
static inline const char *stat_text(const struct stat *st) {
	const char *links = S_ISDIR(st->st_mode) ? "" : name(" x%d", (int)st->st_nlink);
	const char *size = S_ISDIR(st->st_mode) ? "" : name(" %lld", (long long)st->st_size);
	const char *owner = st->st_uid == geteuid() && st->st_gid == getegid() ? "" : name(" %d:%d", st->st_uid, st->st_gid);
	const char *dev = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) ? name(" %u,%u", major(st->st_rdev), minor(st->st_rdev)) : "";
	return name("%c%04o%s%s%s%s", type_letter(st->st_mode), st->st_mode & 07777, links, size, owner, dev);
}

// One of each type.
static inline void put_types(void) {
	put_file("file", "content", 0644);
	put_file("empty", "", 0);
	put_file("setid", "", 06755);
	put_dir("dir", 01777);
	put_link("file", "link");
	put_link("nowhere", "dangling");
	put_link("dir", "to_dir");
	REQUIRE_OK(mkfifo("fifo", 0620));
	REQUIRE_OK(mknod("sock", S_IFSOCK | 0700, 0));
	REQUIRE_OK(link("file", "hard"));
}

static inline void observe_types(stat_call call) {
	static const char *const paths[] = {"file", "empty", "setid", "dir", "link", "dangling", "to_dir", "fifo", "sock", "hard",
					    "/dev/null", "/dev/zero", "/dev/tty", "/", "/proc/self/status", "/proc/self"};
	put_types();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct stat st;
		memset(&st, 0xa5, sizeof st);
		OBSERVE_RET(paths[i], call(paths[i], &st));
		// Process ids differ, so do the owners of a machine's root directory and devices.
		if (st.st_mode == 0xa5a5a5a5)
			continue;
		if (paths[i][0] == '/')
			OBSERVE(name("%s: type", paths[i]), "%c", type_letter(st.st_mode));
		else
			OBSERVE(name("%s: stat", paths[i]), "%s", stat_text(&st));
	}
}

// Every byte of the structure is written, the unused ones with zeros; and nothing behind it is.
static inline void observe_stat_buffer(stat_call call) {
	struct stat a, b;
	put_file("file", "content", 0644);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, call("file", p->p));
	OBSERVE_RET("NULL", call("file", NULL));
	OBSERVE_RET("read-only", call("file", readonly_page()));
	OBSERVE_RET("ends with memory", call("file", guard_end(144)));
	OBSERVE_RET("ends beyond", call("file", (void *)((char *)guard_end(144) + 8)));
	OBSERVE_RET("missing, bad buffer", call("missing", bad_ptr()));
	memset(&a, 0, sizeof a);
	memset(&b, 0xff, sizeof b);
	REQUIRE_OK(call("file", &a));
	REQUIRE_OK(call("file", &b));
	OBSERVE("all written", "%d", memcmp(&a, &b, sizeof a));
	OBSERVE("padding", "%d", a.__pad0 | (int)(a.__glibc_reserved[0] | a.__glibc_reserved[1] | a.__glibc_reserved[2]));
	CHECK_EQ(sizeof a, 144);
}

// The same inode by every name; other files have other numbers.
static inline void check_identity(stat_call call) {
	struct stat a, b, c;
	put_types();
	REQUIRE_OK(call("file", &a));
	REQUIRE_OK(call("hard", &b));
	REQUIRE_OK(call("empty", &c));
	CHECK(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	CHECK(a.st_ino != c.st_ino && a.st_dev == c.st_dev);
	CHECK_EQ(a.st_nlink, 2);
	REQUIRE_OK(unlink("hard"));
	REQUIRE_OK(call("file", &a));
	CHECK_EQ(a.st_nlink, 1);
	REQUIRE_OK(rename("file", "moved"));
	REQUIRE_OK(call("moved", &b));
	CHECK_EQ(a.st_ino, b.st_ino);
}

#endif
