// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvfrom: what is seen of a peer that vanishes, resets, closes one half, or never takes what it is sent: killed with and without data
// on the way, before and after the accept, while somebody waits for it.
#include "../harness/inets.h"
#include "../harness/unixes.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

enum { KINDS = 3 };
static const char *const kinds[] = {"inet", "inet6", "unix"};

// A listener of a kind, and a socket that connects to it.
static int listener(int k, int backlog) {
	if (k < 2)
		return in_listener(in_families[k], backlog);
	return un_listener("@vanish", backlog);
}

static int client(int k, int l) {
	int c = k < 2 ? in_socket(in_families[k], SOCK_STREAM) : un_socket(SOCK_STREAM);
	REQUIRE_OK(k < 2 ? in_connect(c, in_families[k], in_port(l)) : un_connect(c, "@vanish"));
	return c;
}

static void pair(int k, int *s) {
	int l = listener(k, 5);
	s[0] = client(k, l);
	s[1] = REQUIRE_OK(accept(l, NULL, NULL));
	close(l);
}

static void reset_on_close(int s) {
	struct linger l = {1, 0};
	REQUIRE_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
}

static int pending_error(int s) {
	int v = -1;
	socklen_t len = sizeof v;
	REQUIRE_OK(getsockopt(s, SOL_SOCKET, SO_ERROR, &v, &len));
	return v;
}

// Everything there is to see of a stream whose peer is gone, to its end.
static void observe_end(const char *what, int s) {
	char b[64];
	sig_catch(SIGPIPE, 0);
	int before = sig_count[SIGPIPE];
	OBSERVE(name("%s: events", what), "%s", poll_text(s));
	for (int i = 0; i < 3; i++) {
		memset(b, 0, sizeof b);
		long n = syscall(SYS_recvfrom, s, b, 5, MSG_DONTWAIT, NULL, NULL);
		OBSERVE(name("%s: recv %d", what, i), "%ld %s '%.5s'", n, n < 0 ? errno_name(errno) : "", b);
	}
	struct sockaddr_storage a;
	socklen_t len = sizeof a;
	OBSERVE_RET(name("%s: getpeername", what), getpeername(s, (void *)&a, &len));
	OBSERVE_RET(name("%s: nothing", what), send(s, b, 0, MSG_NOSIGNAL));
	OBSERVE_RET(name("%s: events then", what), strcmp(poll_text(s), "none") == 0);
	OBSERVE(name("%s: SIGPIPE", what), "%d", (int)sig_count[SIGPIPE] - before);
}

// Sends until the peer's end is noticed: an errno, how often SIGPIPE came, and what the next says.
static void observe_sends(const char *what, int s) {
	sig_catch(SIGPIPE, 0);
	int before = sig_count[SIGPIPE];
	while (send(s, "x", 1, 0) == 1)
		await(s, POLLHUP | POLLERR); // a first one may go out, and be answered by a reset
	OBSERVE(name("%s: send", what), "%s", errno_name(errno));
	OBSERVE_RET(name("%s: send again", what), send(s, "x", 1, MSG_NOSIGNAL));
	OBSERVE(name("%s: SIGPIPE of sends", what), "%d", (int)sig_count[SIGPIPE] - before);
	OBSERVE(name("%s: SO_ERROR", what), "%d", pending_error(s));
	OBSERVE(name("%s: events at last", what), "%s", poll_text(s));
}

// A process has one end, and is killed: with nothing on the way, with data that it did not read, with data that it sent, with both.
CASE(killed_peers) {
	for (int k = 0; k < KINDS; k++)
		for (int how = 0; how < 4; how++) {
			int s[2];
			char what[64];
			snprintf(what, sizeof what, "%s, %s%s", kinds[k], how & 1 ? "unread" : "all read", how & 2 ? ", sent" : "");
			pair(k, s);
			pid_t peer = harness_fork();
			if (peer == 0) {
				close(s[1]);
				if (how & 2)
					send(s[0], "last words", 10, 0);
				for (;;)
					pause();
			}
			close(s[0]);
			if (how & 1)
				REQUIRE(send(s[1], "nobody reads it", 15, 0) == 15);
			if (how & 2)
				await(s[1], POLLIN);
			kill(peer, SIGKILL);
			OBSERVE_STATUS(name("%s: peer", what), wait_for(peer));
			await(s[1], POLLRDHUP);
			observe_end(what, s[1]);
			observe_sends(what, s[1]);
			close(s[1]);
		}
}

// Who reads, writes or polls is woken by the peer's death.
static void *reader(void *arg) {
	char b[4];
	long n = recv(*(int *)arg, b, sizeof b, 0);
	return (void *)(n < 0 ? -(long)errno : n);
}

static void *writer(void *arg) {
	static char big[1 << 20];
	long n, e = 0;
	while ((n = send(*(int *)arg, big, sizeof big, MSG_NOSIGNAL)) > 0)
		;
	e = errno;
	return (void *)-e;
}

CASE(killed_while_waited_for) {
	for (int k = 0; k < KINDS; k++)
		for (int writes = 0; writes < 2; writes++) {
			int s[2];
			pair(k, s);
			pid_t peer = harness_fork();
			if (peer == 0) {
				close(s[1]);
				for (;;)
					pause();
			}
			close(s[0]);
			pthread_t t = thread_start(writes ? writer : reader, &s[1]);
			if (writes) { // until there is no more room
				struct pollfd p = {s[1], POLLOUT, 0};
				while (poll(&p, 1, 0) == 1)
					sched_yield();
			}
			kill(peer, SIGKILL);
			wait_for(peer);
			long r = (long)thread_join(t);
			OBSERVE(name("%s, %s", kinds[k], writes ? "send" : "recv"), "%s", r < 0 ? errno_name(-r) : name("%ld", r));
			OBSERVE(name("%s, %s: events", kinds[k], writes ? "send" : "recv"), "%s", poll_text(s[1]));
			close(s[1]);
		}
}

// One half is closed; the other goes on, as long as it likes.
CASE(half_closed) {
	for (int k = 0; k < KINDS; k++) {
		static char big[100000], b[4096];
		int s[2];
		pair(k, s);
		REQUIRE(send(s[0], "question", 8, 0) == 8);
		REQUIRE_OK(shutdown(s[0], SHUT_WR));
		await(s[1], POLLRDHUP);
		OBSERVE(name("%s: question", kinds[k]), "%s", poll_text(s[1]));
		OBSERVE_RET(name("%s: recv", kinds[k]), recv(s[1], b, sizeof b, MSG_WAITALL));
		OBSERVE_RET(name("%s: end", kinds[k]), recv(s[1], b, sizeof b, 0));
		OBSERVE(name("%s: who asked", kinds[k]), "%s", poll_text(s[0]));
		pid_t child = harness_fork();
		if (child == 0) {
			for (int left = sizeof big; left > 0;) {
				long n = send(s[1], big, left, MSG_NOSIGNAL);
				if (n <= 0)
					_exit(1);
				left -= n;
			}
			_exit(0);
		}
		close(s[1]);
		long total = 0, n;
		while ((n = recv(s[0], b, sizeof b, 0)) > 0)
			total += n;
		OBSERVE(name("%s: answer", kinds[k]), "%ld, then %ld", total, n);
		OBSERVE_STATUS(name("%s: who answered", kinds[k]), wait_for(child));
		await(s[0], POLLHUP);
		OBSERVE(name("%s: at last", kinds[k]), "%s", poll_text(s[0]));
		OBSERVE(name("%s: SO_ERROR", kinds[k]), "%d", pending_error(s[0]));
		OBSERVE_RET(name("%s: shutdown", kinds[k]), shutdown(s[0], SHUT_RDWR));
		close(s[0]);
	}
}

// What was half closed the other way: the reader wants no more.
CASE(half_closed_reader) {
	for (int k = 0; k < KINDS; k++) {
		int s[2];
		char b[8];
		pair(k, s);
		REQUIRE(send(s[0], "early", 5, 0) == 5);
		await(s[1], POLLIN);
		REQUIRE_OK(shutdown(s[1], SHUT_RD));
		OBSERVE(name("%s: events", kinds[k]), "%s", poll_text(s[1]));
		OBSERVE_RET(name("%s: recv", kinds[k]), recv(s[1], b, 8, MSG_DONTWAIT));
		OBSERVE_RET(name("%s: end", kinds[k]), recv(s[1], b, 8, MSG_DONTWAIT));
		OBSERVE(name("%s: who sends", kinds[k]), "%s", poll_text(s[0]));
		OBSERVE_RET(name("%s: send", kinds[k]), send(s[0], "late", 4, MSG_NOSIGNAL));
		OBSERVE_RET(name("%s: back", kinds[k]), send(s[1], "back", 4, MSG_NOSIGNAL));
		OBSERVE_RET(name("%s: there", kinds[k]), recv(s[0], b, 8, 0));
		close(s[0]);
		close(s[1]);
	}
}

// A reset instead of an end, in the middle of data, and before the accept.
CASE(resets) {
	for (int k = 0; k < KINDS; k++)
		for (int data = 0; data < 2; data++) {
			int s[2], l;
			char what[64];
			snprintf(what, sizeof what, "%s, %s", kinds[k], data ? "data" : "none");
			pair(k, s);
			if (data)
				REQUIRE(send(s[0], "last words", 10, 0) == 10);
			reset_on_close(s[0]);
			close(s[0]);
			await(s[1], POLLRDHUP | POLLHUP);
			observe_end(what, s[1]);
			observe_sends(what, s[1]);
			close(s[1]);

			l = listener(k, 5);
			int c = client(k, l);
			if (data)
				REQUIRE(send(c, "last words", 10, 0) == 10);
			reset_on_close(c);
			close(c);
			await(l, POLLIN);
			snprintf(what, sizeof what, "%s, %s, not accepted", kinds[k], data ? "data" : "none");
			OBSERVE(name("%s: listener", what), "%s", poll_text(l));
			int a = REQUIRE_OK(accept(l, NULL, NULL));
			await(a, POLLRDHUP | POLLHUP);
			observe_end(what, a);
			close(a);
			close(l);
		}
}

// The listener goes before it has accepted.
CASE(listeners_that_vanish) {
	for (int k = 0; k < KINDS; k++)
		for (int killed = 0; killed < 2; killed++) {
			char what[64];
			snprintf(what, sizeof what, "%s, %s", kinds[k], killed ? "killed" : "closed");
			int c[2], l = listener(k, 5), port = k < 2 ? in_port(l) : 0;
			pid_t owner = 0;
			if (killed) {
				owner = harness_fork();
				if (owner == 0)
					for (;;)
						pause();
			}
			for (int i = 0; i < 2; i++)
				c[i] = client(k, l);
			REQUIRE(send(c[1], "data", 4, 0) == 4);
			close(l);
			if (killed) {
				kill(owner, SIGKILL);
				wait_for(owner);
			}
			for (int i = 0; i < 2; i++) {
				await(c[i], POLLRDHUP | POLLHUP);
				char one[80];
				snprintf(one, sizeof one, "%s, client %d", what, i);
				observe_end(one, c[i]);
				close(c[i]);
			}
			int again = k < 2 ? in_socket(in_families[k], SOCK_STREAM) : un_socket(SOCK_STREAM);
			OBSERVE_RET(name("%s: one more", what), k < 2 ? in_connect(again, in_families[k], port) : un_connect(again, "@vanish"));
			OBSERVE(name("%s: one more: events", what), "%s", poll_text(again));
			OBSERVE(name("%s: one more: SO_ERROR", what), "%d", pending_error(again));
			close(again);
		}
}

// A peer that takes nothing: nothing is lost, and edges come when there is room again.
CASE(full_buffers) {
	for (int k = 0; k < KINDS; k++) {
		static char b[1 << 16];
		int s[2], ep = REQUIRE_OK(epoll_create1(0));
		struct epoll_event e, ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
		pair(k, s);
		REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &ev));
		int first = epoll_wait(ep, &e, 1, 0);
		OBSERVE(name("%s: fresh", kinds[k]), "%d %s", first, events_text(e.events));
		long sent = fill(s[0]), got = 0, n;
		REQUIRE_OK(fcntl(s[0], F_SETFL, O_NONBLOCK));
		while ((n = send(s[0], b, 1, 0)) > 0) // TCP may have moved some on meanwhile
			sent += n;
		OBSERVE(name("%s: full", kinds[k]), "%s, events %s", errno_name(errno), poll_text(s[0]));
		while (epoll_wait(ep, &e, 1, 0) > 0)
			;
		OBSERVE_RET(name("%s: no edge", kinds[k]), epoll_wait(ep, &e, 1, 0));
		pid_t child = harness_fork();
		if (child == 0) {
			close(s[0]);
			REQUIRE_OK(fcntl(s[1], F_SETFL, 0));
			while (got < sent && (n = recv(s[1], b, sizeof b, 0)) > 0)
				got += n;
			CHECK_EQ(got, sent);
			_exit(0);
		}
		close(s[1]);
		OBSERVE(name("%s: room", kinds[k]), "%d", epoll_wait(ep, &e, 1, -1));
		CHECK(e.events & EPOLLOUT);
		OBSERVE_STATUS(name("%s: who took it", kinds[k]), wait_for(child));
		await(s[0], POLLHUP | POLLRDHUP);
		OBSERVE(name("%s: it ended", kinds[k]), "%s", poll_text(s[0]));
		close(s[0]);
		close(ep);
	}
}

// Datagrams to where nobody is any more.
CASE(datagrams_to_the_dead) {
	for (int k = 0; k < KINDS; k++) {
		int r = k < 2 ? in_socket(in_families[k], SOCK_DGRAM) : un_socket(SOCK_DGRAM), s = k < 2 ? in_socket(in_families[k], SOCK_DGRAM) : un_socket(SOCK_DGRAM);
		char b[8];
		REQUIRE_OK(k < 2 ? in_bind(r, in_families[k], 0) : un_bind(r, "@grave"));
		REQUIRE_OK(k < 2 ? in_connect(s, in_families[k], in_port(r)) : un_connect(s, "@grave"));
		pid_t owner = harness_fork();
		if (owner == 0)
			for (;;)
				pause();
		close(r);
		OBSERVE_RET(name("%s: alive", kinds[k]), send(s, "a", 1, 0));
		kill(owner, SIGKILL);
		wait_for(owner);
		OBSERVE(name("%s: events", kinds[k]), "%s", poll_text(s));
		OBSERVE_RET(name("%s: send", kinds[k]), send(s, "b", 1, 0));
		if (k < 2)
			await(s, POLLERR);
		OBSERVE(name("%s: events then", kinds[k]), "%s", poll_text(s));
		OBSERVE_RET(name("%s: recv", kinds[k]), recv(s, b, 8, MSG_DONTWAIT));
		OBSERVE_RET(name("%s: send again", kinds[k]), send(s, "c", 1, 0));
		if (k < 2)
			await(s, POLLERR);
		OBSERVE(name("%s: SO_ERROR", kinds[k]), "%d", pending_error(s));
		OBSERVE(name("%s: events at last", kinds[k]), "%s", poll_text(s));
		close(s);
	}
}
