// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchdir: which descriptors can become the working directory?
#include "../harness/files.h"

CASE(descriptors) {
	int p[2];
	put_file("f", "", 0644);
	put_dir("d", 0755);
	put_dir("gone", 0755);
	int home = REQUIRE_OK(open(".", O_RDONLY)), gone = REQUIRE_OK(open("gone", O_RDONLY));
	REQUIRE_OK(rmdir("gone"));
	REQUIRE_OK(pipe(p));
	static const int none[] = {-1, 99, AT_FDCWD, INT_MAX};
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		OBSERVE_RET(name("%d", none[i]), syscall(SYS_fchdir, none[i]));
	OBSERVE_RET("file", syscall(SYS_fchdir, open("f", O_RDONLY)));
	OBSERVE_RET("file, O_PATH", syscall(SYS_fchdir, open("f", O_PATH)));
	OBSERVE_RET("pipe", syscall(SYS_fchdir, p[0]));
	OBSERVE_RET("removed", syscall(SYS_fchdir, gone));
	OBSERVE_OK("then a file", open("f", O_RDONLY));
	OBSERVE_RET("home", syscall(SYS_fchdir, home));
	OBSERVE_RET("O_PATH", syscall(SYS_fchdir, open("d", O_PATH)));
	CHECK_ERR(open("f", O_RDONLY), ENOENT);
	CHECK_OK(open("../f", O_RDONLY));
}

CASE(permission_is_asked_now, "root") {
	put_dir("d", 0755);
	int fd = REQUIRE_OK(open("d", O_RDONLY)), path = REQUIRE_OK(open("d", O_PATH));
	REQUIRE_OK(chmod("d", 0644));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("without x", syscall(SYS_fchdir, fd));
		OBSERVE_RET("O_PATH without x", syscall(SYS_fchdir, path));
	}
}

CASE(survives_renames) {
	char buf[PATH_MAX];
	put_dir("d", 0755);
	int fd = REQUIRE_OK(open("d", O_RDONLY));
	REQUIRE_OK(rename("d", "e"));
	CHECK_OK(syscall(SYS_fchdir, fd));
	REQUIRE(getcwd(buf, sizeof buf));
	CHECK_STR(strrchr(buf, '/'), "/e");
}
