// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// bind: names of Unix sockets that are too long on the way, and families that don't fit.
#include "../harness/inets.h"
#include "../harness/unixes.h"

CASE(a_link_to_a_name_that_is_too_long) {
	char text[301];
	memset(text, 'n', 300);
	text[300] = 0;
	REQUIRE_OK(symlink(text, "link"));
	OBSERVE_RET("through it", un_bind(un_socket(SOCK_STREAM), "link/s"));
	OBSERVE_RET("at it", un_bind(un_socket(SOCK_STREAM), "link"));
}

CASE(other_families) {
	for (int family = 0; family < AF_MAX + 2; family++) {
		union in_addrs a = in_lo(AF_INET, 0);
		a.sa.sa_family = family;
		OBSERVE_RET(name("tcp, family %d", family), bind(in_socket(AF_INET, SOCK_STREAM), &a.sa, sizeof a.v4));
		if (family != AF_UNIX)
			OBSERVE_RET(name("unix, family %d", family), bind(un_socket(SOCK_STREAM), &a.sa, sizeof a.v4));
	}
}
