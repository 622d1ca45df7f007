// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_ctl: its operations and errnos, what can be added, EPOLLEXCLUSIVE, nesting and its loops, and closed descriptors.
#include "../harness/epolls.h"

static long ctl(int ep, int op, int fd, void *ev) { return syscall(SYS_epoll_ctl, ep, op, fd, ev); }
static long wait0(int ep, struct epoll_event *ev, int n, int ms) { return epoll_wait(ep, ev, n, ms); }

CASE(operations) {
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(1, 0));
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = 3};
	OBSERVE_RET("MOD before ADD", ctl(ep, EPOLL_CTL_MOD, e, &ev));
	OBSERVE_RET("DEL before ADD", ctl(ep, EPOLL_CTL_DEL, e, &ev));
	OBSERVE_RET("ADD", ctl(ep, EPOLL_CTL_ADD, e, &ev));
	OBSERVE_RET("ADD twice", ctl(ep, EPOLL_CTL_ADD, e, &ev));
	ev.data.u64 = 4;
	OBSERVE_RET("MOD", ctl(ep, EPOLL_CTL_MOD, e, &ev));
	OBSERVE("then", "%s", ep_text(wait0, ep));
	int d = REQUIRE_OK(dup(e));
	OBSERVE_RET("DEL of a duplicate", ctl(ep, EPOLL_CTL_DEL, d, NULL));
	OBSERVE_RET("ADD of a duplicate", ctl(ep, EPOLL_CTL_ADD, d, &ev));
	OBSERVE("both", "%s", ep_text(wait0, ep));
	OBSERVE_RET("DEL without event", ctl(ep, EPOLL_CTL_DEL, e, NULL));
	OBSERVE_RET("DEL, bad event", ctl(ep, EPOLL_CTL_DEL, d, bad_ptr()));
	OBSERVE("none", "%s", ep_text(wait0, ep));
	static const int ops[] = {0, 4, -1, INT32_MAX};
	for (size_t i = 0; i < COUNT(ops); i++) {
		OBSERVE_RET(name("op %d", ops[i]), ctl(ep, ops[i], e, &ev));
		OBSERVE_RET(name("op %d, bad fds", ops[i]), ctl(99, ops[i], 98, &ev));
		OBSERVE_RET(name("op %d, bad pointer", ops[i]), ctl(ep, ops[i], e, bad_ptr()));
	}
}

CASE(errors) {
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(1, 0)), f = make_file("f", "x");
	struct epoll_event ev = {.events = EPOLLIN};
	CHECK_ERR(ctl(99, EPOLL_CTL_ADD, e, &ev), EBADF);
	CHECK_ERR(ctl(ep, EPOLL_CTL_ADD, 99, &ev), EBADF);
	CHECK_ERR(ctl(e, EPOLL_CTL_ADD, e, &ev), EINVAL);
	CHECK_ERR(ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL);
	CHECK_ERR(ctl(ep, EPOLL_CTL_ADD, f, &ev), EPERM);
	OBSERVE_RET("not an epoll, and a file", ctl(e, EPOLL_CTL_ADD, f, &ev));
	OBSERVE_RET("MOD of a file", ctl(ep, EPOLL_CTL_MOD, f, &ev));
	OBSERVE_RET("directory", ctl(ep, EPOLL_CTL_ADD, open(".", O_RDONLY), &ev));
	OBSERVE_RET("O_PATH", ctl(ep, EPOLL_CTL_ADD, open(".", O_PATH), &ev));
	OBSERVE_RET("/dev/null", ctl(ep, EPOLL_CTL_ADD, 0, &ev));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("ADD %s", b->name), ctl(ep, EPOLL_CTL_ADD, e, b->p));
		OBSERVE_RET(name("ADD %s, bad fds", b->name), ctl(99, EPOLL_CTL_ADD, 98, b->p));
	}
	CHECK_ERR(ctl(ep, EPOLL_CTL_ADD, e, NULL), EFAULT);
	CHECK_ERR(ctl(ep, EPOLL_CTL_ADD, e, guard_end(11)), EFAULT);
	CHECK_EQ(ctl(ep, EPOLL_CTL_ADD, e, guard_end(12)), 0);
}

CASE(exclusive) {
	int ep = REQUIRE_OK(epoll_create1(0)), inner = REQUIRE_OK(epoll_create1(0));
	static const unsigned with[] = {0, EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLWAKEUP, EPOLLET, EPOLLRDHUP, EPOLLPRI,
					EPOLLONESHOT, EPOLLRDNORM, EPOLLIN | EPOLLOUT | EPOLLET};
	for (size_t i = 0; i < COUNT(with); i++) {
		int e = REQUIRE_OK(eventfd(1, 0));
		struct epoll_event ev = {.events = EPOLLEXCLUSIVE | with[i]};
		OBSERVE_RET(name("with %#x", with[i]), ctl(ep, EPOLL_CTL_ADD, e, &ev));
		OBSERVE_RET(name("MOD to it, with %#x", with[i]), ctl(ep, EPOLL_CTL_MOD, e, &ev));
		ev.events = EPOLLIN;
		OBSERVE_RET(name("MOD away, with %#x", with[i]), ctl(ep, EPOLL_CTL_MOD, e, &ev));
	}
	struct epoll_event ev = {.events = EPOLLEXCLUSIVE | EPOLLIN};
	OBSERVE_RET("an epoll", ctl(ep, EPOLL_CTL_ADD, inner, &ev));
}

CASE(nested) {
	int outer = REQUIRE_OK(epoll_create1(0)), inner = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(0, 0));
	uint64_t v = 1;
	ep_add(inner, e, EPOLLIN, 1);
	ep_add(outer, inner, EPOLLIN, 2);
	OBSERVE("nothing", "%s", ep_text(wait0, outer));
	REQUIRE(write(e, &v, 8) == 8);
	OBSERVE("outer", "%s", ep_text(wait0, outer));
	OBSERVE("inner", "%s", ep_text(wait0, inner));
	OBSERVE("poll of outer", "%s", poll_text(outer));
	REQUIRE(read(e, &v, 8) == 8);
	OBSERVE("outer, after the read", "%s", ep_text(wait0, outer));
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET};
	REQUIRE_OK(ctl(outer, EPOLL_CTL_MOD, inner, &ev));
	REQUIRE(write(e, &v, 8) == 8);
	OBSERVE("outer, edge", "%s", ep_text(wait0, outer));
	OBSERVE("outer, edge, again", "%s", ep_text(wait0, outer));
}

CASE(loops_and_depth) {
	int chain[8], a = REQUIRE_OK(epoll_create1(0)), b = REQUIRE_OK(epoll_create1(0)), c = REQUIRE_OK(epoll_create1(0));
	struct epoll_event ev = {.events = EPOLLIN};
	ep_add(a, b, EPOLLIN, 0);
	OBSERVE_RET("loop of two", ctl(b, EPOLL_CTL_ADD, a, &ev));
	ep_add(b, c, EPOLLIN, 0);
	OBSERVE_RET("loop of three", ctl(c, EPOLL_CTL_ADD, a, &ev));
	OBSERVE_RET("diamond", ctl(a, EPOLL_CTL_ADD, c, &ev));
	for (int i = 0; i < 8; i++)
		chain[i] = REQUIRE_OK(epoll_create1(0));
	for (int i = 0; i < 7; i++)
		OBSERVE_RET(name("added at the bottom, depth %d", i + 2), ctl(chain[i], EPOLL_CTL_ADD, chain[i + 1], &ev));
	for (int i = 0; i < 8; i++)
		chain[i] = REQUIRE_OK(epoll_create1(0));
	for (int i = 6; i >= 0; i--)
		OBSERVE_RET(name("added at the top, depth %d", 8 - i), ctl(chain[i], EPOLL_CTL_ADD, chain[i + 1], &ev));
}

CASE(closed_descriptors) {
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(1, 0));
	struct epoll_event ev = {.events = EPOLLIN};
	ep_add(ep, e, EPOLLIN, 5);
	int d = REQUIRE_OK(dup(e)), number = e;
	close(e);
	OBSERVE("closed, a duplicate is left", "%s", ep_text(wait0, ep));
	OBSERVE_RET("DEL by the closed number", ctl(ep, EPOLL_CTL_DEL, e, NULL));
	int fresh = REQUIRE_OK(eventfd(0, 0));
	CHECK_EQ(fresh, number);
	OBSERVE_RET("ADD of another file with that number", ctl(ep, EPOLL_CTL_ADD, fresh, &ev));
	OBSERVE_RET("DEL takes that one", ctl(ep, EPOLL_CTL_DEL, fresh, NULL));
	OBSERVE("the old one is still there", "%s", ep_text(wait0, ep));
	close(d);
	OBSERVE("closed for good", "%s", ep_text(wait0, ep));
}

CASE(shared_with_a_child) {
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(1, 0));
	IN_CHILD(NULL) ep_add(ep, e, EPOLLIN, 9);
	OBSERVE("added by the child", "%s", ep_text(wait0, ep));
	OBSERVE_RET("DEL by the parent", ctl(ep, EPOLL_CTL_DEL, e, NULL));
}
