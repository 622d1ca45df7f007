// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rename: a name moved: over what, into what, by whom, and what it leaves untouched
#include "../harness/renames.h"

static long call(const char *from, const char *to) { return syscall(SYS_rename, from, to); }
static long from_path(const char *path) { return call(path, "fresh"); }
static long to_path(const char *path) { return call("file", path); }

CASE(walk_from) { observe_walk(from_path); }
CASE(walk_to) { observe_walk(to_path); }
CASE(pairs) { observe_rename_pairs(call); }
CASE(odd_names) { observe_rename_odd_names(call); }
CASE(pointers) { observe_rename_pointers(call); }
CASE(hard_links) { observe_rename_hard_links(call); }
CASE(times) { observe_rename_times(call); }
CASE(open_files) { observe_rename_open(call); }
CASE(as_nobody, "root") { observe_rename_as_nobody(call); }

CASE(across_mounts) {
	put_file("f", "", 0644);
	OBSERVE_RET("to /proc", call("f", "/proc/f"));
	OBSERVE_RET("from /proc", call("/proc/version", "v"));
	OBSERVE_RET("within /proc", call("/proc/version", "/proc/v"));
}

CASE(into_itself) {
	put_dir("a", 0755);
	put_dir("a/b", 0755);
	CHECK_ERR(call("a", "a/b/c"), EINVAL);
	CHECK_ERR(call("a", "a/c"), EINVAL);
	OBSERVE_RET("into a missing one of its own", call("a", "a/missing/c"));
	CHECK_ERR(call("a/b", "a"), ENOTEMPTY);
	OBSERVE_RET("to itself by another way", call("a", "a/../a"));
}

CASE(long_name_after_a_missing_one) {
	char name[257] = {0};
	memset(name, 'n', 256);
	put_file("f", "", 0644);
	OBSERVE_RET("missing to a long name", rename("missing", name));
	OBSERVE_RET("a long name to a long name", rename(name, name));
	OBSERVE_RET("a file to a long name", rename("f", name));
}
