// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// access: may the real user read, write, execute? For every mode, permission and class
#include "../harness/access.h"

static long exists(const char *path) { return syscall(SYS_access, path, F_OK); }
static long writable(const char *path) { return syscall(SYS_access, path, W_OK); }
static long call(const char *path, int mode) { return syscall(SYS_access, path, mode); }

CASE(walk) { observe_walk_looking(exists); }
CASE(as_nobody, "root") { observe_walk_as_nobody(writable); }
CASE(path_pointers) { observe_path_pointers(exists); }
CASE(modes) { observe_access_modes(call); }
CASE(classes, "root") { observe_access_classes(call); }

// It is the real ids that count, and with them the capabilities that their owner would have.
CASE(real_ids, "root") {
	put_file("f", "", 0600);
	IN_CHILD(NULL) {
		REQUIRE_OK(setresuid(65534, 0, 0));
		OBSERVE_RET("real nobody, effective root", call("f", R_OK));
		OBSERVE_OK("open as effective root", open("f", O_RDONLY));
	}
	IN_CHILD(NULL) {
		REQUIRE_OK(setresuid(0, 65534, 0));
		OBSERVE_RET("real root, effective nobody", call("f", R_OK));
		OBSERVE_OK("open as effective nobody", open("f", O_RDONLY));
	}
}
