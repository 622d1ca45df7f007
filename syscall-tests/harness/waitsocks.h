// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that wait on sockets.
#ifndef DITTO_HARNESS_WAITSOCKS_H
#define DITTO_HARNESS_WAITSOCKS_H

#include "inets.h"
#include "unixes.h"
#include "waits.h"

static inline void unix_pair(int type) { un_pair(type, wait_on); }
static inline void full_unix_pair(int type) {
	un_pair(type, wait_on);
	wait_fill(wait_on[0]);
}
static inline void tcp_pair(void) { in_pair(AF_INET, wait_on); }

// A datagram socket of the internet, and one that sends to it.
static inline void udp_pair(void) {
	wait_on[0] = in_socket(AF_INET, SOCK_DGRAM), wait_on[1] = in_socket(AF_INET, SOCK_DGRAM);
	REQUIRE_OK(in_bind(wait_on[0], AF_INET, 0));
	REQUIRE_OK(in_connect(wait_on[1], AF_INET, in_port(wait_on[0])));
}

static inline void unix_listener(void) {
	unlink("listener");
	wait_on[0] = un_listener("listener", 4);
}
static inline void unix_caller(void) { REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "listener")); }
static int wait_port; // the descriptor may be another's by the time that it is called
static inline void tcp_listener(void) {
	wait_on[0] = in_listener(AF_INET, 4);
	wait_port = in_port(wait_on[0]);
}
static inline void tcp_caller(void) { REQUIRE_OK(in_connect(in_socket(AF_INET, SOCK_STREAM), AF_INET, wait_port)); }

// A listener whose queue is full: wait_on[1] listens, wait_on[0] wants to connect.
static inline void full_listener(void) {
	unlink("listener");
	wait_on[1] = un_listener("listener", 0);
	for (int i = 0; i < 8; i++) {
		int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
		if (un_connect(s, "listener") < 0)
			break;
	}
	wait_on[0] = un_socket(SOCK_STREAM);
}

#endif
