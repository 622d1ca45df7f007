// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of timers: intervals in ns, and what is left of them in words that don't depend on the moment.
#ifndef DITTO_HARNESS_TIMERFDS_H
#define DITTO_HARNESS_TIMERFDS_H

#include "ready.h"
#include "signals.h"

#define MS 1000000LL
#define SEC 1000000000LL

static inline struct timespec ns_spec(int64_t ns) { return (struct timespec){ns / SEC, ns % SEC}; }
static inline int64_t spec_ns(struct timespec t) { return t.tv_sec * SEC + t.tv_nsec; }
static inline struct itimerspec spec(int64_t value, int64_t interval) {
	return (struct itimerspec){.it_value = ns_spec(value), .it_interval = ns_spec(interval)};
}

// "off", "up to 100 s" (of which less than 60 have gone), or the value, for what is left of a timer set to 100 s.
static inline const char *left_text(struct itimerspec t) {
	int64_t v = spec_ns(t.it_value);
	return name("%s, every %lld ns", v == 0 ? "off" : v > 100 * SEC ? "more than 100 s" : v > 40 * SEC ? "up to 100 s" : "little",
		    (long long)spec_ns(t.it_interval));
}

#endif
