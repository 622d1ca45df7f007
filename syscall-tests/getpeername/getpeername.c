// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getpeername: the other end's name, or that there is none.
#include "../harness/unixes.h"

static long get(int s, void *a, void *len) { return syscall(SYS_getpeername, s, a, len); }

static const char *text(int s) {
	struct sockaddr_un a;
	socklen_t len = sizeof a;
	memset(&a, 0, sizeof a);
	errno = 0;
	return get(s, &a, &len) < 0 ? errno_name(errno) : un_text(&a, len);
}

CASE(every_kind) {
	int l = un_listener("sock", 5), m = un_listener("@abstract", 5), c = un_socket(SOCK_STREAM), d = un_socket(SOCK_STREAM);
	OBSERVE("fresh", "%s", text(c));
	OBSERVE("listener", "%s", text(l));
	OBSERVE("abstract listener", "%s", text(m));
	REQUIRE_OK(un_connect(c, "sock"));
	OBSERVE("connected", "%s", text(c));
	OBSERVE("accepted", "%s", text(accept(l, NULL, NULL)));
	REQUIRE_OK(un_bind(d, "client"));
	REQUIRE_OK(un_connect(d, "@abstract"));
	OBSERVE("connected, with a name", "%s", text(d));
	int s = accept(m, NULL, NULL);
	OBSERVE("accepted from one with a name", "%s", text(s));
	close(d);
	OBSERVE("the other is closed", "%s", text(s));
	int x = un_socket(SOCK_DGRAM), y = un_socket(SOCK_DGRAM);
	REQUIRE_OK(un_bind(x, "@x"));
	REQUIRE_OK(un_connect(y, "@x"));
	OBSERVE("dgram", "%s", text(y));
	OBSERVE("dgram's target", "%s", text(x));
	close(x);
	OBSERVE("dgram, target closed", "%s", text(y));
	shutdown(s, SHUT_RDWR);
	OBSERVE("shut down", "%s", text(s));
}

CASE(lengths_and_errors) {
	int l = un_listener("@name", 5), c = un_socket(SOCK_STREAM);
	REQUIRE_OK(un_bind(c, "@same"));
	REQUIRE_OK(un_connect(c, "@name"));
	char b[128];
	for (int n = -1; n <= 10; n++) {
		int len = n;
		memset(b, 0x55, sizeof b);
		OBSERVE_RET(name("room for %d", n), get(c, b, &len));
		OBSERVE(name("room for %d, length", n), "%d", len);
		OBSERVE_BYTES(name("room for %d, bytes", n), b, 12);
	}
	int len = 100;
	OBSERVE_NO_SOCKETS(fd, get(fd, b, &len));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		len = 100;
		OBSERVE_RET(name("address %s", p->name), get(c, p->p, &len));
		OBSERVE_RET(name("length %s", p->name), get(c, b, p->p));
	}
	len = 0;
	OBSERVE_RET("no room, no pointer", get(c, NULL, &len));
	close(l);
}

// The length is told even where the address can't be.
CASE(length_before_the_address) {
	int p[2];
	socklen_t n = 100;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	OBSERVE_RET("bad address", syscall(SYS_getpeername, p[0], 8l, &n));
	OBSERVE("length", "%ld", (long)(n));
}
