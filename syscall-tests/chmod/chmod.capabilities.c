// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chmod: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/stat.h>

// A file of the user's own with a group that is not among his.
static void own_file(void) {
	close(make_file("file", ""));
	REQUIRE_OK(chown("file", 65534, 12));
}

// The bit goes without an error where it may not stay.
static int set_gid(void) {
	struct stat st;
	return syscall(SYS_chmod, "file", 02755) == 0 && stat("file", &st) == 0 && st.st_mode & S_ISGID;
}

CAPABILITY(of_roots_file, roots_files(), syscall(SYS_chmod, "file", 0600))
CAPABILITY(setgid_of_another_group, own_file(), set_gid() ? 0 : (errno = EPERM, -1))
