// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that send and receive: each flag on its own, on each kind of connection.
#ifndef DITTO_HARNESS_MSGFLAGS_H
#define DITTO_HARNESS_MSGFLAGS_H

#include "inets.h"
#include "unixes.h"

static const char *const flag_kinds[] = {"unix stream", "unix dgram", "unix seqpacket", "tcp", "udp", "tcp6", "udp6"};

// A connection of a kind; p[0] sends to p[1].
static inline void flag_pair(int kind, int *p) {
	int family = kind < 5 ? AF_INET : AF_INET6;
	if (kind < 3) {
		un_pair(unix_types[kind], p);
	} else if (kind % 2) {
		in_pair(family, p);
	} else {
		p[0] = in_socket(family, SOCK_DGRAM), p[1] = in_socket(family, SOCK_DGRAM);
		REQUIRE_OK(in_bind(p[1], family, 0));
		REQUIRE_OK(in_connect(p[0], family, in_port(p[1])));
	}
}

// Flags that the kernel keeps to itself are not tried.
static inline bool flag_internal(int bit) { return bit == 17 || bit == 19 || bit == 20 || bit == 27; }

// Every flag of a call that sends 3 bytes, and what arrives.
static inline void every_send_flag(long (*send3)(int s, int flags)) {
	sig_catch(SIGPIPE, 0);
	for (size_t kind = 0; kind < COUNT(flag_kinds); kind++)
		for (int bit = 0; bit < 32; bit++) {
			int p[2], flag = 1U << bit;
			char b[8] = "";
			if (flag_internal(bit))
				continue;
			flag_pair(kind, p);
			const char *what = name("%s, flag %#x", flag_kinds[kind], (unsigned)flag);
			long r;
			OBSERVE_RET(what, r = send3(p[0], flag));
			if (r > 0 && kind >= 3 && flag != 0x10 && flag != MSG_MORE && flag != 0x40000)
				await(p[1], POLLIN | POLLPRI);
			OBSERVE_RET(name("%s: arrives", what), recv(p[1], b, 8, MSG_DONTWAIT));
			close(p[0]);
			OBSERVE_RET(name("%s: end", what), recv(p[1], b, 8, MSG_DONTWAIT));
			close(p[1]);
		}
}

// Every flag of a call that receives, with 3 bytes there, and what is left then.
static inline void every_receive_flag(long (*receive1)(int s, char *b, size_t n, int flags)) {
	for (size_t kind = 0; kind < COUNT(flag_kinds); kind++)
		for (int bit = 0; bit < 32; bit++) {
			int p[2], flag = 1U << bit;
			char b[8] = "";
			if (flag_internal(bit))
				continue;
			flag_pair(kind, p);
			REQUIRE(send(p[0], "abc", 3, 0) == 3);
			await(p[1], POLLIN);
			const char *what = name("%s, flag %#x", flag_kinds[kind], (unsigned)flag);
			OBSERVE_RET(what, receive1(p[1], b, flag == MSG_TRUNC ? 2 : 3, flag));
			OBSERVE(name("%s: got", what), "%.3s", b);
			OBSERVE_RET(name("%s: left", what), recv(p[1], b, 8, MSG_DONTWAIT));
			close(p[0]);
			close(p[1]);
		}
}

#endif
