// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// link: what of a file system or a mount that is read-only, one that is full, another mount?
#include "../harness/places.h"

READ_ONLY(link_of_a_file, syscall(SYS_link, "file", path))
READ_ONLY(link_to_new, syscall(SYS_link, path, "new"))
NO_INODES(link, syscall(SYS_link, "file", path))
ACROSS(link, syscall(SYS_link, from, to))
