// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futimesat: times in microseconds, from a directory, or of a descriptor itself by a null path
#include "../harness/utimes.h"

static long call(const char *path, bool now, struct timespec a, struct timespec m) {
	struct timeval tv[2] = {{a.tv_sec, a.tv_nsec / 1000}, {m.tv_sec, m.tv_nsec / 1000}};
	return syscall(SYS_futimesat, AT_FDCWD, path, now ? NULL : tv);
}
static long on_path(const char *path) { return call(path, false, ts(1, 0), ts(2, 0)); }

CASE(walk) { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(set) { observe_times_set(call); }
CASE(now) { check_times_now(call); }
CASE(ctime) { observe_times_ctime(call); }
CASE(rights, "root") { observe_times_rights(call); }

CASE(buffer) {
	struct timeval tv[2] = {{1, 2}, {3, 4}};
	put_file("f", "", 0644);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(SYS_futimesat, AT_FDCWD, "f", p->p));
	CHECK_OK(syscall(SYS_futimesat, AT_FDCWD, "f", guard_copy(tv, sizeof tv)));
	CHECK_ERR(syscall(SYS_futimesat, AT_FDCWD, "f", guard_copy(tv, 24)), EFAULT);
	OBSERVE("times", "%s", times_text("f"));
}

CASE(microseconds) {
	static const long us[] = {0, 1, 999999, 1000000, -1, 1000000000, LONG_MIN};
	put_file("f", "", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(us); i++) {
		struct timeval tv[2] = {{10, us[i]}, {20, 0}};
		OBSERVE_RET(name("atime %ld", us[i]), syscall(SYS_futimesat, AT_FDCWD, "f", tv));
		OBSERVE(name("atime %ld: times", us[i]), "%s", times_text("f"));
		struct timeval vt[2] = {{10, 0}, {20, us[i]}};
		OBSERVE_RET(name("mtime %ld", us[i]), syscall(SYS_futimesat, AT_FDCWD, "f", vt));
	}
	OBSERVE_RET("bad times, missing file", syscall(SYS_futimesat, AT_FDCWD, "missing", (struct timeval[]){{0, -1}, {0, -1}}));
}

static const struct timeval one[2] = {{1, 0}, {2, 0}};
static long at(int fd, const char *path) { return syscall(SYS_futimesat, fd, path, one); }
CASE(dirfds) { observe_dirfds(at); }

CASE(null_path) {
	int fd = make_file("f", "");
	CHECK_OK(syscall(SYS_futimesat, fd, NULL, one));
	OBSERVE("times", "%s", times_text("f"));
	OBSERVE_RET("AT_FDCWD", syscall(SYS_futimesat, AT_FDCWD, NULL, one));
	OBSERVE_RET("-1", syscall(SYS_futimesat, -1, NULL, one));
	OBSERVE_RET("O_PATH", syscall(SYS_futimesat, open("f", O_PATH), NULL, one));
}
