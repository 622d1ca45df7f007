// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_wait: what it reports of everything that can be waited for, in which order, and what ends its waiting.
#include "../harness/epolls.h"
#include <sys/resource.h>

static long wait_(int ep, struct epoll_event *ev, int n, int ms) { return syscall(SYS_epoll_wait, ep, ev, n, ms); }

EPOLL_CASES(wait_)

CASE(edges_of_a_writer) {
	int p[2], ep = REQUIRE_OK(epoll_create1(0));
	static char b[65536];
	REQUIRE_OK(pipe(p));
	ep_add(ep, p[1], EPOLLOUT | EPOLLET, 1);
	OBSERVE("fresh", "%s", ep_text(wait_, ep));
	OBSERVE("again", "%s", ep_text(wait_, ep));
	fill(p[1]);
	OBSERVE("full", "%s", ep_text(wait_, ep));
	REQUIRE(read(p[0], b, 1) == 1);
	OBSERVE("one byte read", "%s", ep_text(wait_, ep));
	REQUIRE(read(p[0], b, 65535) == 65535);
	OBSERVE("all read", "%s", ep_text(wait_, ep));
	close(p[0]);
	OBSERVE("reader gone", "%s", ep_text(wait_, ep));
	OBSERVE("reader gone, again", "%s", ep_text(wait_, ep));
}

CASE(edges_of_sockets_and_eventfds) {
	int s[2], ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(0, 0));
	uint64_t v = 1;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	ep_add(ep, s[0], EPOLLIN | EPOLLRDHUP | EPOLLET, 1);
	OBSERVE("nothing", "%s", ep_text(wait_, ep));
	REQUIRE(write(s[1], "a", 1) == 1);
	OBSERVE("data", "%s", ep_text(wait_, ep));
	REQUIRE(write(s[1], "b", 1) == 1);
	OBSERVE("more data", "%s", ep_text(wait_, ep));
	shutdown(s[1], SHUT_WR);
	OBSERVE("half closed", "%s", ep_text(wait_, ep));
	close(s[1]);
	OBSERVE("closed", "%s", ep_text(wait_, ep));
	OBSERVE("again", "%s", ep_text(wait_, ep));
	ep_add(ep, e, EPOLLIN | EPOLLOUT | EPOLLET, 2);
	OBSERVE("eventfd", "%s", ep_text(wait_, ep));
	REQUIRE(write(e, &v, 8) == 8);
	OBSERVE("eventfd, written", "%s", ep_text(wait_, ep));
	REQUIRE(write(e, &v, 8) == 8);
	OBSERVE("eventfd, written again", "%s", ep_text(wait_, ep));
	REQUIRE(read(e, &v, 8) == 8);
	OBSERVE("eventfd, read", "%s", ep_text(wait_, ep));
}

// Of two that wait on the same epoll for one edge, one is woken.
CASE(one_edge_wakes_one_waiter) {
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(0, 0)), up[2];
	pid_t w[2];
	ep_add(ep, e, EPOLLIN | EPOLLET, 1);
	REQUIRE_OK(pipe(up));
	for (int i = 0; i < 2; i++)
		if ((w[i] = harness_fork()) == 0) {
			struct epoll_event ev;
			long n = wait_(ep, &ev, 1, -1);
			(void)!write(up[1], n == 1 ? "1" : "?", 1);
			_exit(0);
		}
	for (int i = 0; i < 2; i++)
		REQUIRE(wait_blocked(w[i], w[i]));
	uint64_t v = 1;
	REQUIRE(write(e, &v, 8) == 8);
	char c = 0;
	REQUIRE(read(up[0], &c, 1) == 1);
	OBSERVE("first", "%c", c);
	int first = waitpid(-1, NULL, 0) == w[0] ? 0 : 1;
	CHECK(wait_blocked(w[1 - first], w[1 - first]));
	REQUIRE(write(e, &v, 8) == 8);
	REQUIRE(read(up[0], &c, 1) == 1);
	CHECK_EQ(wait_for(w[1 - first]), 0);
}

// One call gives as many as are ready and as it has room for.
CASE(thousands_at_once) {
	enum { N = 1500 };
	static struct epoll_event ev[2 * N];
	int ep = REQUIRE_OK(epoll_create1(0)), e = REQUIRE_OK(eventfd(1, 0));
	struct rlimit l;
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &l));
	l.rlim_cur = l.rlim_max;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &l));
	for (int i = 0; i < N; i++)
		ep_add(ep, REQUIRE_OK(dup(e)), EPOLLIN, i);
	CHECK_EQ(wait_(ep, ev, 2 * N, -1), N);
	CHECK_EQ(wait_(ep, ev, N - 1, -1), N - 1);
	OBSERVE("room for more than there are", "%ld", wait_(ep, ev, 2 * N, 0));
}

// A reader hears of what it can read and a writer of room, neither of what it did itself.
CASE(edges_of_both_ends_of_a_pair) {
	static const struct { const char *name; int type; } kinds[] = {{"stream", SOCK_STREAM}, {"seqpacket", SOCK_SEQPACKET}};
	for (unsigned i = 0; i < 2; i++) {
		int s[2], ep = REQUIRE_OK(epoll_create1(0));
		char b[16];
		REQUIRE_OK(socketpair(AF_UNIX, kinds[i].type, 0, s));
		ep_add(ep, s[0], EPOLLIN | EPOLLOUT | EPOLLET, 1);
		ep_add(ep, s[1], EPOLLIN | EPOLLOUT | EPOLLET, 2);
		OBSERVE(name("%s: fresh", kinds[i].name), "%s", ep_text(wait_, ep));
		REQUIRE(write(s[0], "0123456789", 10) == 10);
		OBSERVE(name("%s: written", kinds[i].name), "%s", ep_text(wait_, ep));
		REQUIRE(recv(s[1], b, 4, MSG_PEEK) == 4);
		OBSERVE(name("%s: peeked", kinds[i].name), "%s", ep_text(wait_, ep));
		REQUIRE(read(s[1], b, 4) == 4);
		OBSERVE(name("%s: read in part", kinds[i].name), "%s", ep_text(wait_, ep));
		OBSERVE(name("%s: the rest", kinds[i].name), "%zd", recv(s[1], b, 16, MSG_DONTWAIT));
		OBSERVE(name("%s: read", kinds[i].name), "%s", ep_text(wait_, ep));
		close(s[0]), close(s[1]), close(ep);
	}
}

// Who filled a stream hears of room when three quarters of it are free, not before.
CASE(edge_of_room_in_a_stream) {
	static char b[4096];
	int s[2], ep = REQUIRE_OK(epoll_create1(0)), full = 0, left;
	struct epoll_event ev;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	while (send(s[0], b, sizeof b, MSG_DONTWAIT) == sizeof b)
		full++;
	CHECK(errno == EAGAIN);
	ep_add(ep, s[0], EPOLLOUT | EPOLLET, 1);
	for (left = full; left > 0 && wait_(ep, &ev, 1, 0) == 0; left--)
		REQUIRE(read(s[1], b, sizeof b) == sizeof b);
	CHECK(left > 0);
	OBSERVE("more than an eighth left", "%d", left * 8 >= full);
	OBSERVE("more than three eighths left", "%d", left * 8 > full * 3);
	// Who waits in a send is not told earlier.
	while (send(s[0], b, sizeof b, MSG_DONTWAIT) == sizeof b)
		left++;
	struct pollfd p = {s[0], POLLOUT, 0};
	for (int k = 0; k < full / 2; k++)
		REQUIRE(read(s[1], b, sizeof b) == sizeof b);
	OBSERVE("half full: ready", "%d", poll(&p, 1, 0));
	OBSERVE("half full: send", "%zd", send(s[0], b, sizeof b, MSG_DONTWAIT));
}

// Packets without data take room too.
CASE(edge_of_room_for_empty_packets) {
	int s[2];
	pid_t pid;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
	if ((pid = REQUIRE_OK(fork())) == 0) {
		for (int i = 0; i < 3000; i++)
			if (send(s[0], "", 0, 0))
				_exit(1);
		_exit(0);
	}
	char c;
	int n = 0;
	while (n < 3000 && recv(s[1], &c, 1, 0) == 0)
		n++;
	OBSERVE("received", "%d", n);
	int st;
	REQUIRE(waitpid(pid, &st, 0) == pid);
	OBSERVE("sender", "%#x", st);
}
