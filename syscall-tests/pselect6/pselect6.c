// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pselect6: select with a mask for the time of the call, which comes with its size through one pointer.
#include "../harness/ready.h"
#include "../harness/signals.h"

struct masked {
	const uint64_t *set;
	size_t size;
};

static long kpselect(int n, void *r, void *w, void *e, struct timespec *t, const struct masked *m) {
	return syscall(SYS_pselect6, n, r, w, e, t, m);
}

static const char *look(int fd) {
	fd_set s[3];
	struct timespec zero = {0, 0};
	for (int i = 0; i < 3; i++) {
		FD_ZERO(&s[i]);
		FD_SET(fd, &s[i]);
	}
	errno = 0;
	long n = kpselect(fd + 1, &s[0], &s[1], &s[2], &zero, NULL);
	return name("%ld %s:%s%s%s", n, errno_name(errno), FD_ISSET(fd, &s[0]) ? " read" : "", FD_ISSET(fd, &s[1]) ? " write" : "",
		    FD_ISSET(fd, &s[2]) ? " except" : "");
}

READY_CASES(look)

CASE(pending_signal_let_in) {
	uint64_t none = 0;
	struct masked m = {&none, 8};
	log_on(SIGUSR1, SA_RESTART, 0);
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGUSR2));
	raise(SIGUSR1);
	CHECK_ERR(kpselect(0, NULL, NULL, NULL, NULL, &m), EINTR);
	OBSERVE("handled", "%s", log_text());
	OBSERVE("mask in the handler", "%s", set_text(sig_log_mask[0]));
	OBSERVE("mask afterwards", "%s", set_text(kmask_now()));
}

CASE(interrupted_and_what_is_left) {
	struct timespec t = {100, 5};
	log_on(SIGUSR1, SA_RESTART, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(kpselect(0, NULL, NULL, NULL, &t, NULL), EINTR);
	CHECK(interrupt_done(&it));
	CHECK(t.tv_sec > 50 && t.tv_sec <= 100);
	t = (struct timespec){0, 3000000};
	CHECK_EQ(kpselect(0, NULL, NULL, NULL, &t, NULL), 0);
	OBSERVE("left", "%ld %ld", (long)t.tv_sec, t.tv_nsec);
}

CASE(errors) {
	struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}, {INT64_MIN, INT64_MIN}}, zero = {0, 0};
	uint64_t none = 0;
	CHECK_ERR(kpselect(-1, NULL, NULL, NULL, &zero, NULL), EINVAL);
	for (size_t i = 0; i < COUNT(bad); i++)
		OBSERVE_RET(name("timeout %d", (int)i), kpselect(0, NULL, NULL, NULL, &bad[i], NULL));
	for (size_t size = 0; size <= 16; size += 4) {
		struct masked m = {&none, size};
		OBSERVE_RET(name("set of %d", (int)size), kpselect(0, NULL, NULL, NULL, &zero, &m));
		m.set = NULL;
		OBSERVE_RET(name("no set, size %d", (int)size), kpselect(0, NULL, NULL, NULL, &zero, &m));
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		struct masked m = {b->p, 8};
		OBSERVE_RET(name("set %s", b->name), kpselect(0, NULL, NULL, NULL, &zero, &m));
		OBSERVE_RET(name("pair %s", b->name), kpselect(0, NULL, NULL, NULL, &zero, b->p));
		OBSERVE_RET(name("time %s", b->name), kpselect(0, NULL, NULL, NULL, b->p, NULL));
		OBSERVE_RET(name("read %s", b->name), kpselect(1, b->p, NULL, NULL, &zero, NULL));
	}
}
