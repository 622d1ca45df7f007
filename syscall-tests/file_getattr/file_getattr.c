// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// file_getattr: what are a file's flags, which files have any, and how large may the structure be?
#include "../harness/fileattrs.h"

CASE(errors, "kernel>=6.17") {
	int file = make_file("f", "x");
	struct attr_of_file a;
	CHECK_ERR(get_attr(AT_FDCWD, "none", &a, 0), ENOENT);
	CHECK_ERR(get_attr(AT_FDCWD, "", &a, 0), ENOENT);
	CHECK_ERR(get_attr(AT_FDCWD, "f/g", &a, 0), ENOTDIR);
	CHECK_ERR(get_attr(AT_FDCWD, NULL, &a, 0), EFAULT);
	CHECK_ERR(get_attr(-1, "f", &a, 0), EBADF);
	CHECK_ERR(get_attr(file, "f", &a, 0), ENOTDIR);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), get_attr(AT_FDCWD, "f", &a, 1U << bit));
	OBSERVE("by a descriptor", "%s", attr_text(file, "", AT_EMPTY_PATH));
	OBSERVE_RET("by a descriptor and no path", get_attr(file, NULL, &a, AT_EMPTY_PATH));
	OBSERVE_RET("by none", get_attr(-1, "", &a, AT_EMPTY_PATH));
	OBSERVE_RET("by a path only", get_attr(REQUIRE_OK(open("f", O_PATH)), "", &a, AT_EMPTY_PATH));
	OBSERVE_RET("the working directory", get_attr(AT_FDCWD, "", &a, AT_EMPTY_PATH));
	OBSERVE_RET("the working directory and no path", get_attr(AT_FDCWD, NULL, &a, AT_EMPTY_PATH));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(syscall(SYS_file_getattr, AT_FDCWD, "f", b->p, sizeof a, 0), EFAULT);
	CHECK_ERR(syscall(SYS_file_getattr, AT_FDCWD, "f", readonly_page(), sizeof a, 0), EFAULT);
	CHECK_ERR(syscall(SYS_file_getattr, AT_FDCWD, "/proc/self/status", bad_ptr(), sizeof a, 0), EOPNOTSUPP);
}

CASE(sizes, "kernel>=6.17") {
	close(make_file("f", "x"));
	static unsigned char room[8192];
	static const size_t sizes[] = {0, 1, 23, 24, 25, 32, 64, 4095, 4096, 4097, -1};
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(room, 0xee, sizeof room);
		errno = 0;
		long r = syscall(SYS_file_getattr, AT_FDCWD, "f", room, sizes[i], 0);
		size_t touched = 0;
		while (touched < sizeof room && room[touched] != 0xee)
			touched++;
		OBSERVE(name("%zd", sizes[i]), "%s, %zu bytes written", r ? errno_name(errno) : "ok", touched);
	}
	CHECK_ERR(syscall(SYS_file_getattr, AT_FDCWD, "f", guard_end(24), 32, 0), EFAULT);
	CHECK_OK(syscall(SYS_file_getattr, AT_FDCWD, "f", guard_end(24), 24, 0));
}

CASE(kinds, "kernel>=6.17") {
	close(make_file("f", "x"));
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(mkfifo("p", 0666));
	REQUIRE_OK(symlink("f", "l"));
	REQUIRE_OK(symlink("none", "dangling"));
	static const char *const names[] = {"f", "d", "p", "l", "dangling", "/dev/null", "/dev/shm", "/proc", "/proc/self/status", "/sys"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		OBSERVE(names[i], "%s", attr_text(AT_FDCWD, names[i], 0));
		OBSERVE(name("%s, not followed", names[i]), "%s", attr_text(AT_FDCWD, names[i], AT_SYMLINK_NOFOLLOW));
	}
	int pipes[2];
	REQUIRE_OK(pipe(pipes));
	OBSERVE("a pipe", "%s", attr_text(pipes[0], "", AT_EMPTY_PATH));
	OBSERVE("a memfd", "%s", attr_text(REQUIRE_OK(memfd_create("m", 0)), "", AT_EMPTY_PATH));
}

CASE(agrees_with_ioctl, "root kernel>=6.17 cap:9") {
	close(make_file("f", "x"));
	static const unsigned flags[] = {FS_NODUMP_FL, FS_NOATIME_FL, FS_SYNC_FL, FS_IMMUTABLE_FL, FS_APPEND_FL, FS_NODUMP_FL | FS_APPEND_FL};
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		REQUIRE_OK(set_flags("f", flags[i] | FS_EXTENT_FL));
		OBSERVE(name("flags %#x", flags[i]), "%s: %s", flags_text("f"), attr_text(AT_FDCWD, "f", 0));
		clear_flags("f");
	}
}

CASE(by_nobody, "root kernel>=6.17") {
	put_file("secret", "x", 0);
	put_dir("closed", 0);
	close(make_file("closed/f", "x"));
	IN_CHILD(NULL) {
		become_nobody();
		struct attr_of_file a;
		OBSERVE_RET("a file that can't be read", get_attr(AT_FDCWD, "secret", &a, 0));
		OBSERVE_RET("a directory that can't be searched", get_attr(AT_FDCWD, "closed/f", &a, 0));
	}
}
