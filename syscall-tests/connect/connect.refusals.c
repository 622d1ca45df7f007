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
