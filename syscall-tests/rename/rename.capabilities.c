// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rename: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static void over_it(void) {
	roots_files();
	close(make_file("sticky/mine", ""));
	REQUIRE_OK(chown("sticky/mine", 65534, 65534));
}

CAPABILITY(in_a_sticky_directory, roots_files(), syscall(SYS_rename, "sticky/file", "sticky/new"))
CAPABILITY(over_a_file_in_a_sticky_directory, over_it(), syscall(SYS_rename, "sticky/mine", "sticky/file"))
