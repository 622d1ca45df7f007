// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lchown: chown of a link itself
#include "../harness/modes.h"

static long call(const char *path, long uid, long gid) { return syscall(SYS_lchown, path, uid, gid); }
static long on_path(const char *path) { return call(path, 11, 12); }

CASE(walk, "root") { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(ids, "root") { observe_chown_ids(call); }
CASE(setid_bits, "root") { observe_chown_setid(call); }
CASE(rights, "root") { observe_chown_rights(call); }
CASE(times) { observe_chown_times(call); }
CASE(path_pointers) { observe_path_pointers(on_path); }

CASE(link_and_target, "root") {
	put_file("f", "", 0644);
	put_link("f", "l");
	CHECK_OK(call("l", 5, 6));
	OBSERVE("tree", "%s", tree_text("."));
}
