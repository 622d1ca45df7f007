// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// linkat: whose directories may a user make links in, and take them from?
#include "../harness/files.h"

CASE(directories_of_others, "root") {
	put_dir("locked", 0700);
	put_file("locked/file", "", 0666);
	put_dir("readable", 0755);
	put_dir("open", 0777);
	put_file("mine", "", 0600);
	REQUIRE_OK(chown("mine", 65534, 65534));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("into one that can't be written", syscall(SYS_linkat, AT_FDCWD, "mine", AT_FDCWD, "readable/new", 0));
		OBSERVE_RET("into one that can't be searched", syscall(SYS_linkat, AT_FDCWD, "mine", AT_FDCWD, "locked/new", 0));
		OBSERVE_RET("from one that can't be searched", syscall(SYS_linkat, AT_FDCWD, "locked/file", AT_FDCWD, "open/new", 0));
		OBSERVE_RET("into an open one", syscall(SYS_linkat, AT_FDCWD, "mine", AT_FDCWD, "open/new", 0));
	}
}
