// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of getdents and getdents64: entries of either form read into one list.
#ifndef DITTO_HARNESS_DIRENTS_H
#define DITTO_HARNESS_DIRENTS_H

#include "files.h"

struct entry {
	unsigned long long ino;
	long long off;
	unsigned reclen;
	int type;
	char name[256];
};

// Where the fields stand: inode number and offset first in both forms, the type before the name or at the entry's end.
static inline unsigned parse_entry(const char *p, bool is64, struct entry *e) {
	unsigned short reclen;
	memcpy(&e->ino, p, 8);
	memcpy(&e->off, p + 8, 8);
	memcpy(&reclen, p + 16, 2);
	e->reclen = reclen;
	e->type = is64 ? p[18] : p[reclen - 1];
	snprintf(e->name, sizeof e->name, "%s", p + (is64 ? 19 : 18));
	return reclen;
}

static inline int entry_by_name(const void *a, const void *b) {
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

// All entries of an open directory, read with a buffer of that size, sorted. Returns how many, or -1 with errno.
static inline int list_dir(long nr, int fd, size_t bufsize, struct entry *list, int max) {
	int n = 0;
	char *buf = malloc(bufsize);
	for (;;) {
		long got = syscall(nr, fd, buf, bufsize);
		if (got < 0) {
			free(buf);
			return -1;
		}
		if (got == 0)
			break;
		for (long at = 0; at < got && n < max;)
			at += parse_entry(buf + at, nr == SYS_getdents64, &list[n++]);
	}
	free(buf);
	qsort(list, n, sizeof *list, entry_by_name);
	return n;
}

static inline int open_dir(const char *path) { return REQUIRE_OK(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

// One of each type, with what d_type and the inode number say of it.
static inline void observe_dir_types(long nr) {
	struct entry e[32];
	put_dir("d", 0755);
	put_file("d/file", "x", 0644);
	put_dir("d/dir", 0755);
	put_link("x", "d/link");
	REQUIRE_OK(mkfifo("d/fifo", 0644));
	REQUIRE_OK(mknod("d/sock", S_IFSOCK | 0644, 0));
	REQUIRE_OK(link("d/file", "d/hard"));
	int n = list_dir(nr, open_dir("d"), 4096, e, 32);
	CHECK_EQ(n, 8);
	for (int i = 0; i < n; i++) {
		OBSERVE(e[i].name, "type %d, reclen %u", e[i].type, e[i].reclen);
		if (strcmp(e[i].name, "..") != 0)
			CHECK_EQ(e[i].ino, stat_of(name("d/%s", e[i].name)).st_ino);
	}
}

// Entries are as long as their names ask for, to the next 8 bytes.
static inline void observe_dir_names(long nr) {
	static struct entry e[300];
	put_dir("d", 0755);
	for (int len = 1; len <= 255; len += len < 20 ? 1 : 47)
		put_file(name("d/%s", repeat("n", len, "")), "", 0644);
	int n = list_dir(nr, open_dir("d"), 65536, e, 300);
	for (int i = 0; i < n; i++)
		OBSERVE(name("length %zu%s", strlen(e[i].name), e[i].name[0] == '.' ? " dots" : ""), "%u", e[i].reclen);
}

static inline void observe_dir_errors(long nr) {
	char buf[4096];
	int p[2];
	put_dir("d", 0755);
	put_dir("gone", 0755);
	put_file("f", "x", 0644);
	int gone = open_dir("gone");
	REQUIRE_OK(rmdir("gone"));
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("bad fd", syscall(nr, -1, buf, sizeof buf));
	OBSERVE_RET("file", syscall(nr, open("f", O_RDONLY), buf, sizeof buf));
	OBSERVE_RET("pipe", syscall(nr, p[0], buf, sizeof buf));
	OBSERVE_RET("O_PATH", syscall(nr, open("d", O_PATH), buf, sizeof buf));
	OBSERVE_RET("/dev/null", syscall(nr, open("/dev/null", O_RDONLY), buf, sizeof buf));
	OBSERVE_RET("removed", syscall(nr, gone, buf, sizeof buf));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(nr, open_dir("d"), b->p, sizeof buf));
	OBSERVE_RET("read-only", syscall(nr, open_dir("d"), readonly_page(), sizeof buf));
	OBSERVE_RET("bad fd, bad buffer", syscall(nr, -1, bad_ptr(), 0));
}

// The shortest entries, of "." and "..", take 24 bytes.
static inline void observe_dir_buffer_sizes(long nr) {
	char buf[4096];
	put_dir("d", 0755);
	for (int size = 0; size <= 64; size += 4)
		OBSERVE_RET(name("%d bytes", size), syscall(nr, open_dir("d"), buf, size));
	OBSERVE_RET("a whole buffer", syscall(nr, open_dir("d"), buf, sizeof buf));
	// The size is an unsigned int.
	OBSERVE_RET("1 << 32", syscall(nr, open_dir("d"), buf, 1l << 32));
	OBSERVE_RET("ends with memory", syscall(nr, open_dir("d"), guard_end(48), 48));
	OBSERVE_RET("ends in the second entry", syscall(nr, open_dir("d"), guard_end(24 + 8), 48));
	int fd = open_dir("d");
	OBSERVE_RET("all", syscall(nr, fd, buf, sizeof buf));
	OBSERVE_RET("at the end", syscall(nr, fd, buf, sizeof buf));
	OBSERVE_RET("at the end, no room", syscall(nr, fd, buf, 0));
	OBSERVE_RET("at the end, bad buffer", syscall(nr, fd, bad_ptr(), sizeof buf));
}

// 500 names, whatever the buffer: each once.
static inline void check_dir_complete(long nr) {
	static struct entry e[600];
	static const size_t sizes[] = {32, 33, 100, 512, 4096, 65536};
	put_dir("d", 0755);
	for (int i = 0; i < 500; i++)
		REQUIRE_OK(mknod(name("d/f%03d", i), S_IFREG | 0644, 0));
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		int fd = open_dir("d"), wrong = 0;
		int n = list_dir(nr, fd, sizes[s], e, 600);
		CHECK_EQ(n, 502);
		for (int i = 2; i < n; i++)
			wrong += strcmp(e[i].name, name("f%03d", i - 2)) != 0;
		CHECK_EQ(wrong, 0);
		close(fd);
	}
}

// Back to the start, and on from an entry's d_off.
static inline void check_dir_seek(long nr) {
	static struct entry e[100];
	char buf[2048];
	put_dir("d", 0755);
	for (int i = 0; i < 50; i++)
		put_file(name("d/f%02d", i), "", 0644);
	int fd = open_dir("d");
	CHECK_EQ(list_dir(nr, fd, 4096, e, 100), 52);
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	CHECK_EQ(list_dir(nr, fd, 4096, e, 100), 52);
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	long got = REQUIRE_OK(syscall(nr, fd, buf, sizeof buf));
	struct entry third, fourth, again;
	unsigned at = parse_entry(buf, nr == SYS_getdents64, &third);
	at += parse_entry(buf + at, nr == SYS_getdents64, &third);
	at += parse_entry(buf + at, nr == SYS_getdents64, &third);
	REQUIRE(at < got);
	parse_entry(buf + at, nr == SYS_getdents64, &fourth);
	REQUIRE_OK(lseek(fd, third.off, SEEK_SET));
	REQUIRE_OK(syscall(nr, fd, buf, sizeof buf));
	parse_entry(buf, nr == SYS_getdents64, &again);
	CHECK_STR(again.name, fourth.name);
}

// What is there before and after must come, even when others go while one reads; removing what was read is how rm works.
static inline void check_dir_while_removing(long nr) {
	int fd, removed = 0;
	char buf[256];
	put_dir("d", 0755);
	for (int i = 0; i < 100; i++)
		put_file(name("d/f%02d", i), "", 0644);
	fd = open_dir("d");
	for (long got; (got = REQUIRE_OK(syscall(nr, fd, buf, sizeof buf))) > 0;)
		for (long at = 0; at < got;) {
			struct entry e;
			at += parse_entry(buf + at, nr == SYS_getdents64, &e);
			if (e.name[0] == 'f' && unlink(name("d/%s", e.name)) == 0)
				removed++;
		}
	CHECK_EQ(removed, 100);
	CHECK_OK(rmdir("d"));
}

static inline void check_dir_shared_position(long nr) {
	static struct entry e[64];
	char buf[64];
	put_dir("d", 0755);
	for (int i = 0; i < 10; i++)
		put_file(name("d/f%d", i), "", 0644);
	int fd = open_dir("d"), copy = REQUIRE_OK(dup(fd)), own = open_dir("d");
	long got = REQUIRE_OK(syscall(nr, fd, buf, sizeof buf));
	int first = 0;
	for (long at = 0; at < got; first++)
		at += parse_entry(buf + at, nr == SYS_getdents64, &e[0]);
	CHECK_EQ(first + list_dir(nr, copy, 4096, e, 64), 12);
	CHECK_EQ(list_dir(nr, own, 4096, e, 64), 12);
	CHECK_EQ(list_dir(nr, fd, 4096, e, 64), 0);
}

#endif
