// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utimensat: times in nanoseconds, now or left alone each, from a directory, with flags
#include "../harness/utimes.h"

static long call(const char *path, bool now, struct timespec a, struct timespec m) {
	struct timespec t[2] = {a, m};
	return syscall(SYS_utimensat, AT_FDCWD, path, now ? NULL : t, 0);
}
static long on_path(const char *path) { return call(path, false, ts(1, 0), ts(2, 0)); }

CASE(walk) { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(set) { observe_times_set(call); }
CASE(now) { check_times_now(call); }
CASE(ctime) { observe_times_ctime(call); }
CASE(rights, "root") { observe_times_rights(call); }

static const struct timespec one[2] = {{1, 0}, {2, 0}};
static long at(int fd, const char *path) { return syscall(SYS_utimensat, fd, path, one, 0); }
static long at_empty(int fd, const char *path) { return syscall(SYS_utimensat, fd, path, one, AT_EMPTY_PATH); }
static long nofollow(const char *path) { return syscall(SYS_utimensat, AT_FDCWD, path, one, AT_SYMLINK_NOFOLLOW); }
static long bit_on_file(unsigned long f) { return syscall(SYS_utimensat, AT_FDCWD, "file", one, f); }
CASE(walk_nofollow) { observe_walk(nofollow); }
CASE(dirfds) { observe_dirfds(at); }
CASE(dirfds_empty_path) { observe_dirfds(at_empty); }
CASE(each_flag) { observe_flag_bits(bit_on_file, 32); }

CASE(buffer) {
	put_file("f", "", 0644);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(SYS_utimensat, AT_FDCWD, "f", p->p, 0));
	CHECK_OK(syscall(SYS_utimensat, AT_FDCWD, "f", guard_copy(one, sizeof one), 0));
	CHECK_ERR(syscall(SYS_utimensat, AT_FDCWD, "f", guard_copy(one, 24), 0), EFAULT);
	OBSERVE_RET("bad times, bad flag", syscall(SYS_utimensat, AT_FDCWD, "f", bad_ptr(), 1));
}

CASE(nanoseconds) {
	static const long ns[] = {0, 1, 999999999, 1000000000, -1, UTIME_NOW + 1, UTIME_OMIT - 1, LONG_MIN};
	put_file("f", "", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		struct timespec t[2] = {{10, ns[i]}, {20, 5}};
		OBSERVE_RET(name("atime %ld", ns[i]), syscall(SYS_utimensat, AT_FDCWD, "f", t, 0));
		OBSERVE(name("atime %ld: times", ns[i]), "%s", times_text("f"));
		struct timespec u[2] = {{10, 5}, {20, ns[i]}};
		OBSERVE_RET(name("mtime %ld", ns[i]), syscall(SYS_utimensat, AT_FDCWD, "f", u, 0));
	}
}

// The seconds beside UTIME_NOW and UTIME_OMIT are not looked at.
CASE(now_and_omit) {
	struct timespec t[2] = {{123456, UTIME_OMIT}, {20, 5}};
	put_file("f", "", 0644);
	REQUIRE_OK(nofollow("f"));
	CHECK_OK(syscall(SYS_utimensat, AT_FDCWD, "f", t, 0));
	OBSERVE("only mtime", "%s", times_text("f"));
	struct timespec u[2] = {{30, 6}, {-5, UTIME_OMIT}};
	CHECK_OK(syscall(SYS_utimensat, AT_FDCWD, "f", u, 0));
	OBSERVE("only atime", "%s", times_text("f"));
	struct stat f = stat_of("f");
	next_stamp();
	struct timespec neither[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
	CHECK_OK(syscall(SYS_utimensat, AT_FDCWD, "f", neither, 0));
	OBSERVE("neither", "%s", times_moved(&f, "f"));
	OBSERVE_RET("neither, missing", syscall(SYS_utimensat, AT_FDCWD, "missing", neither, 0));
	OBSERVE_RET("neither, bad fd", syscall(SYS_utimensat, -1, "x", neither, 0));
	struct timespec now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
	CHECK_OK(syscall(SYS_utimensat, AT_FDCWD, "f", now, 0));
	OBSERVE("mtime now", "%s", times_moved(&f, "f"));
}

CASE(rights_for_now_and_omit, "root") {
	static const struct {
		const char *name;
		struct timespec t[2];
	} times[] = {{"now, now", {{0, UTIME_NOW}, {0, UTIME_NOW}}}, {"now, omit", {{0, UTIME_NOW}, {0, UTIME_OMIT}}},
		     {"omit, omit", {{0, UTIME_OMIT}, {0, UTIME_OMIT}}}, {"now, then", {{0, UTIME_NOW}, {1, 0}}}};
	put_file("writable", "", 0666);
	put_file("readable", "", 0644);
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
			OBSERVE_RET(name("writable: %s", times[i].name), syscall(SYS_utimensat, AT_FDCWD, "writable", times[i].t, 0));
			OBSERVE_RET(name("readable: %s", times[i].name), syscall(SYS_utimensat, AT_FDCWD, "readable", times[i].t, 0));
		}
	}
}

CASE(descriptor_itself) {
	int fd = make_file("f", "");
	put_link("f", "l");
	CHECK_OK(syscall(SYS_utimensat, fd, NULL, one, 0));
	OBSERVE("times", "%s", times_text("f"));
	OBSERVE_RET("NULL and a flag", syscall(SYS_utimensat, fd, NULL, one, AT_SYMLINK_NOFOLLOW));
	OBSERVE_RET("NULL and AT_FDCWD", syscall(SYS_utimensat, AT_FDCWD, NULL, one, 0));
	OBSERVE_RET("NULL and O_PATH", syscall(SYS_utimensat, open("f", O_PATH), NULL, one, 0));
	CHECK_OK(syscall(SYS_utimensat, AT_FDCWD, "l", (struct timespec[]){{7, 0}, {8, 0}}, AT_SYMLINK_NOFOLLOW));
	OBSERVE("link's times", "%s", times_text("l"));
	OBSERVE("file's times", "%s", times_text("f"));
}

// A nanosecond out of range is seen once the file is found.
CASE(wrong_time_of_a_missing_file) {
	struct timespec wrong[2] = {{1, 1000000000}, {1, 0}}, negative[2] = {{1, -1}, {1, 0}};
	OBSERVE_RET("too large", syscall(SYS_utimensat, AT_FDCWD, "nothing", wrong, 0));
	OBSERVE_RET("negative", syscall(SYS_utimensat, AT_FDCWD, "nothing", negative, 0));
	OBSERVE_RET("descriptor", syscall(SYS_utimensat, 999, NULL, wrong, 0));
	put_file("f", "", 0644);
	OBSERVE_RET("there", syscall(SYS_utimensat, AT_FDCWD, "f", negative, 0));
}

// Of what has no times to set, by one whom it belongs to and by one whom not.
CASE(of_anonymous_files, "root kernel>=5.8") {
	struct timespec t[2] = {{1, 0}, {2, 0}}, now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}, half[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
	int fds[] = {REQUIRE_OK(epoll_create1(0)), REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0))};
	for (int nobody = 0; nobody < 2; nobody++) {
		IN_CHILD(NULL) {
			if (nobody)
				become_nobody();
			for (int i = 0; i < 2; i++) {
				OBSERVE_RET(name("%d, %d: times", nobody, i), syscall(SYS_utimensat, fds[i], "", t, AT_EMPTY_PATH));
				OBSERVE_RET(name("%d, %d: now", nobody, i), syscall(SYS_utimensat, fds[i], "", now, AT_EMPTY_PATH));
				OBSERVE_RET(name("%d, %d: one of them", nobody, i), syscall(SYS_utimensat, fds[i], "", half, AT_EMPTY_PATH));
			}
		}
	}
}
