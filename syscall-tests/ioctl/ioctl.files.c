// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioctl of regular files and directories: their flags, where their data are, what copies blocks, and what a file system
// refuses to do for this one.
#include "../harness/fileattrs.h"

#include <linux/fiemap.h>
#include <sched.h>
#include <sys/mount.h>

#ifndef FS_IOC_GETFSUUID
#define FS_IOC_GETFSUUID 0x80111500
#endif

// The commands that came from XFS, which only the kernel's own headers have (linux/falloc.h).
struct space_resv {
	int16_t l_type, l_whence;
	int64_t l_start, l_len;
	int32_t l_sysid;
	uint32_t l_pid;
	int32_t l_pad[4];
};
#define FS_IOC_RESVSP _IOW('X', 40, struct space_resv)
#define FS_IOC_UNRESVSP _IOW('X', 41, struct space_resv)
#define FS_IOC_RESVSP64 _IOW('X', 42, struct space_resv)
#define FS_IOC_UNRESVSP64 _IOW('X', 43, struct space_resv)
#define FS_IOC_ZERO_RANGE _IOW('X', 57, struct space_resv)

// Files of every kind, and the name of each.
static const struct {
	const char *name;
	int flags;
} kinds[] = {{"f", O_RDWR}, {"d", O_RDONLY}, {"p", O_RDWR}, {"/dev/null", O_RDWR}, {"/proc/self/status", O_RDONLY}, {"/dev/shm", O_RDONLY}};

static void observe_kinds(const char *what, unsigned long cmd, const void *in, size_t size, bool value) {
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		unsigned char arg[8192] = {0};
		memcpy(arg, in, size);
		int fd = REQUIRE_OK(open(kinds[i].name, kinds[i].flags));
		errno = 0;
		int r = ioctl(fd, cmd, arg);
		unsigned first;
		memcpy(&first, arg, sizeof first);
		if (r == 0 && value)
			OBSERVE(name("%s of %s", what, kinds[i].name), "%#x", first);
		else
			OBSERVE_RET(name("%s of %s", what, kinds[i].name), r);
		close(fd);
	}
}

static void put_kinds(void) {
	close(make_file("f", "text"));
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(mkfifo("p", 0666));
}

CASE(what_each_kind_knows) {
	put_kinds();
	static const unsigned long zero[8];
	observe_kinds("GETFLAGS", FS_IOC_GETFLAGS, zero, 0, true);
	observe_kinds("FSGETXATTR", FS_IOC_FSGETXATTR, zero, 0, true);
	observe_kinds("FIGETBSZ", FIGETBSZ, zero, 0, true);
	observe_kinds("GETVERSION", FS_IOC_GETVERSION, zero, 0, false);
	observe_kinds("GETFSUUID", FS_IOC_GETFSUUID, zero, 0, false);
	struct fiemap map = {.fm_length = ~0ULL};
	observe_kinds("FIEMAP", FS_IOC_FIEMAP, &map, sizeof map, false);
	struct file_dedupe_range dedupe = {.src_length = 4};
	observe_kinds("FIDEDUPERANGE", FIDEDUPERANGE, &dedupe, sizeof dedupe, false);
	struct file_clone_range clone = {.src_fd = -1};
	observe_kinds("FICLONERANGE", FICLONERANGE, &clone, sizeof clone, false);
	observe_kinds("FITHAW", FITHAW, zero, 0, false);
	observe_kinds("RESVSP", FS_IOC_RESVSP, zero, sizeof(struct space_resv), false);
	unsigned same = FS_EXTENT_FL;
	observe_kinds("SETFLAGS", FS_IOC_SETFLAGS, &same, sizeof same, false);
	observe_kinds("unknown", 0x80046699, zero, 0, false);
}

CASE(path_only) {
	put_kinds();
	int fd = REQUIRE_OK(open("f", O_PATH));
	unsigned flags = 0;
	CHECK_ERR(ioctl(fd, FS_IOC_GETFLAGS, &flags), EBADF);
	CHECK_ERR(ioctl(fd, FIGETBSZ, &flags), EBADF);
	CHECK_ERR(ioctl(-1, FS_IOC_GETFLAGS, &flags), EBADF);
}

CASE(pointers_of_file_commands) {
	int fd = make_file("f", "text");
	static const struct {
		const char *name;
		unsigned long cmd;
	} cmds[] = {{"GETFLAGS", FS_IOC_GETFLAGS}, {"SETFLAGS", FS_IOC_SETFLAGS}, {"FSGETXATTR", FS_IOC_FSGETXATTR}, {"FSSETXATTR", FS_IOC_FSSETXATTR},
		    {"FIGETBSZ", FIGETBSZ}, {"FIOQSIZE", FIOQSIZE}, {"FIONREAD", FIONREAD}, {"GETVERSION", FS_IOC_GETVERSION},
		    {"SETVERSION", FS_IOC_SETVERSION}, {"FIEMAP", FS_IOC_FIEMAP}, {"FICLONERANGE", FICLONERANGE}, {"FIDEDUPERANGE", FIDEDUPERANGE},
		    {"RESVSP", FS_IOC_RESVSP}, {"UNRESVSP", FS_IOC_UNRESVSP}, {"ZERO_RANGE", FS_IOC_ZERO_RANGE}, {"GETFSUUID", FS_IOC_GETFSUUID}};
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			OBSERVE_RET(name("%s %s", cmds[i].name, b->name), ioctl(fd, cmds[i].cmd, b->p));
}

static void observe_flags(const char *path) {
	for (int bit = 0; bit < 32; bit++) {
		int r = set_flags(path, 1U << bit);
		OBSERVE(name("%s: bit %d", path, bit), "%s, %s", r ? errno_name(errno) : "ok", flags_text(path));
		clear_flags(path);
		r = set_flags(path, FS_EXTENT_FL | 1U << bit);
		OBSERVE(name("%s: extents and bit %d", path, bit), "%s, %s", r ? errno_name(errno) : "ok", flags_text(path));
		clear_flags(path);
		set_flags(path, FS_EXTENT_FL);
		set_flags(path, 0);
	}
}

// Those that move data or need a feature of the file system (journalled data, extents, direct access, folded case) are left
// out here: what they answer is the disk's affair.
CASE(flags_that_programs_set, "root cap:9") {
	put_kinds();
	static const unsigned flags[] = {FS_SYNC_FL, FS_IMMUTABLE_FL, FS_APPEND_FL, FS_NODUMP_FL, FS_NOATIME_FL, FS_DIRSYNC_FL, FS_TOPDIR_FL,
					 FS_SECRM_FL, FS_UNRM_FL, FS_COMPR_FL, FS_NOTAIL_FL, FS_NOCOW_FL, FS_INDEX_FL, 0x80000000};
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		for (int dir = 0; dir < 2; dir++) {
			const char *path = dir ? "d" : "f";
			int r = set_flags(path, FS_EXTENT_FL | flags[i]);
			OBSERVE(name("%#x of %s", flags[i], path), "%s, %s", r ? errno_name(errno) : "ok", flags_text(path));
			clear_flags(path);
			OBSERVE_RET(name("none of %s after %#x", path, flags[i]), set_flags(path, FS_EXTENT_FL));
		}
}

CASE(flags_on_tmpfs, "root cap:9 cap:21") {
	own_mounts();
	put_kinds();
	observe_flags("f");
	observe_flags("d");
}

CASE(extended_flags, "root cap:9 cap:21") {
	own_mounts();
	int fd = make_file("f", "x");
	for (int bit = 0; bit < 32; bit++) {
		struct fsxattr x = {.fsx_xflags = 1U << bit}, got = {0};
		int r = ioctl(fd, FS_IOC_FSSETXATTR, &x), err = errno;
		REQUIRE_OK(ioctl(fd, FS_IOC_FSGETXATTR, &got));
		OBSERVE(name("bit %d", bit), "%s, %#x", r ? errno_name(err) : "ok", got.fsx_xflags);
		ioctl(fd, FS_IOC_FSSETXATTR, &(struct fsxattr){0});
		clear_flags("f");
	}
	struct fsxattr x = {.fsx_extsize = 4096};
	OBSERVE_RET("extent size", ioctl(fd, FS_IOC_FSSETXATTR, &x));
	x = (struct fsxattr){.fsx_projid = 7};
	OBSERVE_RET("project", ioctl(fd, FS_IOC_FSSETXATTR, &x));
	x = (struct fsxattr){.fsx_nextents = 7};
	OBSERVE_RET("extents", ioctl(fd, FS_IOC_FSSETXATTR, &x));
	memset(&x, 0, sizeof x);
	x.fsx_pad[3] = 1;
	OBSERVE_RET("padding", ioctl(fd, FS_IOC_FSSETXATTR, &x));
}

CASE(flags_by_nobody, "root") {
	close(make_file("mine", "x"));
	close(make_file("roots", "x"));
	REQUIRE_OK(chown("mine", 65534, 65534));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nodump of one's own", set_flags("mine", FS_EXTENT_FL | FS_NODUMP_FL));
		OBSERVE_RET("append of one's own", set_flags("mine", FS_EXTENT_FL | FS_APPEND_FL));
		OBSERVE_RET("nodump of another's", set_flags("roots", FS_EXTENT_FL | FS_NODUMP_FL));
		int v = 1, fd = REQUIRE_OK(open("mine", O_RDONLY));
		OBSERVE_RET("version of one's own", ioctl(fd, FS_IOC_SETVERSION, &v));
		OBSERVE_RET("version of another's", ioctl(REQUIRE_OK(open("roots", O_RDONLY)), FS_IOC_SETVERSION, &v));
		int block = 0;
		OBSERVE_RET("block", ioctl(fd, FIBMAP, &block));
		OBSERVE_RET("freeze", ioctl(fd, FIFREEZE, 0));
		OBSERVE_RET("thaw", ioctl(fd, FITHAW, 0));
		struct fstrim_range trim = {.len = 4096};
		OBSERVE_RET("trim", ioctl(fd, FITRIM, &trim));
		OBSERVE_RET("trim nowhere", ioctl(fd, FITRIM, NULL));
	}
}

CASE(version) {
	int fd = make_file("f", "x"), other = make_file("g", "x");
	unsigned a = 0, b = 0;
	REQUIRE_OK(ioctl(fd, FS_IOC_GETVERSION, &a));
	REQUIRE_OK(ioctl(other, FS_IOC_GETVERSION, &b));
	CHECK(a != b);
	REQUIRE_OK(ioctl(fd, FS_IOC_GETVERSION, &b));
	CHECK_EQ(a, b);
	b = 1234;
	OBSERVE_RET("set", ioctl(fd, FS_IOC_SETVERSION, &b));
	REQUIRE_OK(ioctl(fd, FS_IOC_GETVERSION, &a));
	OBSERVE("afterwards", "%d", a == 1234);
}

CASE(one_uuid_a_file_system, "root cap:21") {
	own_mounts();
	DIRS("a", "b");
	mount_tmpfs("a");
	mount_tmpfs("b");
	struct {
		unsigned char len, id[16];
	} a, b, again;
	REQUIRE_OK(ioctl(REQUIRE_OK(open("a", O_RDONLY)), FS_IOC_GETFSUUID, &a));
	REQUIRE_OK(ioctl(REQUIRE_OK(open("b", O_RDONLY)), FS_IOC_GETFSUUID, &b));
	close(make_file("a/f", "x"));
	REQUIRE_OK(ioctl(REQUIRE_OK(open("a/f", O_RDONLY)), FS_IOC_GETFSUUID, &again));
	CHECK_EQ(a.len, 16);
	CHECK(memcmp(a.id, b.id, 16) != 0);
	CHECK(memcmp(a.id, again.id, 16) == 0);
}

CASE(clones) {
	int f = make_file("f", "text"), g = make_file("g", ""), d = REQUIRE_OK(open(".", O_RDONLY));
	int reads = REQUIRE_OK(open("f", O_RDONLY)), writes = REQUIRE_OK(open("f", O_WRONLY)), appends = REQUIRE_OK(open("g", O_RDWR | O_APPEND));
	int shm = REQUIRE_OK(memfd_create("m", 0)), null = REQUIRE_OK(open("/dev/null", O_RDWR)), path = REQUIRE_OK(open("f", O_PATH));
	const struct {
		const char *name;
		int to, from;
	} pairs[] = {{"file to file", g, f},	  {"file to itself", f, f},    {"closed", g, -1},     {"path", g, path},	    {"to reader", reads, f},
		     {"from writer", g, writes}, {"to appender", appends, f}, {"directory", g, d},   {"to directory", d, f}, {"other file system", shm, f},
		     {"device", null, null},	  {"memfd", shm, shm}};
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		OBSERVE_RET(name("clone %s", pairs[i].name), ioctl(pairs[i].to, FICLONE, pairs[i].from));
		struct file_clone_range r = {.src_fd = pairs[i].from, .src_length = 4};
		OBSERVE_RET(name("range %s", pairs[i].name), ioctl(pairs[i].to, FICLONERANGE, &r));
	}
}

CASE(dedupes) {
	int f = make_file("f", "text"), d = REQUIRE_OK(open(".", O_RDONLY)), writes = REQUIRE_OK(open("f", O_WRONLY));
	struct {
		struct file_dedupe_range r;
		struct file_dedupe_range_info info;
	} a = {.r = {.src_length = 4, .dest_count = 1}, .info = {.dest_fd = f}}, b;
	OBSERVE_RET("file", ioctl(f, FIDEDUPERANGE, &a));
	OBSERVE_RET("directory", ioctl(d, FIDEDUPERANGE, &a));
	OBSERVE_RET("writer", ioctl(writes, FIDEDUPERANGE, &a));
	b = a;
	b.r.reserved1 = 1;
	OBSERVE_RET("reserved1", ioctl(f, FIDEDUPERANGE, &b));
	static const uint64_t ranges[][2] = {{-1, 4}, {0, -1}, {INT64_MAX, 4}, {4, INT64_MAX}, {100, 4}, {0, 5}};
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		b = a;
		b.r.src_offset = ranges[i][0], b.r.src_length = ranges[i][1];
		OBSERVE_RET(name("%ld bytes at %ld", (long)ranges[i][1], (long)ranges[i][0]), ioctl(f, FIDEDUPERANGE, &b));
		OBSERVE_RET(name("%ld bytes at %ld of a directory", (long)ranges[i][1], (long)ranges[i][0]), ioctl(d, FIDEDUPERANGE, &b));
	}
	b = a;
	b.r.reserved2 = 1;
	OBSERVE_RET("reserved2", ioctl(f, FIDEDUPERANGE, &b));
	b = a;
	b.r.dest_count = 200;
	OBSERVE_RET("more than a page", ioctl(f, FIDEDUPERANGE, &b));
	b = a;
	b.r.dest_count = 0;
	OBSERVE_RET("none", ioctl(f, FIDEDUPERANGE, &b));
	OBSERVE_RET("cut short", ioctl(f, FIDEDUPERANGE, guard_copy(&a, sizeof a - 1)));
	OBSERVE_RET("head only", ioctl(f, FIDEDUPERANGE, guard_copy(&a, sizeof a.r)));
}

CASE(preallocates) {
	int fd = make_file("f", "text");
	static const struct {
		const char *name;
		unsigned long cmd;
	} cmds[] = {{"RESVSP", FS_IOC_RESVSP}, {"RESVSP64", FS_IOC_RESVSP64}, {"UNRESVSP", FS_IOC_UNRESVSP}, {"UNRESVSP64", FS_IOC_UNRESVSP64},
		    {"ZERO_RANGE", FS_IOC_ZERO_RANGE}};
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (int whence = -1; whence < 5; whence++) {
			REQUIRE_OK(lseek(fd, 2, SEEK_SET));
			struct space_resv s = {.l_whence = whence, .l_start = 0, .l_len = 2};
			int r = ioctl(fd, cmds[i].cmd, &s), err = errno;
			char text[8] = "";
			REQUIRE_OK(pread(fd, text, 4, 0));
			struct stat st;
			REQUIRE_OK(fstat(fd, &st));
			OBSERVE(name("%s from %d", cmds[i].name, whence), "%s, size %lld", r ? errno_name(err) : "ok", (long long)st.st_size);
			OBSERVE_BYTES(name("%s from %d: text", cmds[i].name, whence), text, 4);
			REQUIRE_OK(pwrite(fd, "text", 4, 0));
		}
		struct space_resv s = {.l_len = 0};
		OBSERVE_RET(name("%s of nothing", cmds[i].name), ioctl(fd, cmds[i].cmd, &s));
		s.l_len = -1;
		OBSERVE_RET(name("%s backwards", cmds[i].name), ioctl(fd, cmds[i].cmd, &s));
		s = (struct space_resv){.l_start = -1, .l_len = 1};
		OBSERVE_RET(name("%s before the start", cmds[i].name), ioctl(fd, cmds[i].cmd, &s));
		s = (struct space_resv){.l_start = INT64_MAX, .l_len = 1};
		OBSERVE_RET(name("%s beyond the end", cmds[i].name), ioctl(fd, cmds[i].cmd, &s));
		s = (struct space_resv){.l_len = 4};
		OBSERVE_RET(name("%s of a reader", cmds[i].name), ioctl(REQUIRE_OK(open("f", O_RDONLY)), cmds[i].cmd, &s));
	}
}

CASE(map_of_a_file) {
	int fd = make_file("f", "");
	REQUIRE_OK(pwrite(fd, "a", 1, 0));
	REQUIRE_OK(pwrite(fd, "b", 1, 1 << 20));
	REQUIRE_OK(fsync(fd));
	struct {
		struct fiemap map;
		struct fiemap_extent e[8];
	} m = {.map = {.fm_length = ~0ULL, .fm_flags = FIEMAP_FLAG_SYNC, .fm_extent_count = 8}};
	REQUIRE_OK(ioctl(fd, FS_IOC_FIEMAP, &m));
	OBSERVE("extents", "%u", m.map.fm_mapped_extents);
	for (unsigned i = 0; i < m.map.fm_mapped_extents && i < 8; i++)
		OBSERVE(name("extent %u", i), "%#llx+%#llx last %d", (unsigned long long)m.e[i].fe_logical, (unsigned long long)m.e[i].fe_length,
			!!(m.e[i].fe_flags & FIEMAP_EXTENT_LAST));
	m.map = (struct fiemap){.fm_length = ~0ULL};
	REQUIRE_OK(ioctl(fd, FS_IOC_FIEMAP, &m));
	OBSERVE("counted", "%u", m.map.fm_mapped_extents);
	m.map = (struct fiemap){.fm_length = 4096, .fm_extent_count = 8};
	REQUIRE_OK(ioctl(fd, FS_IOC_FIEMAP, &m));
	OBSERVE("of the first page", "%u", m.map.fm_mapped_extents);
	m.map = (struct fiemap){.fm_start = 4096, .fm_length = 4096, .fm_extent_count = 8};
	REQUIRE_OK(ioctl(fd, FS_IOC_FIEMAP, &m));
	OBSERVE("of the hole", "%u", m.map.fm_mapped_extents);
	m.map = (struct fiemap){.fm_length = ~0ULL, .fm_extent_count = 1};
	REQUIRE_OK(ioctl(fd, FS_IOC_FIEMAP, &m));
	OBSERVE("room for one", "%u last %d", m.map.fm_mapped_extents, !!(m.e[0].fe_flags & FIEMAP_EXTENT_LAST));
	m.map = (struct fiemap){.fm_length = 0};
	OBSERVE_RET("of nothing", ioctl(fd, FS_IOC_FIEMAP, &m));
	m.map = (struct fiemap){.fm_start = 1ULL << 63, .fm_length = 1};
	OBSERVE_RET("beyond the end", ioctl(fd, FS_IOC_FIEMAP, &m));
	m.map = (struct fiemap){.fm_length = 1, .fm_flags = 0x80};
	OBSERVE_RET("unknown flag", ioctl(fd, FS_IOC_FIEMAP, &m));
	OBSERVE("flags afterwards", "%#x", m.map.fm_flags);
	m.map = (struct fiemap){.fm_length = 1, .fm_extent_count = -1};
	OBSERVE_RET("too many", ioctl(fd, FS_IOC_FIEMAP, &m));
	int empty = make_file("empty", "");
	m.map = (struct fiemap){.fm_length = ~0ULL, .fm_extent_count = 8};
	REQUIRE_OK(ioctl(empty, FS_IOC_FIEMAP, &m));
	OBSERVE("of an empty file", "%u", m.map.fm_mapped_extents);
}

CASE(map_of_a_directory) {
	REQUIRE_OK(mkdir("d", 0777));
	struct fiemap m = {.fm_length = ~0ULL};
	OBSERVE_RET("map", ioctl(REQUIRE_OK(open("d", O_RDONLY)), FS_IOC_FIEMAP, &m));
}

// A file system in memory can't be frozen, not even by those who may.
CASE(freezing, "root") {
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	put_dir("own", 0755);
	REQUIRE_OK(mount("none", "own", "tmpfs", 0, NULL));
	int fd = REQUIRE_OK(open("own", O_RDONLY));
	OBSERVE_RET("freeze", ioctl(fd, FIFREEZE, 0));
	OBSERVE_RET("thaw", ioctl(fd, FITHAW, 0));
	become_nobody();
	OBSERVE_RET("freeze by nobody", ioctl(fd, FIFREEZE, 0));
	OBSERVE_RET("thaw by nobody", ioctl(fd, FITHAW, 0));
}
