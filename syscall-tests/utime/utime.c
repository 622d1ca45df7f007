// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utime: times in whole seconds
#include "../harness/utimes.h"

#include <utime.h>

static long call(const char *path, bool now, struct timespec a, struct timespec m) {
	struct utimbuf b = {a.tv_sec, m.tv_sec};
	return syscall(SYS_utime, path, now ? NULL : &b);
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
	struct utimbuf b = {1, 2};
	put_file("f", "", 0644);
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, syscall(SYS_utime, "f", p->p));
	CHECK_OK(syscall(SYS_utime, "f", guard_copy(&b, sizeof b)));
	CHECK_ERR(syscall(SYS_utime, "f", guard_copy(&b, 8)), EFAULT);
	OBSERVE("times", "%s", times_text("f"));
}
