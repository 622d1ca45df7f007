// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of AF_INET and AF_INET6 sockets: loopback addresses of both, and connections.
#ifndef DITTO_HARNESS_INETS_H
#define DITTO_HARNESS_INETS_H

#include "ready.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

static const int in_families[] = {AF_INET, AF_INET6};
static const char *const in_names[] = {"inet", "inet6"};

union in_addrs {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static inline socklen_t in_len(int family) { return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6); }

// The loopback address with a port.
static inline union in_addrs in_lo(int family, int port) {
	union in_addrs a = {.sa.sa_family = family};
	a.v4.sin_port = htons(port);
	if (family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.v6.sin6_addr = in6addr_loopback;
	return a;
}

static inline int in_socket(int family, int type) { return REQUIRE_OK(socket(family, type, 0)); }

// The socket's own port.
static inline int in_port(int s) {
	union in_addrs a;
	socklen_t len = sizeof a;
	REQUIRE_OK(getsockname(s, &a.sa, &len));
	return ntohs(a.v4.sin_port);
}

// Binds to loopback and a port of the kernel's choice, or the given one.
static inline long in_bind(int s, int family, int port) {
	union in_addrs a = in_lo(family, port);
	return syscall(SYS_bind, s, &a, in_len(family));
}
static inline long in_connect(int s, int family, int port) {
	union in_addrs a = in_lo(family, port);
	return syscall(SYS_connect, s, &a, in_len(family));
}

static inline int in_listener(int family, int backlog) {
	int s = in_socket(family, SOCK_STREAM);
	REQUIRE_OK(in_bind(s, family, 0));
	REQUIRE_OK(listen(s, backlog));
	return s;
}

// A listener that answers no more, as its queue is full.
static inline int in_silent(void) {
	int l = in_listener(AF_INET, 0);
	for (int i = 0; i < 3; i++) {
		int s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
		if (in_connect(s, AF_INET, in_port(l)) < 0 && i == 0)
			await(s, POLLOUT);
	}
	return l;
}

// A connection: both ends.
static inline void in_pair(int family, int *s) {
	int l = in_listener(family, 1);
	s[0] = in_socket(family, SOCK_STREAM);
	REQUIRE_OK(in_connect(s[0], family, in_port(l)));
	s[1] = REQUIRE_OK(accept(l, NULL, NULL));
	close(l);
}

// An address in words: its port is "port" if it is the given one, "0", or "another".
static inline const char *in_text(const union in_addrs *a, socklen_t len, int port) {
	char b[64];
	int p = ntohs(a->v4.sin_port);
	if (len < sizeof(struct sockaddr_in))
		return name("family %d (%d)", len >= 2 ? a->sa.sa_family : -1, (int)len);
	inet_ntop(a->sa.sa_family, a->sa.sa_family == AF_INET ? (void *)&a->v4.sin_addr : (void *)&a->v6.sin6_addr, b, sizeof b);
	return name("%s %s (%d)", b, p == 0 ? "0" : p == port ? "port" : "another", (int)len);
}

#endif
