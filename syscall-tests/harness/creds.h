// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that change user and group ids: a grid of starting states and arguments, each tried in a
// thread of its own, so that the whole transition table of a call is observed.
#ifndef DITTO_HARNESS_CREDS_H
#define DITTO_HARNESS_CREDS_H

#include "harness.h"

#include <linux/capability.h>
#include <sys/prctl.h>

enum id_kind { USER, GROUP };

struct ids {
	unsigned r, e, s, f;
};

// The calling thread's ids. The file-system id is what setfsuid(-1) returns: it never succeeds, and tells the old one.
static inline struct ids get_ids(enum id_kind kind) {
	struct ids i;
	REQUIRE_OK(syscall(kind == USER ? SYS_getresuid : SYS_getresgid, &i.r, &i.e, &i.s));
	i.f = syscall(kind == USER ? SYS_setfsuid : SYS_setfsgid, -1);
	return i;
}

static inline const char *ids_text(enum id_kind kind) {
	struct ids i = get_ids(kind);
	return name("%u %u %u %u", i.r, i.e, i.s, i.f);
}

// The capability sets in one word: "full" is all that the case started with.
static inline const char *caps_text(void) {
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2];
	REQUIRE_OK(syscall(SYS_capget, &h, d));
	bool p = d[0].permitted | d[1].permitted, e = d[0].effective | d[1].effective, i = d[0].inheritable | d[1].inheritable;
	return name("%s%s%s", p ? "p" : "-", e ? "e" : "-", i ? "i" : "-");
}

static inline void set_caps(bool keep) {
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{0}};
	REQUIRE_OK(syscall(SYS_capget, &h, d));
	for (int i = 0; i < 2; i++) {
		d[i].effective = keep ? d[i].permitted : 0;
		d[i].permitted = keep ? d[i].permitted : 0;
		d[i].inheritable = 0;
	}
	REQUIRE_OK(syscall(SYS_capset, &h, d));
}

// Takes on three ids, as root, and then keeps every capability in force, or none.
static inline void become(enum id_kind kind, const int ids[3], bool caps) {
	REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1));
	REQUIRE_OK(syscall(kind == USER ? SYS_setresuid : SYS_setresgid, ids[0], ids[1], ids[2]));
	set_caps(caps);
	REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 0));
}

static const int start_states[][3] = {{1, 2, 3}, {0, 1, 2}, {0, 0, 0}, {1, 0, 3}, {1, 1, 0}, {1, 1, 1}};
static const long id_arguments[] = {-1, 0, 1, 3, 4, 2};
#define COUNT(a) (int)(sizeof(a) / sizeof((a)[0]))

struct transition {
	enum id_kind kind;
	long nr, args[3];
	const int *from;
	bool caps;
	char text[96]; // the ids and capabilities after the call, or its errno (and whether the ids changed all the same)
};

// One transition, in a thread of its own: the raw calls change that alone, and it costs less than a process.
static inline void *transition(void *arg) {
	struct transition *t = arg;
	become(t->kind, t->from, t->caps);
	struct ids before = get_ids(t->kind);
	errno = 0;
	long r = syscall(t->nr, t->args[0], t->args[1], t->args[2]);
	int err = errno;
	struct ids after = get_ids(t->kind);
	if (r == -1)
		snprintf(t->text, sizeof t->text, "%s%s", errno_name(err), memcmp(&before, &after, sizeof after) ? " but changed" : "");
	else
		snprintf(t->text, sizeof t->text, "%u.%u.%u.%u%s", after.r, after.e, after.s, after.f, t->kind == USER ? caps_text() : "");
	return NULL;
}

// Observes a call of nargs ids from every starting state, with and without capabilities: a value holds the
// transitions for all last arguments (-1, 0, 1, 3, 4, 2). Three ids are tried from the first two states and without the
// last value: the others add nothing but time.
static inline void observe_transitions(enum id_kind kind, long nr, int nargs, bool caps) {
	int rows = 1, n = COUNT(id_arguments) - (nargs == 3), states = nargs == 3 ? 2 : COUNT(start_states);
	for (int i = 1; i < nargs; i++)
		rows *= n;
	for (int s = 0; s < states; s++)
		for (int row = 0; row < rows; row++) {
			char line[1024] = "", what[96];
			int len = 0;
			struct transition t = {.kind = kind, .nr = nr, .from = start_states[s], .caps = caps};
			long *a = t.args;
			if (nargs == 2)
				a[0] = id_arguments[row];
			if (nargs == 3) {
				a[0] = id_arguments[row / n];
				a[1] = id_arguments[row % n];
			}
			for (int i = 0; i < n; i++) {
				a[nargs - 1] = id_arguments[i];
				thread_join(thread_start(transition, &t));
				len += snprintf(line + len, sizeof line - len, "%s%s", i ? " " : "", t.text);
			}
			snprintf(what, sizeof what, "%d.%d.%d%s%s%s", start_states[s][0], start_states[s][1], start_states[s][2],
				 caps ? " with caps" : "", nargs > 1 ? name(" %ld", a[0]) : "", nargs > 2 ? name(" %ld", a[1]) : "");
			OBSERVE(what, "%s", line);
		}
}

#endif
