// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendto: datagrams to names, flags, sizes, full queues, and errors.
#include "../harness/inets.h"
#include "../harness/unixes.h"

static long to(int s, const void *b, size_t n, int flags, const char *text) {
	struct un u = text ? un_of(text) : (struct un){.len = 0};
	return syscall(SYS_sendto, s, b, n, flags, text ? &u.a : NULL, u.len);
}

CASE(to_names) {
	int r = un_socket(SOCK_DGRAM), s = un_socket(SOCK_DGRAM), gone = un_socket(SOCK_DGRAM);
	char b[8];
	REQUIRE_OK(un_bind(r, "sock"));
	REQUIRE_OK(un_bind(gone, "gone"));
	close(gone);
	OBSERVE_RET("to it", to(s, "abc", 3, 0, "sock"));
	OBSERVE_RET("nothing at all", to(s, "", 0, 0, "sock"));
	OBSERVE_RET("received", recv(r, b, 8, MSG_DONTWAIT));
	OBSERVE_RET("received, empty", recv(r, b, 8, MSG_DONTWAIT));
	OBSERVE_RET("received, none", recv(r, b, 8, MSG_DONTWAIT));
	OBSERVE_RET("closed", to(s, "a", 1, 0, "gone"));
	OBSERVE_RET("no such name", to(s, "a", 1, 0, "missing"));
	OBSERVE_RET("no such abstract name", to(s, "a", 1, 0, "@missing"));
	OBSERVE_RET("no name", to(s, "a", 1, 0, NULL));
	un_listener("stream", 1);
	OBSERVE_RET("a stream", to(s, "a", 1, 0, "stream"));
	OBSERVE_RET("itself", to(r, "me", 2, 0, "sock"));
	OBSERVE_RET("received from itself", recv(r, b, 8, MSG_DONTWAIT));
	int p[2];
	for (int i = 0; i < 3; i++) {
		un_pair(unix_types[i], p);
		OBSERVE_RET(name("%s pair, with a name", unix_names[i]), to(p[0], "a", 1, 0, "sock"));
	}
	OBSERVE_RET("stream, not connected, with a name", to(un_socket(SOCK_STREAM), "a", 1, 0, "stream"));
	OBSERVE_RET("seqpacket, not connected, with a name", to(un_socket(SOCK_SEQPACKET), "a", 1, 0, "stream"));
}

CASE(flags) {
	for (int i = 0; i < 3; i++)
		for (int bit = 0; bit < 32; bit++) {
			int p[2];
			un_pair(unix_types[i], p);
			if (1U << bit == MSG_ZEROCOPY || bit == 27 || bit == 16 || bit == 19 || bit == 17 || bit == 20)
				continue; // the kernel's own
			OBSERVE_RET(name("%s, flag %#x", unix_names[i], 1U << bit), to(p[0], "a", 1, 1U << bit, NULL));
			close(p[0]);
			close(p[1]);
		}
}

CASE(sizes_of_packets) {
	static char big[300000];
	static const int sizes[] = {0, 1, 65536, 200000, 212992 - 32, 212992 - 31, 212992, 300000};
	for (int i = 1; i < 3; i++)
		for (size_t k = 0; k < COUNT(sizes); k++) {
			int p[2];
			un_pair(unix_types[i], p);
			OBSERVE_RET(name("%s of %d", unix_names[i], sizes[k]), to(p[0], big, sizes[k], MSG_DONTWAIT, NULL));
			close(p[0]);
			close(p[1]);
		}
	// A smaller buffer makes for smaller packets.
	int p[2], size = 5000;
	un_pair(SOCK_DGRAM, p);
	REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &size, 4));
	OBSERVE_RET("9000 of 10000", to(p[0], big, 9000, MSG_DONTWAIT, NULL));
	OBSERVE_RET("10000 of 10000", to(p[0], big, 10000, MSG_DONTWAIT, NULL));
}

CASE(broken) {
	for (int i = 0; i < 3; i++) {
		int p[2], before = sig_count[SIGPIPE];
		sig_catch(SIGPIPE, 0);
		un_pair(unix_types[i], p);
		close(p[1]);
		OBSERVE_RET(name("%s", unix_names[i]), to(p[0], "a", 1, 0, NULL));
		OBSERVE(name("%s, SIGPIPE", unix_names[i]), "%d", (int)sig_count[SIGPIPE] - before);
		OBSERVE_RET(name("%s, again", unix_names[i]), to(p[0], "a", 1, 0, NULL));
		before = sig_count[SIGPIPE];
		OBSERVE_RET(name("%s, MSG_NOSIGNAL", unix_names[i]), to(p[0], "a", 1, MSG_NOSIGNAL, NULL));
		OBSERVE_RET(name("%s, nothing", unix_names[i]), to(p[0], "a", 0, MSG_NOSIGNAL, NULL));
		OBSERVE(name("%s, SIGPIPE then", unix_names[i]), "%d", (int)sig_count[SIGPIPE] - before);
	}
}

CASE(waits_for_room) {
	for (int i = 0; i < 3; i++) {
		int p[2];
		static char b[300000];
		un_pair(unix_types[i], p);
		fill(p[0]);
		CHECK_ERR(to(p[0], b, 4096, MSG_DONTWAIT, NULL), EAGAIN);
		sig_catch(SIGUSR1, 0);
		struct interrupter it = interrupt_me(SIGUSR1);
		CHECK_ERR(to(p[0], b, 4096, 0, NULL), EINTR);
		CHECK(interrupt_done(&it));
		pid_t child = harness_fork();
		if (child == 0)
			_exit(to(p[0], b, 4096, 0, NULL) == 4096 ? 0 : 1);
		REQUIRE(wait_blocked(child, child));
		while (recv(p[1], b, sizeof b, MSG_DONTWAIT) > 0)
			;
		OBSERVE_STATUS(unix_names[i], wait_for(child));
	}
}

CASE(errors) {
	int p[2];
	un_pair(SOCK_STREAM, p);
	OBSERVE_NO_SOCKETS(fd, to(fd, "a", 1, 0, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("data %s", b->name), to(p[0], b->p, 1, 0, NULL));
		OBSERVE_RET(name("no data %s", b->name), to(p[0], b->p, 0, 0, NULL));
		OBSERVE_RET(name("address %s", b->name), syscall(SYS_sendto, un_socket(SOCK_DGRAM), "a", 1, 0, b->p, 10));
	}
	static const int lens[] = {-1, 1, 2, 111, 129};
	static char addr[200] = {AF_UNIX, 0, 'x'};
	for (size_t i = 0; i < COUNT(lens); i++)
		OBSERVE_RET(name("address of %d", lens[i]), syscall(SYS_sendto, un_socket(SOCK_DGRAM), "a", 1, 0, addr, lens[i]));
}

CASE(inet_streams) {
	for (int k = 0; k < 2; k++) {
		int p[2];
		in_pair(in_families[k], p);
		OBSERVE_RET(name("%s: send", in_names[k]), syscall(SYS_sendto, p[0], "abc", 3, 0, NULL, 0));
		union in_addrs a = in_lo(in_families[k], 9);
		OBSERVE_RET(name("%s: with an address", in_names[k]), syscall(SYS_sendto, p[0], "abc", 3, 0, &a, in_len(in_families[k])));
		static char big[300000];
		REQUIRE_OK(fcntl(p[0], F_SETFL, O_NONBLOCK));
		while (send(p[0], big, sizeof big, 0) > 0)
			;
		OBSERVE_RET(name("%s: full", in_names[k]), syscall(SYS_sendto, p[0], big, 1, 0, NULL, 0));
		OBSERVE(name("%s: full, poll", in_names[k]), "%s", poll_text(p[0]));
		sig_catch(SIGPIPE, 0);
		int before = sig_count[SIGPIPE];
		shutdown(p[0], SHUT_WR);
		OBSERVE_RET(name("%s: shut", in_names[k]), syscall(SYS_sendto, p[0], "x", 1, 0, NULL, 0));
		OBSERVE_RET(name("%s: shut, MSG_NOSIGNAL", in_names[k]), syscall(SYS_sendto, p[0], "x", 1, MSG_NOSIGNAL, NULL, 0));
		OBSERVE(name("%s: SIGPIPE", in_names[k]), "%d", (int)sig_count[SIGPIPE] - before);
		OBSERVE_RET(name("%s: fresh", in_names[k]), syscall(SYS_sendto, in_socket(in_families[k], SOCK_STREAM), "x", 1, 0, NULL, 0));
	}
}

// A big one waits for its reader, to the last byte.
CASE(inet_waits_for_room) {
	int p[2];
	static char big[3 << 20], got[1 << 16];
	in_pair(AF_INET, p);
	pid_t child = harness_fork();
	if (child == 0) {
		close(p[0]);
		long total = 0, n;
		while ((n = read(p[1], got, sizeof got)) > 0)
			total += n;
		_exit(total == sizeof big ? 0 : 1);
	}
	close(p[1]);
	CHECK_EQ(syscall(SYS_sendto, p[0], big, sizeof big, 0, NULL, 0), (long)sizeof big);
	close(p[0]);
	OBSERVE_STATUS("reader", wait_for(child));
}

CASE(inet_datagrams) {
	for (int k = 0; k < 2; k++) {
		int family = in_families[k], a = in_socket(family, SOCK_DGRAM), c = in_socket(family, SOCK_DGRAM);
		REQUIRE_OK(in_bind(a, family, 0));
		union in_addrs to = in_lo(family, in_port(a));
		static char big[70000];
		static const int sizes[] = {0, 1, 1000, 65507, 65508, 65527, 65528, 65535, 65536, 70000};
		for (size_t i = 0; i < COUNT(sizes); i++) {
			OBSERVE_RET(name("%s: size %d", in_names[k], sizes[i]), syscall(SYS_sendto, c, big, sizes[i], 0, &to, in_len(family)));
			OBSERVE_RET(name("%s: size %d, got", in_names[k], sizes[i]), recv(a, big, sizeof big, MSG_DONTWAIT));
		}
		OBSERVE_RET(name("%s: no address", in_names[k]), syscall(SYS_sendto, c, "x", 1, 0, NULL, 0));
		OBSERVE_RET(name("%s: length 0", in_names[k]), syscall(SYS_sendto, c, "x", 1, 0, &to, 0));
		OBSERVE_RET(name("%s: length 8", in_names[k]), syscall(SYS_sendto, c, "x", 1, 0, &to, 8));
		to.v4.sin_port = 0;
		OBSERVE_RET(name("%s: port 0", in_names[k]), syscall(SYS_sendto, c, "x", 1, 0, &to, in_len(family)));
		to.sa.sa_family = AF_UNIX;
		OBSERVE_RET(name("%s: AF_UNIX", in_names[k]), syscall(SYS_sendto, c, "x", 1, 0, &to, in_len(family)));
		OBSERVE_RET(name("%s: MSG_OOB", in_names[k]), syscall(SYS_sendto, c, "x", 1, MSG_OOB, NULL, 0));
	}
}

// MSG_ZEROCOPY: the numbers of the sends come back on the error queue.
CASE(zerocopy) {
	for (int k = 0; k < 4; k++) {
		int p[2], on = 1, family = in_families[k / 2];
		char b[64];
		if (k % 2) {
			p[0] = in_socket(family, SOCK_DGRAM), p[1] = in_socket(family, SOCK_DGRAM);
			REQUIRE_OK(in_bind(p[1], family, 0));
			REQUIRE_OK(in_connect(p[0], family, in_port(p[1])));
		} else {
			in_pair(family, p);
		}
		const char *kind = k % 2 ? "udp" : "tcp";
		static char c[256];
		struct iovec v = {b, 8};
		struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof c};
		OBSERVE_RET(name("%s %s: not asked for", in_names[k / 2], kind), send(p[0], "abc", 3, MSG_ZEROCOPY));
		OBSERVE_RET(name("%s %s: no notice", in_names[k / 2], kind), recvmsg(p[0], &m, MSG_ERRQUEUE));
		REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on));
		OBSERVE_RET(name("%s %s: without", in_names[k / 2], kind), send(p[0], "abc", 3, 0));
		REQUIRE(recv(p[1], b, k % 2 ? 3 : 6, MSG_WAITALL) > 0);
		if (k % 2)
			REQUIRE(recv(p[1], b, 3, 0) == 3);
		for (unsigned i = 0; i < 3; i++) {
			OBSERVE_RET(name("%s %s: send %d", in_names[k / 2], kind, (int)i), send(p[0], "abc", 3, MSG_ZEROCOPY));
			REQUIRE(recv(p[1], b, 3, MSG_WAITALL) == 3);
			struct pollfd f = {p[0], 0, 0};
			REQUIRE_OK(poll(&f, 1, -1));
			m.msg_controllen = sizeof c;
			m.msg_namelen = 0;
			OBSERVE_RET(name("%s %s: notice %d", in_names[k / 2], kind, (int)i), recvmsg(p[0], &m, MSG_ERRQUEUE));
			struct cmsghdr *h = CMSG_FIRSTHDR(&m);
			REQUIRE(h != NULL);
			uint32_t *e = (uint32_t *)CMSG_DATA(h);
			OBSERVE(name("%s %s: notice %d says", in_names[k / 2], kind, (int)i), "flags %#x level %d type %d size %d errno %u origin %d type %d code %d %u %u",
				m.msg_flags, h->cmsg_level, h->cmsg_type, (int)h->cmsg_len, e[0], ((char *)e)[4], ((char *)e)[5], ((char *)e)[6], e[2], e[3]);
			OBSERVE_RET(name("%s %s: no more %d", in_names[k / 2], kind, (int)i), recvmsg(p[0], &m, MSG_ERRQUEUE));
			OBSERVE(name("%s %s: events %d", in_names[k / 2], kind, (int)i), "%s", poll_text(p[0]));
		}
	}
	int p[2];
	un_pair(SOCK_STREAM, p);
	OBSERVE_RET("unix", to(p[0], "a", 1, MSG_ZEROCOPY, NULL));
}

// MSG_FASTOPEN connects and sends.
CASE(fast_open) {
	for (int k = 0; k < 2; k++) {
		int family = in_families[k], l = in_listener(family, 3), s = in_socket(family, SOCK_STREAM), q = 5;
		union in_addrs a = in_lo(family, in_port(l));
		char b[16];
		OBSERVE_RET(name("%s: TCP_FASTOPEN", in_names[k]), setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &q, sizeof q));
		OBSERVE_RET(name("%s: send", in_names[k]), syscall(SYS_sendto, s, "hello", 5, MSG_FASTOPEN, &a, in_len(family)));
		int c = REQUIRE_OK(accept(l, NULL, NULL));
		OBSERVE_RET(name("%s: received", in_names[k]), recv(c, b, 5, MSG_WAITALL));
		OBSERVE_RET(name("%s: send again", in_names[k]), syscall(SYS_sendto, s, "hello", 5, MSG_FASTOPEN, &a, in_len(family)));
		s = in_socket(family, SOCK_STREAM);
		OBSERVE_RET(name("%s: no address", in_names[k]), syscall(SYS_sendto, s, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL, NULL, 0));
		OBSERVE_RET(name("%s: a short address", in_names[k]), syscall(SYS_sendto, s, "hello", 5, MSG_FASTOPEN, &a, 4));
		s = in_socket(family, SOCK_STREAM);
		close(l);
		OBSERVE_RET(name("%s: refused", in_names[k]), syscall(SYS_sendto, s, "hello", 5, MSG_FASTOPEN, &a, in_len(family)));
		s = in_socket(family, SOCK_DGRAM);
		OBSERVE_RET(name("%s: udp", in_names[k]), syscall(SYS_sendto, s, "hello", 5, MSG_FASTOPEN, &a, in_len(family)));
	}
}

// A socket that takes no more is not called writable, whatever the size that it refuses; and is again once all was taken.
CASE(writable_or_full) {
	static const int sizes[] = {1000, 20000, 32768, 60000, 100000};
	static char b[300000];
	for (int k = 0; k < 3; k++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			int p[2];
			un_pair(unix_types[k], p);
			while (to(p[0], b, sizes[i], MSG_DONTWAIT, NULL) > 0)
				;
			OBSERVE(name("%s of %d: full", unix_names[k], sizes[i]), "%s", poll_text(p[0]));
			while (recv(p[1], b, sizeof b, MSG_DONTWAIT) > 0)
				;
			OBSERVE(name("%s of %d: empty", unix_names[k], sizes[i]), "%s", poll_text(p[0]));
			close(p[0]);
			close(p[1]);
		}
}

// Who sends to a socket that is not connected back, as to a log, and polls for room: is told when there is some, by what was received
// and by the end of the receiver.
CASE(room_at_a_stranger) {
	for (int ends = 0; ends < 2; ends++) {
		int r = un_socket(SOCK_DGRAM), s = un_socket(SOCK_DGRAM);
		static char b[4096];
		const char *log = ends ? "@log2" : "@log";
		REQUIRE_OK(un_bind(r, log));
		REQUIRE_OK(un_connect(s, log));
		while (to(s, b, sizeof b, MSG_DONTWAIT, NULL) > 0)
			;
		OBSERVE(name("%d: full", ends), "%s", poll_text(s));
		pid_t child = harness_fork();
		if (child == 0) {
			close(r);
			await(s, POLLOUT);
			_exit(to(s, b, 1, MSG_DONTWAIT, NULL) == 1 ? 0 : errno == ECONNREFUSED ? 1 : 2);
		}
		REQUIRE(wait_blocked(child, child));
		if (!ends)
			while (recv(r, b, sizeof b, MSG_DONTWAIT) > 0)
				;
		else
			close(r);
		OBSERVE_STATUS(name("%d: the sender", ends), wait_for(child));
	}
}

// Memory that nobody can have counts before the descriptor.
CASE(memory_out_of_range_first) {
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	OBSERVE_RET("no socket", syscall(SYS_sendto, fd, -4096l, 10, 0, 0l, 0));
	OBSERVE_RET("no descriptor", syscall(SYS_sendto, -1, 1l << 47, 10, 0, 0l, 0));
	OBSERVE_RET("no socket, memory that is merely not there", syscall(SYS_sendto, fd, 8l, 10, 0, 0l, 0));
}
