// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getcwd: the path of the working directory with its end, if there is room, and if there is one
#include "../harness/files.h"

CASE(length_counts_the_end) {
	char buf[PATH_MAX], base[PATH_MAX];
	long n = CHECK_OK(syscall(SYS_getcwd, buf, sizeof buf));
	CHECK_EQ(n, strlen(buf) + 1);
	CHECK_EQ(buf[0], '/');
	strcpy(base, buf);
	put_dir("sub", 0755);
	put_link("sub", "link");
	REQUIRE_OK(chdir("link"));
	CHECK_EQ(syscall(SYS_getcwd, buf, sizeof buf), n + 4);
	CHECK_STR(buf, name("%s/sub", base));
	REQUIRE_OK(chdir("/"));
	CHECK_EQ(syscall(SYS_getcwd, buf, sizeof buf), 2);
	CHECK_STR(buf, "/");
}

CASE(room) {
	char buf[PATH_MAX];
	REQUIRE_OK(chdir("/proc"));
	for (long size = 0; size <= 8; size++) {
		memset(buf, '#', sizeof buf);
		OBSERVE_RET(name("size %ld", size), syscall(SYS_getcwd, buf, size));
		OBSERVE(name("size %ld: text", size), "%.8s", buf);
	}
	OBSERVE_RET("LONG_MAX", syscall(SYS_getcwd, buf, LONG_MAX));
	OBSERVE_RET("-1", syscall(SYS_getcwd, buf, -1l));
}

CASE(buffers) {
	REQUIRE_OK(chdir("/proc"));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(b->name, syscall(SYS_getcwd, b->p, 100));
		OBSERVE_RET(name("%s, no room", b->name), syscall(SYS_getcwd, b->p, 1));
	}
	OBSERVE_RET("NULL", syscall(SYS_getcwd, NULL, 100));
	OBSERVE_RET("NULL, 0", syscall(SYS_getcwd, NULL, 0));
	OBSERVE_RET("read-only", syscall(SYS_getcwd, readonly_page(), 100));
	OBSERVE_RET("ends with memory", syscall(SYS_getcwd, guard_end(6), 100));
	OBSERVE_RET("ends before", syscall(SYS_getcwd, guard_end(5), 100));
}

CASE(removed) {
	char buf[PATH_MAX];
	put_dir("d", 0755);
	REQUIRE_OK(chdir("d"));
	REQUIRE_OK(rmdir("../d"));
	CHECK_ERR(syscall(SYS_getcwd, buf, sizeof buf), ENOENT);
	OBSERVE_RET("no room", syscall(SYS_getcwd, buf, 0));
}

CASE(follows_a_rename) {
	char buf[PATH_MAX];
	put_dir("d", 0755);
	REQUIRE_OK(chdir("d"));
	REQUIRE_OK(rename("../d", "../renamed"));
	REQUIRE_OK(syscall(SYS_getcwd, buf, sizeof buf));
	CHECK_STR(strrchr(buf, '/'), "/renamed");
}

// A path longer than a page can't be told.
CASE(too_deep) {
	char buf[2 * PATH_MAX];
	const char *dir = strdup(repeat("d", 200, ""));
	for (int i = 0; i < 25; i++) {
		REQUIRE_OK(mkdir(dir, 0755));
		REQUIRE_OK(chdir(dir));
	}
	OBSERVE_OK("getcwd", syscall(SYS_getcwd, buf, sizeof buf));
	OBSERVE_OK("open here", open("f", O_CREAT | O_RDWR, 0644));
}

// The parents need no permission.
CASE(below_a_locked_directory, "root") {
	char buf[PATH_MAX];
	put_dir("locked", 0700);
	put_dir("locked/d", 0755);
	REQUIRE_OK(chdir("locked/d"));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("getcwd", syscall(SYS_getcwd, buf, sizeof buf));
		OBSERVE("tail", "%s", strlen(buf) > 9 ? buf + strlen(buf) - 9 : buf);
		OBSERVE_RET("chdir to ..", chdir(".."));
		OBSERVE_RET("chdir to . then", chdir("."));
	}
}

// From outside the root the path can't be told, and says so.
CASE(outside_the_root, "root") {
	char buf[PATH_MAX];
	put_dir("jail", 0755);
	IN_CHILD(NULL) {
		REQUIRE_OK(chroot("jail"));
		OBSERVE_OK("outside", syscall(SYS_getcwd, buf, sizeof buf));
		OBSERVE("begins", "%.13s", buf);
		REQUIRE_OK(chdir("/"));
		OBSERVE_RET("inside", syscall(SYS_getcwd, buf, sizeof buf));
	}
}
