// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that send: the same sockets that can't take a message, for each of them.
#ifndef DITTO_HARNESS_SENDS_H
#define DITTO_HARNESS_SENDS_H

#include "inets.h"
#include "unixes.h"

#include <netinet/tcp.h>

// Sends n bytes to an address, or without one for NULL.
typedef long (*send_call)(int s, const void *p, size_t n, int flags, const void *to, socklen_t len);

// A connection whose other end reset it, and that does not know it yet from another call.
static inline int sends_reset(int family) {
	int s[2];
	in_pair(family, s);
	REQUIRE_OK(setsockopt(s[1], SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)));
	close(s[1]);
	await(s[0], POLLHUP);
	return s[0];
}

static inline void observe_send_refusals(send_call call) {
	static char big[1 << 17];
	int s[2];
	struct un nowhere = un_of("nowhere");
	union in_addrs lo = in_lo(AF_INET, 9);
	for (int i = 0; i < 3; i++) {
		OBSERVE_RET(name("unix %s, connected to none", unix_names[i]), call(un_socket(unix_types[i]), "x", 1, MSG_NOSIGNAL, NULL, 0));
		OBSERVE_RET(name("unix %s, to a name that is not there", unix_names[i]), call(un_socket(unix_types[i]), "x", 1, MSG_NOSIGNAL, &nowhere.a, nowhere.len));
		un_pair(unix_types[i], s);
		OBSERVE_RET(name("unix %s, connected, to an address", unix_names[i]), call(s[0], "x", 1, MSG_NOSIGNAL, &nowhere.a, nowhere.len));
		OBSERVE_RET(name("unix %s, out of band", unix_names[i]), call(s[0], "x", 1, MSG_NOSIGNAL | MSG_OOB, NULL, 0));
		fcntl(s[0], F_SETFL, O_NONBLOCK);
		while (write(s[0], big, 4096) > 0) {
		}
		OBSERVE_RET(name("unix %s, full", unix_names[i]), call(s[0], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0));
		shutdown(s[0], SHUT_WR);
		OBSERVE_RET(name("unix %s, shut", unix_names[i]), call(s[0], "x", 1, MSG_NOSIGNAL, NULL, 0));
		un_pair(unix_types[i], s);
		close(s[1]);
		OBSERVE_RET(name("unix %s, its peer closed", unix_names[i]), call(s[0], "x", 1, MSG_NOSIGNAL, NULL, 0));
		un_pair(unix_types[i], s);
		REQUIRE_OK(write(s[0], "unread", 6));
		close(s[1]);
		OBSERVE_RET(name("unix %s, its peer closed with something unread", unix_names[i]), call(s[0], "x", 1, MSG_NOSIGNAL, NULL, 0));
	}
	OBSERVE_RET("udp, connected to none", call(in_socket(AF_INET, SOCK_DGRAM), "x", 1, 0, NULL, 0));
	OBSERVE_RET("udp, more than a datagram", call(in_socket(AF_INET, SOCK_DGRAM), big, 65508, 0, &lo, sizeof lo.v4));
	OBSERVE_RET("udp, out of band", call(in_socket(AF_INET, SOCK_DGRAM), "x", 1, MSG_OOB, &lo, sizeof lo.v4));
	OBSERVE_RET("tcp, connected to none", call(in_socket(AF_INET, SOCK_STREAM), "x", 1, MSG_NOSIGNAL, NULL, 0));
	OBSERVE_RET("tcp, its peer reset it", call(sends_reset(AF_INET), "x", 1, MSG_NOSIGNAL, NULL, 0));
	in_pair(AF_INET, s);
	shutdown(s[0], SHUT_WR);
	OBSERVE_RET("tcp, shut", call(s[0], "x", 1, MSG_NOSIGNAL, NULL, 0));
	in_pair(AF_INET, s);
	fcntl(s[0], F_SETFL, O_NONBLOCK);
	while (write(s[0], big, sizeof big) > 0 || errno == EINTR) {
	}
	OBSERVE("tcp, full", "%s", errno_name(errno));
	lo.v4.sin_addr.s_addr = htonl(0x7fffffff); // of the loopback device
	OBSERVE_RET("udp, to all without leave", call(in_socket(AF_INET, SOCK_DGRAM), "x", 1, 0, &lo, sizeof lo.v4));
	lo.v4.sin_family = 77;
	OBSERVE_RET("udp, to another family", call(in_socket(AF_INET, SOCK_DGRAM), "x", 1, 0, &lo, sizeof lo.v4));
}

// Each of the message's flags alone, to where nothing listens and a message can be lost.
static inline void observe_send_flags(send_call call) {
	int s[2];
	un_pair(SOCK_DGRAM, s);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %#x", 1u << bit), call(s[0], "x", 1, (int)(1u << bit | MSG_DONTWAIT | MSG_NOSIGNAL), NULL, 0));
}

// The file of a socket that is root's and not for others. Needs root.
static inline void observe_send_permission(send_call call) {
	struct un u = un_of("locked");
	int s = un_socket(SOCK_DGRAM);
	REQUIRE_OK(un_bind(s, "locked"));
	REQUIRE_OK(chmod("locked", 0700));
	REQUIRE_OK(chmod(".", 0755));
	OBSERVE_RET("root", call(un_socket(SOCK_DGRAM), "x", 1, 0, &u.a, u.len));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody", call(un_socket(SOCK_DGRAM), "x", 1, 0, &u.a, u.len));
	}
}

static int fast_socket;
static union in_addrs fast_to;
static send_call fast_call;

static inline void *fast_open(void *tid) {
	*(volatile pid_t *)tid = tid_self();
	return (void *)(fast_call(fast_socket, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &fast_to, sizeof fast_to.v4) < 0 ? -(long)errno : 0);
}

// A connection with its first message (MSG_FASTOPEN) is under way for long where nobody answers.
static inline void observe_two_fast_opens(send_call call) {
	volatile pid_t tid = 0;
	fast_to = in_lo(AF_INET, in_port(in_silent()));
	fast_call = call;
	fast_socket = in_socket(AF_INET, SOCK_STREAM);
	pthread_t t = thread_start(fast_open, (void *)&tid);
	while (!tid)
		sched_yield();
	REQUIRE(wait_blocked(getpid(), tid));
	OBSERVE_RET("another", call(fast_socket, "y", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &fast_to, sizeof fast_to.v4));
	OBSERVE_RET("another, without waiting", call(fast_socket, "y", 1, MSG_FASTOPEN | MSG_NOSIGNAL | MSG_DONTWAIT, &fast_to, sizeof fast_to.v4));
	REQUIRE_OK(shutdown(fast_socket, SHUT_RDWR));
	OBSERVE("the first, shut down", "%s", errno_name(-(int)(long)thread_join(t)));
}

#define SENDS(call)                                                                                                   \
	CASE(sockets_that_refuse) { observe_send_refusals(call); }                                                    \
	CASE(permission_of_a_socket, "root") { observe_send_permission(call); }                                       \
	CASE(another_fast_open) { observe_two_fast_opens(call); }                                                     \
	CASE(each_flag_alone) { observe_send_flags(call); }

#endif
