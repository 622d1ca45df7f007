// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of setitimer and getitimer.
#ifndef DITTO_HARNESS_ITIMERS_H
#define DITTO_HARNESS_ITIMERS_H

#include "timerfds.h"

#include <sys/time.h>

static inline const char *itimer_text(struct itimerval t) {
	return name("%s, every %ld.%06ld",
		    !t.it_value.tv_sec && !t.it_value.tv_usec ? "off" : t.it_value.tv_sec > 100 ? "more" : t.it_value.tv_sec > 50 ? "up to 100 s" : "little",
		    (long)t.it_interval.tv_sec, (long)t.it_interval.tv_usec);
}

static inline void burn_until(volatile sig_atomic_t *count, int n) {
	volatile unsigned x = 0;
	while (*count < n)
		for (int i = 0; i < 1000; i++)
			x += i;
}

#endif
