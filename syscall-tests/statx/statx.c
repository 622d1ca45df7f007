// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// statx: which fields does each mask bring, what do the flags change, and do they agree with stat?
#include "../harness/stats.h"

static struct statx scratch;
static long on_path(const char *path) { return syscall(SYS_statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &scratch); }
static long on_link(const char *path) { return syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &scratch); }
static long at(int fd, const char *path) { return syscall(SYS_statx, fd, path, 0, STATX_BASIC_STATS, &scratch); }
static long at_empty(int fd, const char *path) { return syscall(SYS_statx, fd, path, AT_EMPTY_PATH, STATX_BASIC_STATS, &scratch); }
static long bit_on_file(unsigned long f) { return syscall(SYS_statx, AT_FDCWD, "file", f, STATX_BASIC_STATS, &scratch); }
static long mask_on_file(unsigned long f) { return syscall(SYS_statx, AT_FDCWD, "file", 0, f, &scratch); }
static long bit_on_empty(unsigned long f) { return syscall(SYS_statx, AT_FDCWD, "", f, STATX_BASIC_STATS, &scratch); }

CASE(walk) { observe_walk_looking(on_path); }
CASE(walk_nofollow) { observe_walk_looking(on_link); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(dirfds) { observe_dirfds_looking(at); }
CASE(dirfds_empty_path) { observe_dirfds_looking(at_empty); }
CASE(each_flag) { observe_flag_bits_looking(bit_on_file, 32); }
CASE(each_flag_on_the_empty_path) { observe_flag_bits_looking(bit_on_empty, 32); }
CASE(each_mask_bit) { observe_flag_bits_looking(mask_on_file, 32); }

static const char *statx_text(const struct statx *x) {
	struct stat st = {.st_mode = x->stx_mode, .st_nlink = x->stx_nlink, .st_size = x->stx_size, .st_uid = x->stx_uid, .st_gid = x->stx_gid,
			  .st_rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor)};
	return stat_text(&st);
}

CASE(types) {
	static const char *const paths[] = {"file", "empty", "setid", "dir", "link", "dangling", "fifo", "sock", "hard"};
	put_types();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct statx x;
		struct stat st = stat_of(paths[i]);
		REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, paths[i], AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &x));
		OBSERVE(name("%s", paths[i]), "%s", statx_text(&x));
		CHECK_EQ(x.stx_ino, st.st_ino);
		CHECK_EQ(makedev(x.stx_dev_major, x.stx_dev_minor), st.st_dev);
		CHECK_EQ(x.stx_blksize, st.st_blksize);
		CHECK_EQ(x.stx_blocks, st.st_blocks);
		CHECK_EQ(x.stx_mtime.tv_sec, st.st_mtim.tv_sec);
		CHECK_EQ(x.stx_mtime.tv_nsec, st.st_mtim.tv_nsec);
		CHECK_EQ(x.stx_ctime.tv_nsec, st.st_ctim.tv_nsec);
		CHECK_EQ(x.stx_atime.tv_nsec, st.st_atim.tv_nsec);
		OBSERVE(name("%s: basic mask", paths[i]), "%#x", x.stx_mask & STATX_BASIC_STATS);
	}
}

// The basic fields come whether asked for or not, and say so; only the times may be left out.
CASE(basic_fields_come_always) {
	struct statx x;
	put_file("f", "content", 0644);
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, 0, &x));
	OBSERVE("asked for nothing", "%#x", x.stx_mask & STATX_BASIC_STATS & ~(STATX_ATIME | STATX_MTIME | STATX_CTIME));
	CHECK_EQ(x.stx_size, 7);
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_SIZE, &x));
	OBSERVE("asked for the size", "%#x", x.stx_mask & STATX_BASIC_STATS & ~(STATX_ATIME | STATX_MTIME | STATX_CTIME));
	CHECK_EQ(x.stx_size, 7);
}

CASE(birth_is_not_after_change) {
	struct statx x;
	put_file("f", "content", 0644);
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, &x));
	if (!(x.stx_mask & STATX_BTIME))
		SKIP("the file system keeps no birth times");
	CHECK(x.stx_btime.tv_sec <= x.stx_ctime.tv_sec);
	struct statx before = x;
	next_stamp();
	put_file("f", "other", 0644);
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, &x));
	CHECK_EQ(x.stx_btime.tv_nsec, before.stx_btime.tv_nsec);
	CHECK(x.stx_mtime.tv_nsec != before.stx_mtime.tv_nsec);
}

CASE(reserved_mask) {
	put_file("f", "", 0644);
	OBSERVE_RET("STATX__RESERVED", syscall(SYS_statx, AT_FDCWD, "f", 0, 0x80000000, &scratch));
	OBSERVE_RET("with others", syscall(SYS_statx, AT_FDCWD, "f", 0, 0x80000fff, &scratch));
	OBSERVE_RET("reserved, missing file", syscall(SYS_statx, AT_FDCWD, "missing", 0, 0x80000000, &scratch));
	OBSERVE_RET("all but reserved", syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7fffffff, &scratch));
}

CASE(sync_flags) {
	put_file("f", "", 0644);
	OBSERVE_RET("FORCE_SYNC", syscall(SYS_statx, AT_FDCWD, "f", 0x2000, 0, &scratch));
	OBSERVE_RET("DONT_SYNC", syscall(SYS_statx, AT_FDCWD, "f", 0x4000, 0, &scratch));
	OBSERVE_RET("both", syscall(SYS_statx, AT_FDCWD, "f", 0x6000, 0, &scratch));
}

CASE(buffer) {
	put_file("f", "content", 0644);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, p->p));
	OBSERVE_RET("read-only", syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, readonly_page()));
	CHECK_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, guard_end(256)));
	CHECK_ERR(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, (char *)guard_end(256) + 8), EFAULT);
	struct statx a, b;
	memset(&a, 0, sizeof a);
	memset(&b, 0xff, sizeof b);
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, &a));
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, &b));
	CHECK_EQ(memcmp(&a, &b, sizeof a), 0);
	CHECK_EQ(sizeof a, 256);
}

CASE(empty_path) {
	struct statx x;
	put_file("f", "content", 0640);
	int fd = REQUIRE_OK(open("f", O_RDONLY));
	CHECK_OK(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x));
	OBSERVE("file", "%s", statx_text(&x));
	OBSERVE_RET("NULL path", syscall(SYS_statx, fd, NULL, AT_EMPTY_PATH, STATX_BASIC_STATS, &x));
	OBSERVE_RET("NULL path, no flag", syscall(SYS_statx, fd, NULL, 0, STATX_BASIC_STATS, &x));
}

// Mount ids are the same for files of one mount, and differ from /proc's. STATX_ATTR_MOUNT_ROOT tells a mount's root.
CASE(mounts, "kernel>=5.8") {
	struct statx a, b, proc;
	put_file("f", "", 0644);
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x1000, &a));
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, ".", 0, 0x1000, &b));
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, "/proc", 0, 0x1000, &proc));
	OBSERVE("mask", "%#x", a.stx_mask & 0x1000);
	CHECK_EQ(a.stx_mnt_id, b.stx_mnt_id);
	CHECK(a.stx_mnt_id != proc.stx_mnt_id);
	OBSERVE("root of a mount: file", "%d", !!(a.stx_attributes & STATX_ATTR_MOUNT_ROOT));
	OBSERVE("root of a mount: /proc", "%d", !!(proc.stx_attributes & STATX_ATTR_MOUNT_ROOT));
	OBSERVE("known attribute", "%d", !!(a.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT));
}

// Which mount it is comes unasked.
CASE(mount_bit_comes_always, "kernel>=5.10") {
	struct statx st;
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, ".", 0, STATX_BASIC_STATS, &st));
	OBSERVE("mnt_id", "%d", (st.stx_mask & 0x1000) != 0);
}

CASE(unknown_flags_of_a_descriptor, "kernel>=6.11") {
	struct statx st;
	int fd = REQUIRE_OK(open("file", O_RDWR | O_CREAT, 0644));
	static const unsigned flags[] = {AT_EMPTY_PATH | 0x20000000, AT_EMPTY_PATH | AT_SYMLINK_FOLLOW, AT_EMPTY_PATH | AT_STATX_SYNC_TYPE, 0x20000000};
	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
		OBSERVE_RET(name("%#x: its own", flags[i]), syscall(SYS_statx, fd, "", flags[i], STATX_TYPE, &st));
		OBSERVE_RET(name("%#x: without a path", flags[i]), syscall(SYS_statx, fd, NULL, flags[i], STATX_TYPE, &st));
		OBSERVE_RET(name("%#x: a name", flags[i]), syscall(SYS_statx, AT_FDCWD, "file", flags[i], STATX_TYPE, &st));
		OBSERVE_RET(name("%#x: the directory", flags[i]), syscall(SYS_statx, AT_FDCWD, "", flags[i], STATX_TYPE, &st));
		OBSERVE_RET(name("%#x: bad path", flags[i]), syscall(SYS_statx, fd, bad_ptr(), flags[i], STATX_TYPE, &st));
	}
	close(fd);
}

static void observe_given(const char *what, int fd, unsigned mask) {
	struct statx st, all;
	memset(&st, 7, sizeof st);
	REQUIRE_OK(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, &st));
	REQUIRE_OK(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &all));
	OBSERVE(name("%s, mask %#x", what, mask), "%#x attributes %#llx of %#llx birth %s change %s", st.stx_mask, (long long)st.stx_attributes,
		(long long)st.stx_attributes_mask, st.stx_btime.tv_sec ? "given" : "none",
		!memcmp(&st.stx_mtime, &all.stx_mtime, 12) && !memcmp(&st.stx_ctime, &all.stx_ctime, 12) ? "given" : "none");
	if (st.stx_btime.tv_sec)
		CHECK(all.stx_mtime.tv_sec - st.stx_btime.tv_sec <= 1);
}

CASE(what_no_one_asks_for, "kernel>=6.13 file:/dev/shm") {
	static const unsigned masks[] = {0, STATX_BASIC_STATS, STATX_BTIME, STATX_BASIC_STATS | STATX_BTIME, STATX_CTIME, STATX_MTIME, STATX_ATIME};
	int p[2];
	REQUIRE_OK(pipe(p));
	struct { const char *name; int fd; } files[] = {
		{"memfd", REQUIRE_OK(syscall(SYS_memfd_create, "m", 0))},
		{"tmpfs", REQUIRE_OK(open("/dev/shm/born", O_CREAT | O_EXCL | O_RDWR, 0600))},
		{"file", REQUIRE_OK(open("born", O_CREAT | O_EXCL | O_RDWR, 0600))},
		{"pipe", p[0]},
		{"proc", REQUIRE_OK(open("/proc/uptime", O_RDONLY))},
	};
	unlink("/dev/shm/born");
	for (int i = 0; i < 5; i++)
		for (int j = 0; j < 7; j++)
			observe_given(files[i].name, files[i].fd, masks[j]);
}
