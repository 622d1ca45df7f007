// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(a_secret_to_write, roots_files(), syscall(SYS_openat, AT_FDCWD, "secret", O_WRONLY))
CAPABILITY(a_new_file, roots_files(), syscall(SYS_openat, AT_FDCWD, "dir/new", O_WRONLY | O_CREAT, 0600))
CAPABILITY(a_sticky_directorys_file, roots_files(), syscall(SYS_openat, AT_FDCWD, "sticky/file", O_WRONLY | O_CREAT, 0600))
