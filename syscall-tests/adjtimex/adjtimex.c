// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// adjtimex: the clock's state can be read by all, and set by none of them.
#include "../harness/timerfds.h"

#include <sys/timex.h>

static long adj(void *t) { return syscall(SYS_adjtimex, t); }

CASE(read_only) {
	struct timex t;
	memset(&t, 0, sizeof t);
	OBSERVE_OK("nothing changed", adj(&t));
	CHECK(t.tick >= 9000 && t.tick <= 11000);
	CHECK(t.time.tv_usec >= 0);
	OBSERVE("tick and tolerance", "%ld %ld", (long)t.tick, (long)t.tolerance);
	memset(&t, 0, sizeof t);
	t.modes = ADJ_OFFSET_SS_READ;
	OBSERVE_OK("ADJ_OFFSET_SS_READ", adj(&t));
}

CASE(without_the_right) {
	static const struct {
		const char *name;
		unsigned mode;
	} modes[] = {{"OFFSET", ADJ_OFFSET}, {"FREQUENCY", ADJ_FREQUENCY}, {"MAXERROR", ADJ_MAXERROR}, {"STATUS", ADJ_STATUS},
		     {"TIMECONST", ADJ_TIMECONST}, {"TAI", ADJ_TAI}, {"TICK", ADJ_TICK}, {"SINGLESHOT", ADJ_OFFSET_SINGLESHOT},
		     {"SETOFFSET", ADJ_SETOFFSET}, {"NANO", ADJ_NANO}};
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < COUNT(modes); i++) {
			struct timex t;
			memset(&t, 0, sizeof t);
			t.modes = modes[i].mode;
			OBSERVE_OK(modes[i].name, adj(&t));
		}
		struct timex t;
		memset(&t, 0, sizeof t);
		t.modes = ADJ_OFFSET_SINGLESHOT & ~1U & 0x8000;
		OBSERVE_OK("0x8000 alone", adj(&t));
		memset(&t, 0, sizeof t);
		t.modes = ADJ_TICK;
		t.tick = 1;
		OBSERVE_OK("bad tick", adj(&t));
	}
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), adj(b->p));
	CHECK_ERR(adj(NULL), EFAULT);
}
