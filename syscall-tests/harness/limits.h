// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that make descriptors: how do they meet RLIMIT_NOFILE, and do they leave anything behind?
#ifndef DITTO_HARNESS_LIMITS_H
#define DITTO_HARNESS_LIMITS_H

#include "harness.h"

#include <dirent.h>
#include <sys/resource.h>

// The open descriptors below 100: "0 1 2 5".
static inline const char *open_descriptors(void) {
	static char text[4][400];
	static int turn;
	char *t = text[turn++ % 4];
	t[0] = 0;
	for (int fd = 0; fd < 100; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			snprintf(t + strlen(t), 400 - strlen(t), "%s%d", t[0] ? " " : "", fd);
	return t;
}

static inline void limit_descriptors(unsigned n) {
	struct rlimit l;
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &l));
	l.rlim_cur = n;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &l));
}

// The call when 20 descriptors are open: with no room, with room for one and for two, and when the limit is below what is open.
static inline void observe_descriptor_limit(void (*before)(void), long (*call)(void)) {
	if (before)
		before();
	int last;
	while ((last = REQUIRE_OK(dup(0))) < 19)
		;
	for (int room = 0; room < 4; room++) {
		limit_descriptors(room < 3 ? last + 1 + room : 5);
		const char *word = room < 3 ? name("room for %d", room) : "far below";
		OBSERVE_OK(word, call());
		limit_descriptors(200);
		OBSERVE(name("%s: open", word), "%s", open_descriptors());
		for (int fd = last + 1; fd < 100; fd++)
			close(fd);
	}
	close(7);
	limit_descriptors(last + 1);
	OBSERVE_OK("a gap", call());
	limit_descriptors(200);
	OBSERVE("a gap: open", "%s", open_descriptors());
}

#define DESCRIPTOR_LIMIT(ident, before, expr)                                                                         \
	static void limit_before_##ident(void) { before; }                                                            \
	static long limit_call_##ident(void) { return (long)(expr); }                                                 \
	CASE(ident##_at_the_limit_of_descriptors) { observe_descriptor_limit(limit_before_##ident, limit_call_##ident); }

#endif
