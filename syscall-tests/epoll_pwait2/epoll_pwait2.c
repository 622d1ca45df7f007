// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_pwait2: epoll_pwait with a timeout in nanoseconds.
#include "../harness/epolls.h"

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

static long masked(int ep, struct epoll_event *ev, int n, int ms, const void *set, size_t size) {
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
	return syscall(SYS_epoll_pwait2, ep, ev, n, ms < 0 ? NULL : &t, set, size);
}
static long wait_(int ep, struct epoll_event *ev, int n, int ms) { return masked(ep, ev, n, ms, NULL, 0); }

EPOLL_CASES(wait_)

CASE(pending_signal_let_in) {
	int ep = REQUIRE_OK(epoll_create1(0));
	struct epoll_event ev;
	uint64_t none = 0;
	log_on(SIGUSR1, SA_RESTART, 0);
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGUSR2));
	raise(SIGUSR1);
	CHECK_ERR(masked(ep, &ev, 1, -1, &none, 8), EINTR);
	OBSERVE("handled", "%s", log_text());
	OBSERVE("mask in the handler", "%s", set_text(sig_log_mask[0]));
	OBSERVE("mask afterwards", "%s", set_text(kmask_now()));
	ep_add(ep, REQUIRE_OK(eventfd(1, 0)), EPOLLIN, 1);
	raise(SIGUSR1);
	OBSERVE_RET("ready wins", masked(ep, &ev, 1, -1, &none, 8));
	OBSERVE("handled then", "%s", log_text());
}

CASE(mask_errors) {
	int ep = REQUIRE_OK(epoll_create1(0));
	struct epoll_event ev;
	uint64_t none = 0;
	for (size_t size = 0; size <= 16; size += 4) {
		OBSERVE_RET(name("size %d", (int)size), masked(ep, &ev, 1, 0, &none, size));
		OBSERVE_RET(name("no mask, size %d", (int)size), masked(ep, &ev, 1, 0, NULL, size));
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), masked(ep, &ev, 1, 0, b->p, 8));
	OBSERVE_RET("bad mask, bad fd", masked(99, &ev, 1, 0, bad_ptr(), 8));
	OBSERVE_RET("bad size, bad fd", masked(99, &ev, 1, 0, &none, 4));
}

CASE(times) {
	int ep = REQUIRE_OK(epoll_create1(0));
	struct epoll_event ev;
	struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}, {0, 5000000}, {0, 1}}, max = {INT64_MAX, 999999999};
	for (size_t i = 0; i < COUNT(bad); i++)
		OBSERVE_RET(name("time %d", (int)i), syscall(SYS_epoll_pwait2, ep, &ev, 1, &bad[i], NULL, 0));
	OBSERVE("not changed", "%ld", bad[3].tv_nsec);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), syscall(SYS_epoll_pwait2, ep, &ev, 1, b->p, NULL, 0));
	ep_add(ep, REQUIRE_OK(eventfd(1, 0)), EPOLLIN, 1);
	OBSERVE_RET("the longest time", syscall(SYS_epoll_pwait2, ep, &ev, 1, &max, NULL, 0));
	OBSERVE_RET("bad time, ready", syscall(SYS_epoll_pwait2, ep, &ev, 1, &bad[0], NULL, 0));
}
