// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lstat: stat of the link itself
#include "../harness/stats.h"

static long on_path(const char *path) {
	struct stat st;
	return syscall(SYS_lstat, path, &st);
}
static long call(const char *path, struct stat *st) { return syscall(SYS_lstat, path, st); }

CASE(walk) { observe_walk_looking(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(types) { observe_types(call); }
CASE(buffer) { observe_stat_buffer(call); }
CASE(identity) { check_identity(call); }

CASE(size_is_the_length_of_the_target) {
	static const size_t lengths[] = {1, 59, 60, 61, 255, 1000, 4000};
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct stat st;
		put_link(repeat("t", lengths[i], ""), name("l%zu", i));
		REQUIRE_OK(syscall(SYS_lstat, name("l%zu", i), &st));
		CHECK_EQ(st.st_size, lengths[i]);
		OBSERVE(name("mode %zu", lengths[i]), "%o", st.st_mode);
	}
}

CASE(umask_does_not_touch_links) {
	struct stat st;
	umask(0777);
	put_link("x", "l");
	REQUIRE_OK(syscall(SYS_lstat, "l", &st));
	OBSERVE("mode", "%o", st.st_mode);
}
