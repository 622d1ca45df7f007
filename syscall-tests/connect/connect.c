// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// connect: whom one can connect to, in which state, permissions, a full backlog, and datagram sockets' default peers.
#include "../harness/inets.h"
#include "../harness/unixes.h"

CASE(streams) {
	int l = un_socket(SOCK_STREAM), c = un_socket(SOCK_STREAM);
	OBSERVE_RET("no such name", un_connect(c, "sock"));
	OBSERVE_RET("no such abstract name", un_connect(c, "@sock"));
	REQUIRE_OK(un_bind(l, "sock"));
	OBSERVE_RET("not listening", un_connect(c, "sock"));
	REQUIRE_OK(listen(l, 5));
	OBSERVE_RET("listening", un_connect(c, "sock"));
	OBSERVE_RET("again", un_connect(c, "sock"));
	OBSERVE_RET("to another", un_connect(c, "@nobody"));
	OBSERVE_RET("the listener itself", un_connect(l, "sock"));
	OBSERVE_RET("dgram to a stream", un_connect(un_socket(SOCK_DGRAM), "sock"));
	OBSERVE_RET("seqpacket to a stream", un_connect(un_socket(SOCK_SEQPACKET), "sock"));
	OBSERVE_RET("write before accept", write(c, "early", 5));
	int s = REQUIRE_OK(accept(l, NULL, NULL));
	char b[8];
	OBSERVE_RET("accepted, it is there", read(s, b, 8));
	close(l);
	OBSERVE_RET("closed listener", un_connect(un_socket(SOCK_STREAM), "sock"));
	REQUIRE_OK(close(make_file("file", "x")));
	OBSERVE_RET("a file", un_connect(un_socket(SOCK_STREAM), "file"));
	OBSERVE_RET("a directory", un_connect(un_socket(SOCK_STREAM), "."));
	OBSERVE_RET("below a file", un_connect(un_socket(SOCK_STREAM), "file/x"));
}

CASE(through_links) {
	int l = un_listener("sock", 5);
	REQUIRE_OK(symlink("sock", "link"));
	REQUIRE_OK(link("sock", "hard"));
	OBSERVE_RET("symlink", un_connect(un_socket(SOCK_STREAM), "link"));
	OBSERVE_RET("hard link", un_connect(un_socket(SOCK_STREAM), "hard"));
	REQUIRE_OK(rename("sock", "moved"));
	OBSERVE_RET("old name", un_connect(un_socket(SOCK_STREAM), "sock"));
	OBSERVE_RET("new name", un_connect(un_socket(SOCK_STREAM), "moved"));
	struct sockaddr_un a;
	socklen_t len = sizeof a;
	int c = un_socket(SOCK_STREAM);
	REQUIRE_OK(un_connect(c, "moved"));
	REQUIRE_OK(getpeername(c, (void *)&a, &len));
	OBSERVE("peer's name", "%s", un_text(&a, len));
	close(l);
}

CASE(permissions, "root") {
	un_listener("sock", 5);
	static const int modes[] = {0777, 0222, 0555, 0770, 0};
	for (size_t i = 0; i < COUNT(modes); i++) {
		REQUIRE_OK(chmod("sock", modes[i]));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET(name("mode %#o", modes[i]), un_connect(un_socket(SOCK_STREAM), "sock"));
		}
	}
}

CASE(full_backlog) {
	un_listener("@full", 1);
	int c[4];
	for (int i = 0; i < 4; i++) {
		c[i] = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
		OBSERVE_RET(name("connection %d", i), un_connect(c[i], "@full"));
	}
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(un_connect(un_socket(SOCK_STREAM), "@full"), EINTR);
	CHECK(interrupt_done(&it));
}

CASE(waits_for_room_and_for_the_end) {
	int l = un_listener("@room", 0);
	REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@room"));
	pid_t child = harness_fork();
	if (child == 0) {
		close(l);
		_exit(un_connect(un_socket(SOCK_STREAM), "@room") == 0 ? 0 : errno);
	}
	REQUIRE(wait_blocked(child, child));
	REQUIRE_OK(accept(l, NULL, NULL));
	OBSERVE_STATUS("room", wait_for(child));
	child = harness_fork();
	if (child == 0) {
		close(l);
		long r = un_connect(un_socket(SOCK_STREAM), "@room");
		OBSERVE_RET("listener closed meanwhile", r);
		_exit(0);
	}
	REQUIRE(wait_blocked(child, child));
	close(l);
	wait_for(child);
}

CASE(datagrams) {
	int a = un_socket(SOCK_DGRAM), b = un_socket(SOCK_DGRAM), c = un_socket(SOCK_DGRAM);
	struct sockaddr_un un = {.sun_family = AF_UNSPEC};
	char buf[8];
	struct un to = un_of("@dg-a");
	REQUIRE_OK(un_bind(a, "@dg-a"));
	REQUIRE_OK(un_bind(b, "@dg-b"));
	OBSERVE_RET("connect", un_connect(c, "@dg-a"));
	OBSERVE_RET("send", send(c, "x", 1, 0));
	OBSERVE_RET("change", un_connect(c, "@dg-b"));
	OBSERVE_RET("send to the other", send(c, "yy", 2, 0));
	OBSERVE_RET("a got", recv(a, buf, 8, MSG_DONTWAIT));
	OBSERVE_RET("b got", recv(b, buf, 8, MSG_DONTWAIT));
	OBSERVE_RET("a to b", un_connect(a, "@dg-b"));
	OBSERVE_RET("c to a, which has another peer", un_connect(c, "@dg-a"));
	OBSERVE_RET("forget", connect(c, (void *)&un, sizeof un));
	OBSERVE_RET("send to nobody", send(c, "z", 1, 0));
	OBSERVE_RET("send to a, which has another peer", sendto(c, "z", 1, 0, (void *)&to.a, to.len));
	int s[2];
	un_pair(SOCK_STREAM, s);
	OBSERVE_RET("a stream forgets", connect(s[0], (void *)&un, sizeof un));
}

CASE(errors) {
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
	OBSERVE_NO_SOCKETS(fd, connect(fd, (void *)&a, sizeof a));
	static const int lens[] = {-1, 0, 1, 2, 111, 129};
	static char big[200];
	memcpy(big, &a, sizeof a);
	for (size_t i = 0; i < COUNT(lens); i++)
		for (int k = 0; k < 2; k++)
			OBSERVE_RET(name("%s, length %d", unix_names[k], lens[i]), syscall(SYS_connect, un_socket(unix_types[k]), big, lens[i]));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), syscall(SYS_connect, un_socket(SOCK_STREAM), b->p, 10));
	a.sun_family = AF_INET;
	OBSERVE_RET("AF_INET", connect(un_socket(SOCK_STREAM), (void *)&a, sizeof a));
}

CASE(inet_streams) {
	for (int k = 0; k < 2; k++) {
		int family = in_families[k], l = in_listener(family, 5), c = in_socket(family, SOCK_STREAM), port = in_port(l);
		const char *w = in_names[k];
		OBSERVE_RET(name("%s: connect", w), in_connect(c, family, port));
		OBSERVE_RET(name("%s: again", w), in_connect(c, family, port));
		OBSERVE_RET(name("%s: the listener", w), in_connect(l, family, port));
		OBSERVE(name("%s: client", w), "%s", poll_text(c));
		int s = REQUIRE_OK(accept(l, NULL, NULL));
		OBSERVE_RET(name("%s: write", w), write(c, "hello", 5));
		char b[8];
		OBSERVE_RET(name("%s: read", w), read(s, b, 8));
		union in_addrs a = {.sa.sa_family = AF_UNSPEC};
		OBSERVE_RET(name("%s: AF_UNSPEC", w), connect(c, &a.sa, sizeof a));
		await(s, POLLIN);
		OBSERVE_RET(name("%s: read after that", w), read(s, b, 8));
		close(l);
		int refused = in_socket(family, SOCK_STREAM);
		OBSERVE_RET(name("%s: nobody listens", w), in_connect(refused, family, port));
		OBSERVE(name("%s: refused", w), "%s", poll_text(refused));
	}
}

CASE(inet_nonblocking) {
	int l = in_listener(AF_INET, 5), port = in_port(l), c = in_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK), err;
	socklen_t len = sizeof err;
	OBSERVE_RET("in progress", in_connect(c, AF_INET, port));
	await(c, POLLOUT);
	OBSERVE_RET("SO_ERROR", getsockopt(c, SOL_SOCKET, SO_ERROR, &err, &len));
	OBSERVE("error", "%s", errno_name(err));
	OBSERVE_RET("again", in_connect(c, AF_INET, port));
	OBSERVE_RET("and again", in_connect(c, AF_INET, port));
	close(l);
	c = in_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
	OBSERVE_RET("nobody listens", in_connect(c, AF_INET, port));
	await(c, POLLOUT);
	OBSERVE("refused", "%s", poll_text(c));
	OBSERVE_RET("SO_ERROR of refused", getsockopt(c, SOL_SOCKET, SO_ERROR, &err, &len));
	OBSERVE("error of refused", "%s", errno_name(err));
	OBSERVE_RET("SO_ERROR once more", getsockopt(c, SOL_SOCKET, SO_ERROR, &err, &len));
	OBSERVE("error once more", "%s", errno_name(err));
}

CASE(inet_interrupted) {
	int l = in_listener(AF_INET, 0), port = in_port(l);
	// The backlog takes one; the next one's request is not answered.
	REQUIRE_OK(in_connect(in_socket(AF_INET, SOCK_STREAM), AF_INET, port));
	int c = in_socket(AF_INET, SOCK_STREAM);
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(in_connect(c, AF_INET, port), EINTR);
	CHECK(interrupt_done(&it));
	struct timeval t = {0, 20000};
	REQUIRE_OK(setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
	OBSERVE_RET("again, with a timeout", in_connect(c, AF_INET, port));
	int d = in_socket(AF_INET, SOCK_STREAM);
	REQUIRE_OK(setsockopt(d, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
	OBSERVE_RET("another, with a timeout", in_connect(d, AF_INET, port));
}

CASE(inet_datagrams) {
	for (int k = 0; k < 2; k++) {
		int family = in_families[k], a = in_socket(family, SOCK_DGRAM), c = in_socket(family, SOCK_DGRAM), port;
		REQUIRE_OK(in_bind(a, family, 0));
		port = in_port(a);
		char b[8];
		OBSERVE_RET(name("%s: connect", in_names[k]), in_connect(c, family, port));
		OBSERVE_RET(name("%s: send", in_names[k]), send(c, "abc", 3, 0));
		OBSERVE_RET(name("%s: recv", in_names[k]), recv(a, b, 8, 0));
		close(a);
		OBSERVE_RET(name("%s: send to nobody", in_names[k]), send(c, "abc", 3, 0));
		await(c, POLLIN);
		OBSERVE_RET(name("%s: what came of it", in_names[k]), recv(c, b, 8, 0));
		union in_addrs un = {.sa.sa_family = AF_UNSPEC};
		OBSERVE_RET(name("%s: forget", in_names[k]), connect(c, &un.sa, sizeof un));
		OBSERVE_RET(name("%s: forgotten", in_names[k]), send(c, "abc", 3, 0));
	}
}

CASE(inet_lengths) {
	for (int k = 0; k < 2; k++)
		for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++)
			for (socklen_t len = 0; len < 30; len++) {
				union in_addrs a = in_lo(in_families[k], 1);
				OBSERVE_RET(name("%s, type %d, length %d", in_names[k], type, (int)len),
					    syscall(SYS_connect, in_socket(in_families[k], type), &a, len));
			}
}

// The address is looked at before it matters whether the descriptor is a socket.
CASE(no_socket) {
	char a[200] = {1};
	int p[2];
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("a pipe", syscall(SYS_connect, p[0], a, 16));
	OBSERVE_RET("bad address", syscall(SYS_connect, p[0], bad_ptr(), 16));
	OBSERVE_RET("too long", syscall(SYS_connect, p[0], a, 129));
	OBSERVE_RET("negative", syscall(SYS_connect, p[0], a, -1));
	OBSERVE_RET("none", syscall(SYS_connect, p[0], bad_ptr(), 0));
	OBSERVE_RET("no descriptor", syscall(SYS_connect, 77, bad_ptr(), -1));
}
