// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// readlink: the text of a link, cut off where the buffer ends, without an end of its own
#include "../harness/files.h"

static char scratch[PATH_MAX];
static long on_path(const char *path) { return syscall(SYS_readlink, path, scratch, sizeof scratch); }
static long call(const char *path, void *buf, long size) { return syscall(SYS_readlink, path, buf, size); }

CASE(walk) { observe_walk_looking(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }

CASE(buffer_sizes) {
	static const long sizes[] = {0, -1, INT_MIN, 1, 5, 6, 7, 1l << 32, (1l << 32) + 3, INT_MAX};
	put_link("target", "l");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(scratch, '#', 16);
		OBSERVE_RET(name("size %ld", sizes[i]), call("l", scratch, sizes[i]));
		OBSERVE(name("size %ld: text", sizes[i]), "%.8s", scratch);
	}
	OBSERVE_RET("size 0, missing", call("missing", scratch, 0));
	OBSERVE_RET("size 0, no link", call(".", scratch, 0));
}

CASE(buffers) {
	put_link("target", "l");
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, call("l", b->p, 100));
	OBSERVE_RET("NULL", call("l", NULL, 100));
	OBSERVE_RET("read-only", call("l", readonly_page(), 100));
	OBSERVE_RET("room for the text", call("l", guard_end(6), 100));
	OBSERVE_RET("room for less", call("l", guard_end(5), 100));
	OBSERVE_RET("no link, bad buffer", call(".", bad_ptr(), 100));
}

CASE(long_targets) {
	static const size_t lengths[] = {1, 59, 60, 255, 256, 4095};
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		const char *target = repeat("t", lengths[i], "");
		if (OBSERVE_RET(name("symlink of %zu", lengths[i]), symlink(target, name("l%zu", i))) < 0)
			continue;
		CHECK_EQ(call(name("l%zu", i), scratch, sizeof scratch), lengths[i]);
		CHECK_EQ(memcmp(scratch, target, lengths[i]), 0);
	}
}

CASE(magic_links) {
	char cwd[PATH_MAX];
	put_file("f", "x", 0644);
	int p[2], fd = REQUIRE_OK(open("f", O_RDONLY));
	REQUIRE_OK(pipe(p));
	REQUIRE(getcwd(cwd, sizeof cwd));
	long n = CHECK_OK(call("/proc/self/cwd", scratch, sizeof scratch - 1));
	scratch[n] = 0;
	CHECK_STR(scratch, cwd);
	n = CHECK_OK(call(name("/proc/self/fd/%d", fd), scratch, sizeof scratch - 1));
	scratch[n] = 0;
	CHECK(strncmp(scratch, cwd, strlen(cwd)) == 0 && strcmp(scratch + strlen(cwd), "/f") == 0);
	REQUIRE_OK(unlink("f"));
	n = CHECK_OK(call(name("/proc/self/fd/%d", fd), scratch, sizeof scratch - 1));
	scratch[n] = 0;
	CHECK(strcmp(scratch + strlen(cwd), "/f (deleted)") == 0);
	n = CHECK_OK(call(name("/proc/self/fd/%d", p[0]), scratch, sizeof scratch - 1));
	OBSERVE("pipe", "%.6s", scratch);
	n = CHECK_OK(call("/proc/self/root", scratch, sizeof scratch - 1));
	scratch[n] = 0;
	OBSERVE("root", "%s", scratch);
	n = CHECK_OK(call("/proc/self", scratch, sizeof scratch - 1));
	scratch[n] = 0;
	CHECK_EQ(atoi(scratch), getpid());
}

// A new link may get the number of one that was removed, but none of its target.
CASE(made_again) {
	const struct timespec later[2] = {{2000000000, 0}, {1, 0}}; // so that reading moves no time
	for (int i = 0; i < 4; i++) {
		REQUIRE_OK(symlink(name("target %d", i), "link"));
		REQUIRE_OK(utimensat(AT_FDCWD, "link", later, AT_SYMLINK_NOFOLLOW));
		for (int again = 0; again < 2; again++) {
			memset(scratch, 0, 16);
			CHECK_OK(call("link", scratch, 15));
			CHECK_STR(scratch, name("target %d", i));
		}
		REQUIRE_OK(unlink("link"));
	}
}
