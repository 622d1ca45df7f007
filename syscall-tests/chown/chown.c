// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chown: who may give what to whom, and what becomes of the set-id bits
#include "../harness/modes.h"

static long call(const char *path, long uid, long gid) { return syscall(SYS_chown, path, uid, gid); }
static long on_path(const char *path) { return call(path, 11, 12); }

CASE(walk, "root") { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(ids, "root") { observe_chown_ids(call); }
CASE(setid_bits, "root") { observe_chown_setid(call); }
CASE(rights, "root") { observe_chown_rights(call); }
CASE(times) { observe_chown_times(call); }
CASE(path_pointers) { observe_path_pointers(on_path); }
