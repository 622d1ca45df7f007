// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that read and write: the same batteries for the plain, the positional and the vectored
// ones, each of them put into the form (fd, buffer, length, offset).
#ifndef DITTO_HARNESS_RW_H
#define DITTO_HARNESS_RW_H

#include "files.h"

typedef long (*rw_call)(int fd, void *buf, size_t n, off_t off);

// A vectored call in its own form; off is unused by readv and writev, flags by all but the last two.
typedef long (*vec_call)(int fd, const struct iovec *iov, long count, off_t off, int flags);

// --- Descriptors ---------------------------------------------------------------------------------------------------------

// Every kind of descriptor, with one byte at offset 0.
static inline void observe_rw_descriptors(rw_call call) {
	char c = 'x';
	int p[2];
	static const int none[] = {-1, 99, 1024, INT_MAX, INT_MIN, AT_FDCWD};
	put_file("f", "content", 0644);
	put_dir("d", 0755);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		OBSERVE_RET(name("fd %d", none[i]), call(none[i], &c, 1, 0));
	OBSERVE_RET("O_RDONLY", call(open("f", O_RDONLY), &c, 1, 0));
	OBSERVE_RET("O_WRONLY", call(open("f", O_WRONLY), &c, 1, 0));
	OBSERVE_RET("O_RDWR", call(open("f", O_RDWR), &c, 1, 0));
	OBSERVE_RET("access 3", call(open("f", 3), &c, 1, 0));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH), &c, 1, 0));
	OBSERVE_RET("directory", call(open("d", O_RDONLY), &c, 1, 0));
	OBSERVE_RET("directory, O_PATH", call(open("d", O_PATH), &c, 1, 0));
	REQUIRE_OK(pipe(p));
	REQUIRE(write(p[1], "yz", 2) == 2);
	OBSERVE_RET("reading end", call(p[0], &c, 1, 0));
	OBSERVE_RET("writing end", call(p[1], &c, 1, 0));
	OBSERVE_RET("/dev/null", call(open("/dev/null", O_RDWR), &c, 1, 0));
	OBSERVE_RET("/dev/zero", call(open("/dev/zero", O_RDWR), &c, 1, 0));
	OBSERVE_RET("/dev/full", call(open("/dev/full", O_RDWR), &c, 1, 0));
	// Nothing at all still needs a descriptor that allows it.
	OBSERVE_RET("nothing, bad fd", call(99, &c, 0, 0));
	OBSERVE_RET("nothing, O_RDONLY", call(open("f", O_RDONLY), &c, 0, 0));
	OBSERVE_RET("nothing, O_WRONLY", call(open("f", O_WRONLY), &c, 0, 0));
	OBSERVE_RET("nothing, directory", call(open("d", O_RDONLY), &c, 0, 0));
}

// --- Buffers ---------------------------------------------------------------------------------------------------------------

// Bad and partly bad buffers, on a file of 7 bytes opened anew for each, and on a pipe that holds 7.
static inline void observe_rw_buffers(rw_call call, bool pipes) {
	put_file("f", "content", 0644);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		int fd = REQUIRE_OK(open("f", O_RDWR));
		OBSERVE_RET(name("%s", b->name), call(fd, b->p, 1, 0));
		OBSERVE_RET(name("%s, nothing", b->name), call(fd, b->p, 0, 0));
		OBSERVE_RET(name("%s, at the end", b->name), call(fd, b->p, 1, 7));
		OBSERVE_RET(name("%s: position", b->name), lseek(fd, 0, SEEK_CUR));
		close(fd);
	}
	int fd = REQUIRE_OK(open("f", O_RDWR));
	OBSERVE_RET("NULL", call(fd, NULL, 1, 0));
	OBSERVE_RET("NULL, nothing", call(fd, NULL, 0, 0));
	OBSERVE_RET("read-only memory", call(fd, readonly_page(), 1, 0));
	OBSERVE_RET("up to the end of memory", call(fd, guard_copy("abc", 3), 3, 0));
	OBSERVE("file", "%s", entry_text("f"));
	if (!pipes)
		return;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		int p[2];
		REQUIRE_OK(pipe2(p, O_NONBLOCK));
		REQUIRE(write(p[1], "content", 7) == 7);
		OBSERVE_RET(name("pipe, reading, %s", b->name), call(p[0], b->p, 1, 0));
		OBSERVE_RET(name("pipe, writing, %s", b->name), call(p[1], b->p, 1, 0));
		close(p[0]);
		close(p[1]);
	}
}

// --- Lengths and offsets --------------------------------------------------------------------------------------------------------

static inline void observe_rw_lengths(rw_call call) {
	char buf[16] = "0123456789";
	static const size_t lengths[] = {0, 1, 7, 8, SIZE_MAX, SIZE_MAX / 2 + 1, 1ull << 63 | 5};
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		put_file("f", "content", 0644);
		int fd = REQUIRE_OK(open("f", O_RDWR));
		OBSERVE_RET(name("%#zx", lengths[i]), call(fd, buf, lengths[i], 0));
		OBSERVE_RET(name("%#zx: position", lengths[i]), lseek(fd, 0, SEEK_CUR));
		close(fd);
	}
}

static inline void observe_rw_offsets(rw_call call) {
	static const off_t offs[] = {0, 3, 6, 7, 8, 4096, 1ll << 31, 1ll << 32, -1, -2, -4096, LLONG_MIN, LLONG_MAX, LLONG_MAX - 1};
	char c = 'x';
	for (size_t i = 0; i < ARRAY_SIZE(offs); i++) {
		put_file("f", "content", 0644);
		int fd = REQUIRE_OK(open("f", O_RDWR));
		REQUIRE_OK(lseek(fd, 2, SEEK_SET));
		OBSERVE_RET(name("at %#llx", (long long)offs[i]), call(fd, &c, 1, offs[i]));
		OBSERVE_RET(name("at %#llx, nothing", (long long)offs[i]), call(fd, &c, 0, offs[i]));
		OBSERVE(name("at %#llx: after", (long long)offs[i]), "position %lld, %s", (long long)lseek(fd, 0, SEEK_CUR), entry_text("f"));
		close(fd);
	}
}

// Positional calls do not go with what has no position.
static inline void observe_rw_unseekable(rw_call call) {
	int p[2];
	char c = 'x';
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE(write(p[1], "y", 1) == 1);
	OBSERVE_RET("reading end", call(p[0], &c, 1, 0));
	OBSERVE_RET("reading end, at -1", call(p[0], &c, 1, -1));
	OBSERVE_RET("writing end", call(p[1], &c, 1, 0));
	OBSERVE_RET("writing end, at -1", call(p[1], &c, 1, -1));
	OBSERVE_RET("/dev/zero at 100", call(open("/dev/zero", O_RDWR), &c, 1, 100));
}

// --- Vectors ----------------------------------------------------------------------------------------------------------------------

static inline void observe_vec_counts(vec_call call) {
	static char bytes[2000];
	struct iovec iov[1025];
	static const long counts[] = {0, 1, 2, 1023, 1024, 1025, -1, INT_MAX, INT_MIN, 1l << 32, 1l << 40};
	for (int i = 0; i < 1025; i++)
		iov[i] = (struct iovec){bytes + i, 1};
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		int fd = make_file("f", repeat("c", 1100, ""));
		OBSERVE_RET(name("%ld", counts[i]), call(fd, iov, counts[i], 0, 0));
		OBSERVE_RET(name("%ld, NULL", counts[i]), call(fd, NULL, counts[i], 0, 0));
		close(fd);
	}
	OBSERVE_RET("0, bad fd", call(99, iov, 0, 0, 0));
	OBSERVE_RET("1025, bad fd", call(99, iov, 1025, 0, 0));
}

static inline void observe_vec_pointers(vec_call call) {
	char buf[8] = "abcdefg";
	struct iovec two[2] = {{buf, 3}, {buf + 3, 3}};
	int fd = make_file("f", "content");
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("vector %s", b->name), call(fd, b->p, 1, 0, 0));
		OBSERVE_RET(name("vector %s, none", b->name), call(fd, b->p, 0, 0, 0));
		OBSERVE_RET(name("first buffer %s", b->name), call(fd, (struct iovec[]){{b->p, 2}, {buf, 2}}, 2, 0, 0));
		OBSERVE_RET(name("empty buffer %s", b->name), call(fd, (struct iovec[]){{b->p, 0}, {buf, 2}}, 2, 0, 0));
		OBSERVE_RET(name("second buffer %s", b->name), call(fd, (struct iovec[]){{buf, 2}, {b->p, 2}}, 2, 0, 0));
	}
	OBSERVE_RET("vector ends with memory", call(fd, guard_copy(two, sizeof two), 2, 0, 0));
	OBSERVE_RET("vector ends beyond", call(fd, guard_copy(two, sizeof two[0]), 2, 0, 0));
	OBSERVE_RET("length -1", call(fd, (struct iovec[]){{buf, 2}, {buf, -1}}, 2, 0, 0));
	OBSERVE_RET("length SSIZE_MAX + 1", call(fd, (struct iovec[]){{buf, 1ul << 63}}, 1, 0, 0));
	OBSERVE_RET("all empty", call(fd, (struct iovec[]){{buf, 0}, {NULL, 0}}, 2, 0, 0));
	OBSERVE("file", "%s", entry_text("f"));
}

#endif
