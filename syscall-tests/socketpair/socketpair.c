// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socketpair: both ends, what they say of each other, and errors.
#include "../harness/unixes.h"

#include <sys/resource.h>

static long pair(int type, int proto, void *s) { return syscall(SYS_socketpair, AF_UNIX, type, proto, s); }

CASE(types) {
	for (int i = 0; i < 3; i++) {
		int s[2];
		struct sockaddr_un a;
		socklen_t len = sizeof a;
		char b[8];
		const char *n = unix_names[i];
		OBSERVE_RET(n, pair(unix_types[i] | SOCK_NONBLOCK, 0, s));
		OBSERVE(name("%s, numbers and flags", n), "%d %d %#x %#x", s[0], s[1], fcntl(s[0], F_GETFL), fcntl(s[1], F_GETFL));
		REQUIRE_OK(getsockname(s[0], (void *)&a, &len));
		OBSERVE(name("%s, name", n), "%s", un_text(&a, len));
		len = sizeof a;
		REQUIRE_OK(getpeername(s[0], (void *)&a, &len));
		OBSERVE(name("%s, peer", n), "%s", un_text(&a, len));
		struct ucred c;
		len = sizeof c;
		REQUIRE_OK(getsockopt(s[1], SOL_SOCKET, SO_PEERCRED, &c, &len));
		OBSERVE(name("%s, SO_PEERCRED", n), "%s %d %d", pid_name(c.pid), (int)c.uid, (int)c.gid);
		OBSERVE_RET(name("%s, to the other", n), write(s[0], "abc", 3));
		OBSERVE_RET(name("%s, part", n), read(s[1], b, 2));
		OBSERVE_RET(name("%s, rest", n), read(s[1], b, 8));
		OBSERVE_RET(name("%s, back", n), write(s[1], "d", 1));
		OBSERVE_RET(name("%s, there", n), read(s[0], b, 8));
		OBSERVE_RET(name("%s, listen", n), listen(s[0], 1));
		OBSERVE_RET(name("%s, accept", n), accept(s[0], NULL, NULL));
		OBSERVE_RET(name("%s, connect", n), un_connect(s[0], "@nobody-is-there"));
		OBSERVE_RET(name("%s, bind", n), un_bind(s[0], name("@pair-%s", n)));
		len = sizeof a;
		REQUIRE_OK(getpeername(s[1], (void *)&a, &len));
		OBSERVE(name("%s, peer has a name now", n), "%s", un_text(&a, len));
		close(s[0]);
		close(s[1]);
	}
}

CASE(errors) {
	int s[2], next = REQUIRE_OK(dup(0));
	close(next);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), pair(SOCK_STREAM, 0, b->p));
	CHECK_ERR(pair(SOCK_STREAM, 0, NULL), EFAULT);
	CHECK_ERR(pair(SOCK_STREAM, 0, guard_end(4)), EFAULT);
	int again = REQUIRE_OK(dup(0));
	CHECK_EQ(again, next);
	OBSERVE_RET("bad type", pair(9, 0, s));
	OBSERVE_RET("bad type, bad pointer", pair(9, 0, bad_ptr()));
	OBSERVE_RET("protocol 1", pair(SOCK_STREAM, 1, s));
	OBSERVE_RET("protocol 7", pair(SOCK_STREAM, 7, s));
	OBSERVE_RET("raw", pair(SOCK_RAW, 0, s));
	OBSERVE_RET("family 0", syscall(SYS_socketpair, 0, SOCK_STREAM, 0, s));
	OBSERVE_RET("family 99", syscall(SYS_socketpair, 99, SOCK_STREAM, 0, s));
	int top = REQUIRE_OK(dup(0));
	for (int left = 0; left < 3; left++) {
		close(top + left);
		struct rlimit lim = {top + left, 1000};
		REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
		OBSERVE_RET(name("room for %d", left), pair(SOCK_STREAM, 0, s));
	}
}

// Of other families there are no pairs; what is wrong with the rest is told first.
CASE(other_families, "root cap:13") {
	static const int families[] = {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
	int s[2] = {-1, -1}, next = REQUIRE_OK(dup(0));
	close(next);
	for (size_t f = 0; f < COUNT(families); f++)
		for (int type = 1; type < 12; type++) {
			if (type == SOCK_PACKET)
				continue; // an old one, of which it depends on the kernel
			OBSERVE_RET(name("family %d, type %d", families[f], type), syscall(SYS_socketpair, families[f], type, 0, s));
			if (families[f] != AF_NETLINK)
				OBSERVE_RET(name("family %d, type %d, protocol 6", families[f], type), syscall(SYS_socketpair, families[f], type, 6, s));
		}
	int again = REQUIRE_OK(dup(0));
	CHECK_EQ(again, next);
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t f = 0; f < COUNT(families); f++)
			for (int type = 1; type < 12; type++)
				OBSERVE_RET(name("nobody: family %d, type %d", families[f], type), syscall(SYS_socketpair, families[f], type, 0, s));
	}
}
