// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socketpair: which families have pairs, and what is said of types that there are none of?
#include "../harness/inets.h"

CASE(a_type_that_is_none) {
	int s[2];
	for (int family = -1; family < AF_MAX; family++)
		OBSERVE_RET(name("family %d", family), syscall(SYS_socketpair, family, 11, 0, s));
}

CASE(families_without_pairs) {
	int s[2];
	OBSERVE_RET("inet stream", syscall(SYS_socketpair, AF_INET, SOCK_STREAM, 0, s));
	OBSERVE_RET("inet dgram", syscall(SYS_socketpair, AF_INET, SOCK_DGRAM, 0, s));
	OBSERVE_RET("inet6 stream", syscall(SYS_socketpair, AF_INET6, SOCK_STREAM, 0, s));
	OBSERVE_RET("netlink", syscall(SYS_socketpair, AF_NETLINK, SOCK_RAW, 0, s));
	OBSERVE_RET("inet with a protocol that does not fit", syscall(SYS_socketpair, AF_INET, SOCK_STREAM, IPPROTO_UDP, s));
	OBSERVE_RET("unix with a protocol", syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 2, s));
}
