// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// stat: what each type of file looks like through its links, into what memory
#include "../harness/stats.h"

static long on_path(const char *path) {
	struct stat st;
	return syscall(SYS_stat, path, &st);
}
static long call(const char *path, struct stat *st) { return syscall(SYS_stat, path, st); }

CASE(walk) { observe_walk_looking(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(types) { observe_types(call); }
CASE(buffer) { observe_stat_buffer(call); }
CASE(identity) { check_identity(call); }

// What each change of a file does to its three times.
CASE(times) {
	put_dir("d", 0755);
	put_file("d/f", "content", 0644);
	struct stat d, f;
#define STEP(what, action)                                                                                            \
	do {                                                                                                          \
		d = stat_of("d");                                                                                     \
		f = stat_of("d/f");                                                                                   \
		next_stamp();                                                                                         \
		REQUIRE((action) >= 0);                                                                               \
		OBSERVE(what ": file", "%s", times_moved(&f, "d/f"));                                                 \
		OBSERVE(what ": directory", "%s", times_moved(&d, "d"));                                              \
	} while (0)
	STEP("write", write(open("d/f", O_WRONLY), "x", 1));
	STEP("chmod", chmod("d/f", 0600));
	STEP("chmod to the same", chmod("d/f", 0600));
	STEP("chown to nobody else", chown("d/f", -1, -1));
	STEP("link", link("d/f", "d/g"));
	STEP("unlink of the other", unlink("d/g"));
	STEP("rename over itself", rename("d/f", "d/f"));
	STEP("rename there", rename("d/f", "d/h") | rename("d/h", "d/f"));
	STEP("truncate to the same", truncate("d/f", 7));
	STEP("truncate", truncate("d/f", 3));
	STEP("mkdir", mkdir("d/sub", 0755));
	STEP("rmdir", rmdir("d/sub"));
	STEP("symlink", symlink("x", "d/sub"));
}
