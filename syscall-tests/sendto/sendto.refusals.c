// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendto: which sockets refuse a message, with which error?
#include "../harness/sends.h"

static long send_it(int s, const void *p, size_t n, int flags, const void *to, socklen_t len) { return syscall(SYS_sendto, s, p, n, flags, to, len); }

SENDS(send_it)

// Out-of-band data, which datagrams have not, to an address that is none.
CASE(oob_to_no_address) {
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		int s[2];
		REQUIRE_OK(socketpair(AF_UNIX, types[i], 0, s));
		for (int oob = 0; oob < 2; oob++)
			OBSERVE_RET(name("type %d%s", types[i], oob ? ", out-of-band" : ""),
				syscall(SYS_sendto, s[0], "x", 1, MSG_NOSIGNAL | (oob ? MSG_OOB : 0), "\1\0x", 3));
	}
}
