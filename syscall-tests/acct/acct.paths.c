// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// acct: which files are refused before anything is accounted? Only paths that can't be opened, or that are no file.
#include "../harness/harness.h"

#include <sched.h>
#include <sys/mount.h>

static long try(const char *path) {
	long r = syscall(SYS_acct, path);
	if (r == 0)
		syscall(SYS_acct, NULL); // nobody should come here
	return r;
}

CASE(paths_that_are_refused, "root cap:20") {
	static char name[5000];
	memset(name, 'n', sizeof name - 1);
	close(make_file("file", ""));
	REQUIRE_OK(mkdir("dir", 0755));
	REQUIRE_OK(symlink("loop", "loop"));
	OBSERVE_RET("a directory", try("dir"));
	OBSERVE_RET("a device", try("/dev/null"));
	OBSERVE_RET("below a file", try("file/x"));
	OBSERVE_RET("a loop", try("loop"));
	OBSERVE_RET("a name of 300", try(name + 4999 - 300));
	OBSERVE_RET("a path of 4999", try(name));
	OBSERVE_RET("empty", try(""));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, try(p->p));
}

CASE(a_read_only_place, "root cap:20 cap:21") {
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount("", "/", "", MS_REC | MS_PRIVATE, NULL));
	REQUIRE_OK(mkdir("ro", 0755));
	REQUIRE_OK(mount("none", "ro", "tmpfs", 0, NULL));
	close(make_file("ro/log", ""));
	REQUIRE_OK(mount("none", "ro", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL));
	OBSERVE_RET("a file there", try("ro/log"));
	REQUIRE_OK(umount2("ro", MNT_DETACH));
}
