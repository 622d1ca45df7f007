// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ppoll: poll with a mask for the time of the call, and a timeout that tells what is left.
#include "../harness/ready.h"
#include "../harness/signals.h"

static long kppoll(struct pollfd *p, unsigned n, struct timespec *t, const uint64_t *set, size_t size) {
	return syscall(SYS_ppoll, p, n, t, set, size);
}

static const char *look(int fd) {
	struct pollfd p = {fd, (short)ALL_EVENTS, 0};
	struct timespec zero = {0, 0};
	long r = kppoll(&p, 1, &zero, NULL, 0);
	return name("%ld %s", r, events_text((unsigned short)p.revents));
}

READY_CASES(look)

CASE(pending_signal_let_in) {
	log_on(SIGUSR1, SA_RESTART, 0);
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGUSR2));
	raise(SIGUSR1);
	uint64_t none = 0;
	CHECK_ERR(kppoll(NULL, 0, NULL, &none, 8), EINTR);
	OBSERVE("handled", "%s", log_text());
	OBSERVE("mask in the handler", "%s", set_text(sig_log_mask[0]));
	OBSERVE("mask afterwards", "%s", set_text(kmask_now()));
}

// What is ready wins over a signal that the mask lets in.
CASE(ready_and_pending_signal) {
	struct pollfd p = {REQUIRE_OK(eventfd(1, 0)), POLLIN, 0};
	uint64_t none = 0;
	log_on(SIGUSR1, 0, 0);
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	raise(SIGUSR1);
	OBSERVE_RET("ppoll", kppoll(&p, 1, NULL, &none, 8));
	OBSERVE("handled", "%s", log_text());
	OBSERVE("still pending", "%s", set_text(kpending()));
	struct timespec zero = {0, 0};
	OBSERVE_RET("nothing ready, no time", kppoll(NULL, 0, &zero, &none, 8));
	OBSERVE("handled then", "%s", log_text());
}

CASE(mask_keeps_a_signal_out) {
	uint64_t usr1 = BIT(SIGUSR1) | BIT(SIGKILL) | BIT(SIGSTOP);
	struct timespec t = {0, 10000000};
	log_on(SIGUSR1, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR2);
	log_on(SIGUSR2, SA_RESTART, 0);
	CHECK_ERR(kppoll(NULL, 0, NULL, &usr1, 8), EINTR);
	CHECK(interrupt_done(&it));
	OBSERVE("handled", "%s", log_text());
	CHECK_EQ(kppoll(NULL, 0, &t, &usr1, 8), 0);
	OBSERVE("mask afterwards", "%s", set_text(kmask_now()));
}

CASE(remaining_time) {
	struct timespec t = {100, 0};
	struct pollfd p = {REQUIRE_OK(eventfd(1, 0)), POLLIN, 0};
	CHECK_EQ(kppoll(&p, 1, &t, NULL, 0), 1);
	CHECK(t.tv_sec <= 100 && t.tv_sec > 50);
	t = (struct timespec){0, 5000000};
	CHECK_EQ(kppoll(NULL, 0, &t, NULL, 0), 0);
	OBSERVE("left when it is over", "%ld %ld", (long)t.tv_sec, t.tv_nsec);
	t = (struct timespec){100, 999999999};
	log_on(SIGUSR1, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(kppoll(NULL, 0, &t, NULL, 0), EINTR);
	CHECK(interrupt_done(&it));
	CHECK(t.tv_sec <= 100 && t.tv_sec > 50);
	// It can't be written to a page that is read-only, and that is no error.
	struct timespec *ro = readonly_page();
	OBSERVE_RET("read-only timeout", kppoll(&p, 1, ro, NULL, 0));
}

CASE(errors) {
	struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}, {0, 999999999 + 2L}, {INT64_MIN, 0}}, zero = {0, 0}, max = {INT64_MAX, 0};
	uint64_t set = 0;
	struct pollfd p = {REQUIRE_OK(eventfd(1, 0)), POLLIN, 0};
	for (size_t i = 0; i < COUNT(bad); i++)
		OBSERVE_RET(name("timeout %d", (int)i), kppoll(&p, 1, &bad[i], NULL, 0));
	OBSERVE_RET("the longest time", kppoll(&p, 1, &max, NULL, 0));
	for (size_t size = 0; size <= 16; size++)
		OBSERVE_RET(name("set of %d", (int)size), kppoll(&p, 1, &zero, &set, size));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("fds %s", b->name), kppoll(b->p, 1, &zero, NULL, 0));
		OBSERVE_RET(name("time %s", b->name), kppoll(&p, 1, b->p, NULL, 0));
		OBSERVE_RET(name("set %s", b->name), kppoll(&p, 1, &zero, b->p, 8));
		OBSERVE_RET(name("set %s, size 4", b->name), kppoll(&p, 1, &zero, b->p, 4));
	}
	OBSERVE_RET("bad time and bad set", kppoll(&p, 1, &bad[0], bad_ptr(), 8));
	OBSERVE_RET("no set, size 99", kppoll(&p, 1, &zero, NULL, 99));
}
