// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getdents: what a directory holds: the older form, its type at the end of each entry; with which buffers and descriptors?
#include "../harness/dirents.h"

CASE(types) { observe_dir_types(SYS_getdents); }
CASE(names) { observe_dir_names(SYS_getdents); }
CASE(errors) { observe_dir_errors(SYS_getdents); }
CASE(buffer_sizes) { observe_dir_buffer_sizes(SYS_getdents); }
CASE(every_name_once) { check_dir_complete(SYS_getdents); }
CASE(seeking) { check_dir_seek(SYS_getdents); }
CASE(removing_while_reading) { check_dir_while_removing(SYS_getdents); }
CASE(position_is_shared_by_dup) { check_dir_shared_position(SYS_getdents); }

// The count is an int within the kernel.
CASE(count_beyond_int) {
	static char buf[4096];
	put_dir("d", 0755);
	OBSERVE_RET("0x80000000", syscall(SYS_getdents, open_dir("d"), buf, 0x80000000u));
	OBSERVE_RET("-1", syscall(SYS_getdents, open_dir("d"), buf, -1));
}
