// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// connect: which addresses and sockets are refused, with which error?
#include "../harness/inets.h"
#include "../harness/unixes.h"

// The family does not fit the socket.
CASE(other_families) {
	for (int family = 0; family < AF_MAX + 2; family++) {
		union in_addrs a = in_lo(AF_INET, 9);
		a.sa.sa_family = family;
		if (family != AF_UNSPEC && family != AF_INET) {
			OBSERVE_RET(name("tcp, family %d", family), connect(in_socket(AF_INET, SOCK_STREAM), &a.sa, sizeof a.v4));
			OBSERVE_RET(name("udp, family %d", family), connect(in_socket(AF_INET, SOCK_DGRAM), &a.sa, sizeof a.v4));
		}
		if (family != AF_UNSPEC && family != AF_UNIX)
			OBSERVE_RET(name("unix, family %d", family), connect(un_socket(SOCK_STREAM), &a.sa, sizeof a.v4));
	}
}

// Two sockets with one address can't both be connected to one other.
CASE(the_same_connection_twice) {
	for (int f = 0; f < 2; f++) {
		int l = in_listener(in_families[f], 4), a = in_socket(in_families[f], SOCK_STREAM), b = in_socket(in_families[f], SOCK_STREAM);
		REQUIRE_OK(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)));
		REQUIRE_OK(setsockopt(b, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)));
		REQUIRE_OK(in_bind(a, in_families[f], 0));
		REQUIRE_OK(in_bind(b, in_families[f], in_port(a)));
		CHECK_OK(in_connect(a, in_families[f], in_port(l)));
		OBSERVE_RET(name("%s: the second", in_names[f]), in_connect(b, in_families[f], in_port(l)));
		OBSERVE_RET(name("%s: the first again", in_names[f]), in_connect(a, in_families[f], in_port(l)));
	}
}

// A listener that is full says nothing; the one who asks gives up after the tries that it was told.
CASE(nobody_answers) {
	int l = in_listener(AF_INET, 0), first = in_socket(AF_INET, SOCK_STREAM), s = in_socket(AF_INET, SOCK_STREAM);
	REQUIRE_OK(in_connect(first, AF_INET, in_port(l)));
	REQUIRE_OK(setsockopt(s, IPPROTO_TCP, TCP_SYNCNT, &(int){1}, sizeof(int)));
	OBSERVE_RET("connect", in_connect(s, AF_INET, in_port(l)));
}

static int shut_socket, shut_port;

static void *connect_to_silence(void *tid) {
	*(volatile pid_t *)tid = tid_self();
	return (void *)(in_connect(shut_socket, AF_INET, shut_port) < 0 ? -(long)errno : 0);
}

// Who waits for a connection is told when another thread shuts the socket down, which is then as new.
CASE(shut_down_while_it_waits) {
	static const int hows[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
	int l = in_listener(AF_INET, 1);
	shut_port = in_port(in_silent());
	for (size_t i = 0; i < sizeof hows / sizeof *hows; i++) {
		volatile pid_t tid = 0;
		shut_socket = in_socket(AF_INET, SOCK_STREAM);
		pthread_t t = thread_start(connect_to_silence, (void *)&tid);
		while (!tid)
			sched_yield();
		REQUIRE(wait_blocked(getpid(), tid));
		OBSERVE_RET(name("another, %d", hows[i]), fcntl(shut_socket, F_SETFL, O_NONBLOCK) ? -1 : in_connect(shut_socket, AF_INET, shut_port));
		OBSERVE_RET(name("shutdown %d", hows[i]), shutdown(shut_socket, hows[i]));
		OBSERVE(name("connect, %d", hows[i]), "%s", errno_name(-(int)(long)thread_join(t)));
		int err = -1;
		socklen_t len = sizeof err;
		REQUIRE_OK(getsockopt(shut_socket, SOL_SOCKET, SO_ERROR, &err, &len));
		OBSERVE(name("error, %d", hows[i]), "%s", errno_name(err));
		REQUIRE_OK(fcntl(shut_socket, F_SETFL, 0));
		OBSERVE_RET(name("connect again, %d", hows[i]), in_connect(shut_socket, AF_INET, in_port(l)));
		close(shut_socket);
		close(accept(l, NULL, NULL));
	}
}
