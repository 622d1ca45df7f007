// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of epoll_wait and its two successors: each in the form (epfd, events, count, timeout in ms).
#ifndef DITTO_HARNESS_EPOLLS_H
#define DITTO_HARNESS_EPOLLS_H

#include "ready.h"
#include "signals.h"

typedef long (*epoll_call)(int ep, struct epoll_event *ev, int n, int ms);

static inline void ep_add(int ep, int fd, unsigned events, uint64_t data) {
	struct epoll_event ev = {.events = events, .data.u64 = data};
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

// One wait without time, in words.
static inline const char *ep_text(epoll_call wait, int ep) {
	struct epoll_event ev[8];
	static _Thread_local char text[4][400];
	static _Thread_local int turn;
	char *t = text[turn++ % 4];
	errno = 0;
	long n = wait(ep, ev, 8, 0);
	int used = snprintf(t, 400, "%ld%s%s", n, n < 0 ? " " : "", n < 0 ? errno_name(errno) : "");
	for (long i = 0; i < n; i++)
		used += snprintf(t + used, 400 - used, ", %d %s", (int)ev[i].data.u64, events_text(ev[i].events));
	return t;
}

static inline const char *ep_look(epoll_call wait, int fd) {
	int ep = REQUIRE_OK(epoll_create1(0));
	struct epoll_event ev = {.events = ALL_EVENTS, .data.u64 = 1};
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0) {
		close(ep);
		return errno_name(errno);
	}
	const char *t = ep_text(wait, ep);
	close(ep);
	return t;
}

static inline void observe_epoll_errors(epoll_call wait) {
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(1, 0)), p[2];
	static struct epoll_event ev[4]; // far from the end of the address space
	REQUIRE_OK(pipe(p));
	CHECK_ERR(wait(-1, ev, 1, 0), EBADF);
	CHECK_ERR(wait(99, ev, 1, 0), EBADF);
	CHECK_ERR(wait(p[0], ev, 1, 0), EINVAL);
	CHECK_ERR(wait(ep, ev, 0, 0), EINVAL);
	CHECK_ERR(wait(ep, ev, -1, 0), EINVAL);
	OBSERVE_RET("INT_MAX events", wait(ep, ev, INT32_MAX, 0));
	OBSERVE_RET("the most events", wait(ep, ev, INT32_MAX / 12, 0));
	OBSERVE_RET("no event, bad fd", wait(99, ev, 0, 0));
	OBSERVE_RET("bad pointer, bad fd", wait(99, bad_ptr(), 1, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s, nothing ready", b->name), wait(ep, b->p, 1, 0));
	ep_add(ep, e, EPOLLIN | EPOLLET, 1);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s, ready", b->name), wait(ep, b->p, 1, 0));
	OBSERVE_RET("read-only, ready", wait(ep, readonly_page(), 1, 0));
	OBSERVE("the event was not lost", "%s", ep_text(wait, ep));
	ep_add(ep, p[1], EPOLLOUT, 2);
	REQUIRE(write(e, "\1\0\0\0\0\0\0", 8) == 8);
	OBSERVE_RET("room for one of two", wait(ep, guard_end(12), 2, 0));
}

static inline void observe_epoll_modes(epoll_call wait) {
	int p[2], ep = REQUIRE_OK(epoll_create1(0));
	char c;
	REQUIRE_OK(pipe(p));
	ep_add(ep, p[0], EPOLLIN, 1);
	REQUIRE(write(p[1], "ab", 2) == 2);
	OBSERVE("level", "%s", ep_text(wait, ep));
	OBSERVE("level, again", "%s", ep_text(wait, ep));
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.u64 = 2};
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	OBSERVE("edge, after MOD", "%s", ep_text(wait, ep));
	OBSERVE("edge, again", "%s", ep_text(wait, ep));
	REQUIRE(read(p[0], &c, 1) == 1);
	OBSERVE("edge, after a partial read", "%s", ep_text(wait, ep));
	REQUIRE(write(p[1], "c", 1) == 1);
	OBSERVE("edge, after a write", "%s", ep_text(wait, ep));
	OBSERVE("edge, again after that", "%s", ep_text(wait, ep));
	ev.events = EPOLLIN | EPOLLONESHOT;
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	OBSERVE("oneshot", "%s", ep_text(wait, ep));
	OBSERVE("oneshot, again", "%s", ep_text(wait, ep));
	REQUIRE(write(p[1], "d", 1) == 1);
	OBSERVE("oneshot, after a write", "%s", ep_text(wait, ep));
	close(p[1]);
	OBSERVE("oneshot, after a hangup", "%s", ep_text(wait, ep));
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	OBSERVE("oneshot, armed again", "%s", ep_text(wait, ep));
	ev.events = 0;
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	OBSERVE("no events asked, hangup", "%s", ep_text(wait, ep));
}

static inline void observe_epoll_rotation(epoll_call wait) {
	int ep = REQUIRE_OK(epoll_create1(0));
	struct epoll_event ev[2];
	for (int i = 0; i < 5; i++)
		ep_add(ep, REQUIRE_OK(eventfd(1, 0)), EPOLLIN, i);
	for (int round = 0; round < 5; round++) {
		REQUIRE(wait(ep, ev, 2, 0) == 2);
		OBSERVE(name("round %d", round), "%d %d", (int)ev[0].data.u64, (int)ev[1].data.u64);
	}
}

static inline void observe_epoll_waiting(epoll_call wait) {
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(0, 0));
	struct epoll_event ev;
	static const int flags[] = {0, SA_RESTART};
	ep_add(ep, e, EPOLLIN, 7);
	int64_t start = now_ns(CLOCK_MONOTONIC);
	CHECK_EQ(wait(ep, &ev, 1, 20), 0);
	CHECK(now_ns(CLOCK_MONOTONIC) - start >= 20000000);
	for (int i = 0; i < 2; i++) {
		sig_catch(SIGUSR1, flags[i]);
		struct interrupter it = interrupt_me(SIGUSR1);
		CHECK_ERR(wait(ep, &ev, 1, i ? 9000 : -1), EINTR);
		CHECK(interrupt_done(&it));
	}
	struct waker w;
	wake_me(&w, e);
	CHECK_EQ(wait(ep, &ev, 1, -1), 1);
	thread_join(w.thread);
	OBSERVE("event", "%d %s", (int)ev.data.u64, events_text(ev.events));
	// Added while another waits.
	int other = REQUIRE_OK(eventfd(1, 0)), empty = REQUIRE_OK(epoll_create1(0));
	pid_t child = harness_fork();
	if (child == 0)
		_exit(wait(empty, &ev, 1, -1) == 1 ? (int)ev.data.u64 : 99);
	REQUIRE(wait_blocked(child, child));
	ep_add(empty, other, EPOLLIN, 8);
	OBSERVE_STATUS("added while it waits", wait_for(child));
}

#define EPOLL_CASES(wait)                                                                                             \
	static const char *look(int fd) { return ep_look(wait, fd); }                                                 \
	READY_CASES(look)                                                                                             \
	CASE(errors) { observe_epoll_errors(wait); }                                                                  \
	CASE(level_edge_oneshot) { observe_epoll_modes(wait); }                                                       \
	CASE(ready_ones_take_turns) { observe_epoll_rotation(wait); }                                                 \
	CASE(waiting_and_interrupted) { observe_epoll_waiting(wait); }

#endif
