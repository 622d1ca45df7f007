// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// file_setattr: which flags can be set on which files, by whom, and what is forbidden then?
#include "../harness/fileattrs.h"

#include <sys/xattr.h>
#include <utime.h>

CASE(errors, "kernel>=6.17") {
	int file = make_file("f", "x");
	struct attr_of_file a = {0};
	static const int sizes[] = {0, 23, 4097, -1};
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		OBSERVE_RET(name("size %d", sizes[i]), syscall(SYS_file_setattr, AT_FDCWD, "f", &a, (long)sizes[i], 0));
	CHECK_ERR(syscall(SYS_file_setattr, AT_FDCWD, "none", &a, sizeof a, 0), ENOENT);
	CHECK_ERR(syscall(SYS_file_setattr, AT_FDCWD, "", &a, sizeof a, 0), ENOENT);
	CHECK_ERR(syscall(SYS_file_setattr, AT_FDCWD, NULL, &a, sizeof a, 0), EFAULT);
	CHECK_ERR(syscall(SYS_file_setattr, -1, "f", &a, sizeof a, 0), EBADF);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), syscall(SYS_file_setattr, AT_FDCWD, "f", &a, sizeof a, 1U << bit));
	OBSERVE_RET("by a descriptor", syscall(SYS_file_setattr, file, "", &a, sizeof a, AT_EMPTY_PATH));
	OBSERVE_RET("by a path only", syscall(SYS_file_setattr, REQUIRE_OK(open("f", O_PATH)), "", &a, sizeof a, AT_EMPTY_PATH));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(syscall(SYS_file_setattr, AT_FDCWD, "none", b->p, sizeof a, 0), EFAULT);
	struct {
		struct attr_of_file a;
		char tail[8];
	} longer = {0};
	OBSERVE_RET("longer", syscall(SYS_file_setattr, AT_FDCWD, "f", &longer, sizeof longer, 0));
	longer.tail[7] = 1;
	OBSERVE_RET("longer and not zero", syscall(SYS_file_setattr, AT_FDCWD, "f", &longer, sizeof longer, 0));
	OBSERVE_RET("of proc", set_xflags("/proc/self/status", 0));
	OBSERVE_RET("of a device", set_xflags("/dev/null", 0));
}

static void observe_bits(void) {
	static const char *const names[] = {"f", "d"};
	close(make_file("f", "x"));
	REQUIRE_OK(mkdir("d", 0777));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (int bit = 0; bit < 64; bit++) {
			long r = set_xflags(names[i], 1ULL << bit);
			OBSERVE(name("%s: bit %d", names[i], bit), "%s, %s", r ? errno_name(errno) : "ok", attr_text(AT_FDCWD, names[i], 0));
			set_xflags(names[i], 0);
			clear_flags(names[i]);
		}
	for (int field = 0; field < 4; field++) {
		struct attr_of_file a = {0};
		(&a.extsize)[field] = 4096;
		OBSERVE_RET(name("field %d", field), syscall(SYS_file_setattr, AT_FDCWD, "f", &a, sizeof a, 0));
		OBSERVE(name("after field %d", field), "%s", attr_text(AT_FDCWD, "f", 0));
	}
	struct attr_of_file project = {.projid = -1};
	OBSERVE_RET("no project", syscall(SYS_file_setattr, AT_FDCWD, "f", &project, sizeof project, 0));
}

CASE(each_bit, "root kernel>=6.17 cap:9") { observe_bits(); }

CASE(each_bit_on_tmpfs, "root kernel>=6.17 cap:9 cap:21") {
	own_mounts();
	observe_bits();
}

CASE(changes_the_time, "root kernel>=6.17 cap:21") {
	own_mounts();
	close(make_file("f", "x"));
	struct stat before, after;
	REQUIRE_OK(stat("f", &before));
	do {
		REQUIRE_OK(set_xflags("f", FS_XFLAG_NODUMP));
		REQUIRE_OK(stat("f", &after));
	} while (after.st_ctim.tv_sec == before.st_ctim.tv_sec && after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
	CHECK(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	REQUIRE_OK(mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	CHECK_ERR(set_xflags(name("%s/f", mounts_base), 0), EROFS);
}

#define TRY(text, call) OBSERVE_RET(name("%s: " text, what), call)

static void observe_forbidden(const char *what, uint64_t xflags) {
	close(make_file("f", "text"));
	REQUIRE_OK(mkdir("d", 0777));
	close(make_file("d/old", "x"));
	int early = REQUIRE_OK(open("f", O_RDWR));
	REQUIRE_OK(set_xflags("f", xflags));
	REQUIRE_OK(set_xflags("d", xflags));
	TRY("open to read", open("f", O_RDONLY) < 0 ? -1 : 0);
	TRY("open to write", open("f", O_WRONLY) < 0 ? -1 : 0);
	TRY("open to append", open("f", O_WRONLY | O_APPEND) < 0 ? -1 : 0);
	TRY("open and truncate", open("f", O_WRONLY | O_APPEND | O_TRUNC) < 0 ? -1 : 0);
	TRY("open without its time", open("f", O_NOATIME) < 0 ? -1 : 0);
	TRY("access", access("f", W_OK));
	TRY("chmod", chmod("f", 0600));
	TRY("chown", chown("f", 1, 1));
	TRY("chown to nobody", chown("f", -1, -1));
	TRY("times", utime("f", &(struct utimbuf){1, 1}));
	TRY("times now", utime("f", NULL));
	TRY("write", write(early, "more", 4));
	TRY("truncate", truncate("f", 1));
	TRY("ftruncate", ftruncate(early, 1));
	TRY("fallocate", fallocate(early, 0, 0, 10));
	TRY("fallocate more", fallocate(early, FALLOC_FL_KEEP_SIZE, 0, 10));
	TRY("punch", fallocate(early, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 10));
	TRY("drop O_APPEND", fcntl(early, F_SETFL, 0));
	TRY("set O_APPEND", fcntl(early, F_SETFL, O_APPEND));
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, early, 0);
	OBSERVE(name("%s: map", what), "%s", p == MAP_FAILED ? errno_name(errno) : "ok");
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, early, 0);
	OBSERVE(name("%s: map for itself", what), "%s", p == MAP_FAILED ? errno_name(errno) : "ok");
	TRY("link", link("f", "g"));
	TRY("rename", rename("f", "g"));
	TRY("unlink", unlink("f"));
	TRY("xattr", setxattr("f", "trusted.a", "b", 1, 0));
	TRY("no xattr", removexattr("f", "trusted.b"));
	TRY("make in it", mkdir("d/e", 0777));
	TRY("link into it", symlink("x", "d/l"));
	TRY("remove from it", unlink("d/old"));
	TRY("rename in it", rename("d/old", "d/new"));
	TRY("rename out of it", rename("d/old", "old"));
	TRY("rename it", rename("d", "d2"));
	TRY("remove it", rmdir("d"));
	TRY("chmod it", chmod("d", 0700));
	struct statx x;
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, &x));
	OBSERVE(name("%s: statx", what), "%#llx", (unsigned long long)x.stx_attributes);
	clear_flags("f");
	clear_flags("d");
	close(early);
	OBSERVE(name("%s: what is left", what), "%s", tree_text("."));
}

CASE(immutable, "root kernel>=6.17 cap:9") { observe_forbidden("immutable", FS_XFLAG_IMMUTABLE); }

CASE(append_only, "root kernel>=6.17 cap:9") { observe_forbidden("append", FS_XFLAG_APPEND); }

CASE(immutable_on_tmpfs, "root kernel>=6.17 cap:9 cap:21") {
	own_mounts();
	observe_forbidden("immutable", FS_XFLAG_IMMUTABLE);
}

CASE(append_only_on_tmpfs, "root kernel>=6.17 cap:9 cap:21") {
	own_mounts();
	observe_forbidden("append", FS_XFLAG_APPEND);
}

CASE(by_whom, "root kernel>=6.17") {
	close(make_file("mine", "x"));
	close(make_file("roots", "x"));
	REQUIRE_OK(chown("mine", 65534, 65534));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nodump of one's own", set_xflags("mine", FS_XFLAG_NODUMP));
		OBSERVE_RET("nodump of another's", set_xflags("roots", FS_XFLAG_NODUMP));
		OBSERVE_RET("immutable", set_xflags("mine", FS_XFLAG_IMMUTABLE));
		OBSERVE_RET("append", set_xflags("mine", FS_XFLAG_APPEND));
		OBSERVE_RET("neither", set_xflags("mine", 0));
	}
	IN_CHILD(NULL) {
		unshare_user(0, 0);
		OBSERVE_RET("immutable in a user namespace", set_xflags("roots", FS_XFLAG_IMMUTABLE));
		OBSERVE_RET("nodump in a user namespace", set_xflags("roots", FS_XFLAG_NODUMP));
		OBSERVE_RET("a project in a user namespace", set_xflags("roots", FS_XFLAG_PROJINHERIT));
	}
}

CASE(inherited, "root kernel>=6.17 cap:21") {
	for (int round = 0; round < 2; round++) {
		const char *where = round ? "tmpfs" : "here";
		REQUIRE_OK(mkdir("d", 0777));
		REQUIRE_OK(set_xflags("d", FS_XFLAG_NODUMP | FS_XFLAG_NOATIME));
		close(make_file("d/f", "x"));
		REQUIRE_OK(mkdir("d/e", 0777));
		OBSERVE(name("a file %s", where), "%s", attr_text(AT_FDCWD, "d/f", 0));
		OBSERVE(name("a directory %s", where), "%s", attr_text(AT_FDCWD, "d/e", 0));
		if (!round)
			own_mounts();
	}
}

CASE(no_access_time, "root kernel>=6.17 cap:21") {
	own_mounts();
	REQUIRE_OK(mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_STRICTATIME, NULL));
	REQUIRE_OK(chdir(mounts_base));
	close(make_file("f", "x"));
	REQUIRE_OK(utime("f", &(struct utimbuf){1, 1}));
	REQUIRE_OK(set_xflags("f", FS_XFLAG_NOATIME));
	read_file("f");
	struct stat st;
	REQUIRE_OK(stat("f", &st));
	CHECK_EQ(st.st_atime, 1);
	REQUIRE_OK(set_xflags("f", 0));
	read_file("f");
	REQUIRE_OK(stat("f", &st));
	CHECK(st.st_atime > 1);
}
