// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// accept: the connection, its names, waiting, and errors.
#include "../harness/inets.h"
#include "../harness/unixes.h"

#include <sys/resource.h>

static long take(int s, void *a, void *len) { return syscall(SYS_accept, s, a, len); }

CASE(names) {
	int l = un_listener("sock", 5), c = un_socket(SOCK_STREAM), d = un_socket(SOCK_STREAM);
	struct sockaddr_un a;
	socklen_t len = sizeof a;
	REQUIRE_OK(un_bind(d, "client"));
	REQUIRE_OK(un_connect(c, "sock"));
	REQUIRE_OK(un_connect(d, "sock"));
	int s = REQUIRE_OK(take(l, &a, &len));
	OBSERVE("a client without a name", "%s", un_text(&a, len));
	len = sizeof a;
	memset(&a, 0, sizeof a);
	REQUIRE_OK(take(l, &a, &len));
	OBSERVE("a client with a name", "%s", un_text(&a, len));
	len = sizeof a;
	memset(&a, 0, sizeof a);
	REQUIRE_OK(getsockname(s, (void *)&a, &len));
	OBSERVE("the accepted one's name", "%s", un_text(&a, len));
	OBSERVE("flags", "%#x %d", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
}

CASE(states) {
	int s = un_socket(SOCK_STREAM), p[2];
	OBSERVE_RET("fresh", take(s, NULL, NULL));
	OBSERVE_RET("dgram", take(un_socket(SOCK_DGRAM), NULL, NULL));
	un_pair(SOCK_STREAM, p);
	OBSERVE_RET("connected", take(p[0], NULL, NULL));
	int l = un_listener("@l", 5);
	REQUIRE_OK(fcntl(l, F_SETFL, O_NONBLOCK));
	OBSERVE_RET("none waits, O_NONBLOCK", take(l, NULL, NULL));
	REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@l"));
	int c = REQUIRE_OK(take(l, NULL, NULL));
	OBSERVE("O_NONBLOCK is not inherited", "%#x", fcntl(c, F_GETFL));
	OBSERVE_RET("shutdown", shutdown(l, SHUT_RD));
	OBSERVE_RET("after a shutdown", take(l, NULL, NULL));
	OBSERVE_RET("connect after a shutdown", un_connect(un_socket(SOCK_STREAM), "@l"));
	// The client went before it was accepted.
	int m = un_listener("@m", 5), e = un_socket(SOCK_STREAM);
	char b[4];
	REQUIRE_OK(un_connect(e, "@m"));
	REQUIRE(write(e, "bye", 3) == 3);
	close(e);
	int g = OBSERVE_OK("client gone", take(m, NULL, NULL));
	OBSERVE_RET("what it said", read(g, b, 4));
	OBSERVE_RET("and then", read(g, b, 4));
}

CASE(waiting_and_interrupted) {
	static const int flags[] = {0, SA_RESTART};
	int l = un_listener("@w", 5);
	for (int i = 0; i < 2; i++) {
		pid_t child = harness_fork();
		if (child == 0) {
			sig_catch(SIGUSR1, flags[i]);
			long r = take(l, NULL, NULL);
			_exit(r >= 0 ? 1 : errno == EINTR ? 2 : 3);
		}
		REQUIRE(wait_blocked(child, child));
		kill(child, SIGUSR1);
		if (flags[i]) {
			REQUIRE(wait_blocked(child, child));
			REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@w"));
		}
		OBSERVE_STATUS(name("flags %#x", flags[i]), wait_for(child));
	}
	struct timeval t = {0, 20000};
	REQUIRE_OK(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	OBSERVE_RET("SO_RCVTIMEO", take(l, NULL, NULL));
}

CASE(errors) {
	int l = un_listener("@e", 5);
	struct sockaddr_un a;
	socklen_t len;
	OBSERVE_NO_SOCKETS(fd, take(fd, NULL, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		int c = un_socket(SOCK_STREAM);
		REQUIRE_OK(un_bind(c, name("@c%s", b->name)));
		REQUIRE_OK(un_connect(c, "@e"));
		len = sizeof a;
		OBSERVE_OK(name("address %s", b->name), take(l, b->p, &len));
		REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@e"));
		OBSERVE_OK(name("length %s", b->name), take(l, &a, b->p));
	}
	REQUIRE_OK(fcntl(l, F_SETFL, O_NONBLOCK));
	OBSERVE_RET("the connection is lost", take(l, NULL, NULL));
	static const int lens[] = {-1, 0, 1, 4};
	for (size_t i = 0; i < COUNT(lens); i++) {
		REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@e"));
		int n = lens[i];
		OBSERVE_OK(name("length %d", lens[i]), take(l, &a, &n));
		OBSERVE(name("length %d, then", lens[i]), "%d", n);
	}
	REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@e"));
	struct rlimit old, lim = {3, 1024};
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &old));
	lim.rlim_max = old.rlim_max;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERR(take(l, NULL, NULL), EMFILE);
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &old));
	OBSERVE_OK("then there is room", take(l, NULL, NULL));
}

CASE(inet_who) {
	for (int k = 0; k < 2; k++) {
		int family = in_families[k], l = in_listener(family, 5), c = in_socket(family, SOCK_STREAM);
		REQUIRE_OK(in_connect(c, family, in_port(l)));
		union in_addrs a;
		socklen_t len = sizeof a;
		int s = REQUIRE_OK(syscall(SYS_accept, l, &a, &len));
		OBSERVE(name("%s: peer", in_names[k]), "%s", in_text(&a, len, in_port(c)));
		OBSERVE(name("%s: flags", in_names[k]), "%#x %d", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
		CHECK_EQ(in_port(s), in_port(l));
		REQUIRE_OK(fcntl(l, F_SETFL, O_NONBLOCK));
		OBSERVE_RET(name("%s: nobody", in_names[k]), syscall(SYS_accept, l, NULL, NULL));
		c = in_socket(family, SOCK_STREAM);
		REQUIRE_OK(in_connect(c, family, in_port(l)));
		len = 7;
		memset(&a, 0x55, sizeof a);
		s = REQUIRE_OK(syscall(SYS_accept, l, &a, &len));
		OBSERVE(name("%s: short", in_names[k]), "%d family %d", (int)len, a.sa.sa_family);
	}
}

CASE(inet_waits) {
	int l = in_listener(AF_INET, 5), port = in_port(l);
	pid_t me = getpid(), tid = tid_self();
	pid_t child = harness_fork();
	if (child == 0) {
		wait_blocked(me, tid);
		int c = in_socket(AF_INET, SOCK_STREAM);
		_exit(in_connect(c, AF_INET, port) == 0 ? 0 : 1);
	}
	CHECK(syscall(SYS_accept, l, NULL, NULL) >= 0);
	OBSERVE_STATUS("client", wait_for(child));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(syscall(SYS_accept, l, NULL, NULL), EINTR);
	CHECK(interrupt_done(&it));
	struct timeval t = {0, 10000};
	REQUIRE_OK(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	OBSERVE_RET("timeout", syscall(SYS_accept, l, NULL, NULL));
}

CASE(inet_no_listeners) {
	OBSERVE_RET("fresh", syscall(SYS_accept, in_socket(AF_INET, SOCK_STREAM), NULL, NULL));
	OBSERVE_RET("datagrams", syscall(SYS_accept, in_socket(AF_INET, SOCK_DGRAM), NULL, NULL));
	int p[2];
	in_pair(AF_INET6, p);
	OBSERVE_RET("connected", syscall(SYS_accept, p[0], NULL, NULL));
}
