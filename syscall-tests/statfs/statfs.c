// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// statfs: the file system under a path
#include "../harness/statfses.h"

static struct statfs scratch;
static long call(const char *path, struct statfs *s) { return syscall(SYS_statfs, path, s); }
static long on_path(const char *path) { return call(path, &scratch); }

CASE(walk) { observe_walk_looking(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(sense) { check_statfs_sense(call); }
CASE(known_file_systems) { observe_statfs_known(call); }
CASE(buffer) { observe_statfs_buffer(call); }
