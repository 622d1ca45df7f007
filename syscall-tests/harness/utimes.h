// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that set a file's times.
#ifndef DITTO_HARNESS_UTIMES_H
#define DITTO_HARNESS_UTIMES_H

#include "files.h"

// Sets both times to seconds and nanoseconds (cut to what the call can say), or to now.
typedef long (*times_call)(const char *path, bool now, struct timespec atime, struct timespec mtime);

static inline struct timespec ts(long sec, long nsec) { return (struct timespec){sec, nsec}; }

// "a 1.5 m 2.0": the access and the modification time.
static inline const char *times_text(const char *path) {
	struct stat st = stat_of(path);
	return name("a %ld.%09ld m %ld.%09ld", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

// Times that every file system can hold.
static inline void observe_times_set(times_call call) {
	static const long secs[] = {0, 1, 1000000000, 0x7fffffff, -1, -0x7fffffff};
	put_file("f", "", 0644);
	put_dir("d", 0755);
	for (size_t i = 0; i < ARRAY_SIZE(secs); i++) {
		OBSERVE_RET(name("%ld", secs[i]), call("f", false, ts(secs[i], 0), ts(secs[i] / 2, 0)));
		OBSERVE(name("%ld: times", secs[i]), "%s", times_text("f"));
	}
	OBSERVE_RET("directory", call("d", false, ts(5, 0), ts(6, 0)));
	OBSERVE("directory: times", "%s", times_text("d"));
}

static inline void check_times_now(times_call call) {
	struct timespec before, after;
	put_file("f", "", 0644);
	REQUIRE_OK(call("f", false, ts(5, 0), ts(6, 0)));
	before = next_stamp();
	CHECK_OK(call("f", true, ts(0, 0), ts(0, 0)));
	after = next_stamp();
	struct stat st = stat_of("f");
	CHECK(ts_cmp(st.st_atim, st.st_mtim) == 0 && ts_cmp(st.st_mtim, before) >= 0 && ts_cmp(st.st_mtim, after) <= 0);
	CHECK(ts_cmp(st.st_ctim, before) >= 0);
}

// The change time is never set: it moves.
static inline void observe_times_ctime(times_call call) {
	put_file("f", "", 0644);
	struct stat f = stat_of("f");
	next_stamp();
	CHECK_OK(call("f", false, f.st_atim, f.st_mtim));
	OBSERVE("ctime", "%c", times_moved(&f, "f")[2]);
}

// Now may be set by all who can write, any time only by the owner.
static inline void observe_times_rights(times_call call) {
	static const struct {
		const char *file;
		int mode, uid;
	} files[] = {{"mine", 0600, 65534}, {"mine_readonly", 0400, 65534}, {"writable", 0666, 0}, {"readable", 0644, 0}};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		put_file(files[i].file, "", files[i].mode);
		REQUIRE_OK(chown(files[i].file, files[i].uid, files[i].uid));
	}
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			OBSERVE_RET(name("%s, now", files[i].file), call(files[i].file, true, ts(0, 0), ts(0, 0)));
			OBSERVE_RET(name("%s, then", files[i].file), call(files[i].file, false, ts(1, 0), ts(2, 0)));
		}
	}
}

#endif
