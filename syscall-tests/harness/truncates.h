// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of truncate and ftruncate: lengths, limits, times and bits.
#ifndef DITTO_HARNESS_TRUNCATES_H
#define DITTO_HARNESS_TRUNCATES_H

#include "files.h"

typedef long (*truncate_call)(const char *path, long length);

// The largest file differs between file systems; a terabyte fits them all.
static inline void observe_truncate_lengths(truncate_call call) {
	static const long lengths[] = {7, 3, 0, 1, 4096, 4097, 1l << 31, 1l << 32, 1l << 40, -1, LONG_MIN, 5};
	put_file("f", "content", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		OBSERVE_RET(name("to %ld", lengths[i]), call("f", lengths[i]));
		OBSERVE(name("to %ld: file", lengths[i]), "%s", entry_text("f"));
	}
}

// What was cut off does not come back.
static inline void check_truncate_zeros(truncate_call call) {
	static char buf[9000];
	int fd = make_file("f", repeat("content", 8000, ""));
	CHECK_OK(call("f", 3));
	CHECK_OK(call("f", 8500));
	CHECK_EQ(pread(fd, buf, sizeof buf, 0), 8500);
	int others = 0;
	for (int i = 3; i < 8500; i++)
		others += buf[i] != 0;
	CHECK_EQ(others, 0);
	CHECK_EQ(memcmp(buf, "con", 3), 0);
	// The position stays, beyond the end if need be.
	REQUIRE_OK(lseek(fd, 8000, SEEK_SET));
	CHECK_OK(call("f", 10));
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 8000);
	CHECK_EQ(read(fd, buf, 1), 0);
}

static inline void observe_truncate_limit(truncate_call call) {
	put_file("f", "content", 0644);
	sig_catch(SIGXFSZ, 0);
	limit_fsize(10);
	OBSERVE_RET("to the limit", call("f", 10));
	OBSERVE_RET("beyond", call("f", 11));
	OBSERVE("signals", "%d", sig_count[SIGXFSZ]);
	limit_fsize(5);
	OBSERVE_RET("down, still beyond", call("f", 8));
	OBSERVE("signals then", "%d", sig_count[SIGXFSZ]);
	OBSERVE("file", "%s", entry_text("f"));
}

static inline void observe_truncate_times(truncate_call call) {
	put_file("f", "content", 0644);
	struct stat f = stat_of("f");
	next_stamp();
	CHECK_OK(call("f", 7));
	OBSERVE("to the same length", "%s", times_moved(&f, "f"));
	f = stat_of("f");
	next_stamp();
	CHECK_OK(call("f", 3));
	OBSERVE("to another", "%s", times_moved(&f, "f"));
}

static inline void observe_truncate_setid(truncate_call call) {
	put_file("f", "content", 0644);
	REQUIRE_OK(chown("f", 65534, 65534));
	for (int who = 0; who < 2; who++) {
		REQUIRE_OK(chmod("f", 06755));
		IN_CHILD(NULL) {
			if (who)
				become_nobody();
			CHECK_OK(call("f", 3 - who));
		}
		OBSERVE(who ? "nobody" : "root", "%s", entry_text("f"));
	}
}

#endif
