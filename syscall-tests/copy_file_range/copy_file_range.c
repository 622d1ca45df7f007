// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// copy_file_range: file to file in the kernel, by positions or offsets; what overlaps, limits and kinds does it refuse?
#include "../harness/files.h"

static long call(int in, off_t *in_off, int out, off_t *out_off, size_t n, unsigned flags) {
	return syscall(SYS_copy_file_range, in, in_off, out, out_off, n, (long)flags);
}

CASE(positions) {
	int in = make_file("in", "0123456789"), out = make_file("out", "abc");
	REQUIRE_OK(lseek(in, 2, SEEK_SET));
	REQUIRE_OK(lseek(out, 1, SEEK_SET));
	CHECK_EQ(call(in, NULL, out, NULL, 4, 0), 4);
	CHECK_EQ(lseek(in, 0, SEEK_CUR), 6);
	CHECK_EQ(lseek(out, 0, SEEK_CUR), 5);
	CHECK_STR(read_file("out"), "a2345");
	CHECK_EQ(call(in, NULL, out, NULL, 100, 0), 4);
	CHECK_EQ(call(in, NULL, out, NULL, 100, 0), 0);
}

CASE(offsets) {
	off_t a = 5, b = 20;
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	CHECK_EQ(call(in, &a, out, &b, 3, 0), 3);
	CHECK_EQ(a, 8);
	CHECK_EQ(b, 23);
	CHECK_EQ(lseek(in, 0, SEEK_CUR), 0);
	CHECK_EQ(lseek(out, 0, SEEK_CUR), 0);
	OBSERVE("out", "%s", entry_text("out"));
	static const off_t offs[] = {-1, 10, 100, LLONG_MAX, LLONG_MIN};
	for (size_t i = 0; i < ARRAY_SIZE(offs); i++) {
		a = offs[i];
		b = 0;
		OBSERVE_RET(name("from %lld", (long long)offs[i]), call(in, &a, out, &b, 1, 0));
		a = 0;
		b = offs[i];
		OBSERVE_RET(name("to %lld", (long long)offs[i]), call(in, &a, out, &b, 1, 0));
	}
}

CASE(same_file) {
	static const long ranges[][3] = {{0, 5, 5}, {0, 4, 5}, {5, 0, 5}, {4, 0, 5}, {0, 0, 5}, {0, 10, 20}, {0, 0, 0}};
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		int fd = make_file("f", "0123456789");
		off_t a = ranges[i][0], b = ranges[i][1];
		OBSERVE_RET(name("%ld to %ld, %ld bytes", ranges[i][0], ranges[i][1], ranges[i][2]), call(fd, &a, fd, &b, ranges[i][2], 0));
		OBSERVE(name("%ld to %ld, %ld bytes: content", ranges[i][0], ranges[i][1], ranges[i][2]), "%s", read_file("f"));
		close(fd);
	}
}

CASE(flags) {
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %#x", 1u << bit), call(in, NULL, out, NULL, 1, 1u << bit));
	OBSERVE_RET("bad flag, bad fd", call(-1, NULL, out, NULL, 1, 1));
}

CASE(counts) {
	static const size_t counts[] = {0, SIZE_MAX, 1ul << 63, SIZE_MAX / 2};
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		int in = make_file("in", "0123456789"), out = make_file("out", "");
		OBSERVE_RET(name("%#zx", counts[i]), call(in, NULL, out, NULL, counts[i], 0));
		OBSERVE_RET(name("%#zx, O_RDONLY", counts[i]), call(in, NULL, open("out", O_RDONLY), NULL, counts[i], 0));
		close(in);
		close(out);
	}
}

CASE(kinds) {
	int p[2], in = make_file("in", "0123456789"), out = make_file("out", "");
	off_t zero = 0;
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("from -1", call(-1, NULL, out, NULL, 1, 0));
	OBSERVE_RET("to -1", call(in, NULL, -1, NULL, 1, 0));
	OBSERVE_RET("from O_WRONLY", call(open("in", O_WRONLY), NULL, out, NULL, 1, 0));
	OBSERVE_RET("to O_RDONLY", call(in, NULL, open("out", O_RDONLY), NULL, 1, 0));
	OBSERVE_RET("from O_PATH", call(open("in", O_PATH), NULL, out, NULL, 1, 0));
	OBSERVE_RET("to O_APPEND", call(in, NULL, open("out", O_WRONLY | O_APPEND), NULL, 1, 0));
	OBSERVE_RET("from a directory", call(open(".", O_RDONLY), NULL, out, NULL, 1, 0));
	OBSERVE_RET("from a pipe", call(p[0], NULL, out, NULL, 1, 0));
	OBSERVE_RET("to a pipe", call(in, NULL, p[1], NULL, 1, 0));
	OBSERVE_RET("from a pipe, offset", call(p[0], &zero, out, NULL, 1, 0));
	OBSERVE_RET("from /dev/zero", call(open("/dev/zero", O_RDONLY), NULL, out, NULL, 1, 0));
	OBSERVE_RET("to /dev/null", call(in, NULL, open("/dev/null", O_WRONLY), NULL, 1, 0));
}

CASE(offset_pointers) {
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	off_t zero = 0;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("in %s", b->name), call(in, b->p, out, NULL, 1, 0));
		OBSERVE_RET(name("out %s", b->name), call(in, NULL, out, b->p, 1, 0));
	}
	OBSERVE_RET("in read-only", call(in, readonly_page(), out, NULL, 1, 0));
	OBSERVE_RET("ends with memory", call(in, guard_copy(&zero, 8), out, NULL, 1, 0));
	OBSERVE_RET("ends beyond", call(in, guard_copy(&zero, 4), out, NULL, 1, 0));
}

CASE(file_size_limit) {
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	sig_catch(SIGXFSZ, 0);
	limit_fsize(4);
	OBSERVE_RET("across", call(in, NULL, out, NULL, 10, 0));
	OBSERVE_RET("at the limit", call(in, NULL, out, NULL, 10, 0));
	OBSERVE("signals", "%d", sig_count[SIGXFSZ]);
}

CASE(times) {
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	struct stat i = stat_of("in"), o = stat_of("out");
	next_stamp();
	CHECK_EQ(call(in, NULL, out, NULL, 10, 0), 10);
	OBSERVE("in", "%.2s", times_moved(&i, "in") + 1);
	OBSERVE("out", "%.2s", times_moved(&o, "out") + 1);
}

CASE(anonymous_and_named_files) {
	put_file("f", "content", 0644);
	int fd = open("f", O_RDWR), mem = syscall(SYS_memfd_create, "m", 0), pid = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(fd);
	REQUIRE_OK(write(mem, "memory", 6));
	REQUIRE_OK(lseek(mem, 0, SEEK_SET));
	OBSERVE_RET("from memory", syscall(SYS_copy_file_range, mem, NULL, fd, NULL, 4, 0));
	OBSERVE_RET("to memory", syscall(SYS_copy_file_range, fd, NULL, mem, NULL, 4, 0));
	OBSERVE_RET("to a pidfd", syscall(SYS_copy_file_range, fd, NULL, pid, NULL, 4, 0));
}
