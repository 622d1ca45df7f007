// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvmsg: descriptors and credentials that come along, what is cut off, packets, and errors.
#include "../harness/inets.h"
#include "../harness/unixes.h"

CASE(a_descriptor) {
	for (int i = 0; i < 3; i++) {
		int p[2], q[2];
		char b[8];
		un_pair(unix_types[i], p);
		REQUIRE_OK(pipe(q));
		REQUIRE_OK(send_fds(p[0], "fd", &q[0], 1));
		close(q[0]);
		struct got g = receive(p[1], 10, 200, 0);
		OBSERVE(unix_names[i], "%s", got_text(g));
		OBSERVE(name("%s, flags", unix_names[i]), "%d %#x", fcntl(g.fds[0], F_GETFD), fcntl(g.fds[0], F_GETFL));
		REQUIRE(write(q[1], "through", 7) == 7);
		OBSERVE_RET(name("%s, works", unix_names[i]), read(g.fds[0], b, 8));
		int null = 0;
		REQUIRE_OK(send_fds(p[0], "fd", &null, 1));
		g = receive(p[1], 10, 200, MSG_CMSG_CLOEXEC);
		OBSERVE(name("%s, MSG_CMSG_CLOEXEC", unix_names[i]), "%s, %d", got_text(g), fcntl(g.fds[0], F_GETFD));
	}
}

CASE(shared_offset) {
	int p[2], f = make_file("f", "0123456789");
	un_pair(SOCK_STREAM, p);
	REQUIRE_OK(send_fds(p[0], "fd", &f, 1));
	struct got g = receive(p[1], 10, 200, 0);
	lseek(f, 4, SEEK_SET);
	OBSERVE_RET("the one that came", lseek(g.fds[0], 0, SEEK_CUR));
}

CASE(room_for_fewer) {
	for (int room = 0; room <= 40; room += 4) {
		int p[2], fds[3] = {0, 0, 0}, next = REQUIRE_OK(dup(0));
		close(next);
		un_pair(SOCK_STREAM, p);
		REQUIRE_OK(send_fds(p[0], "three", fds, 3));
		struct got g = receive(p[1], 10, room, 0);
		OBSERVE(name("room %d", room), "%s", got_text(g));
		for (int i = 0; i < g.count; i++)
			close(g.fds[i]);
		close(p[0]);
		close(p[1]);
		int again = REQUIRE_OK(dup(0));
		CHECK_EQ(again, next); // those that did not fit are closed
		close(again);
	}
}

CASE(lost_with_plain_reads) {
	int p[2], q[2];
	char b[8];
	un_pair(SOCK_STREAM, p);
	REQUIRE_OK(pipe(q));
	REQUIRE_OK(send_fds(p[0], "fd", &q[1], 1));
	close(q[1]);
	OBSERVE_RET("read", read(p[1], b, 8));
	OBSERVE_RET("the pipe has no writer any more", read(q[0], b, 8));
	// Nor when the socket that holds it is closed.
	REQUIRE_OK(pipe(q));
	REQUIRE_OK(send_fds(p[0], "fd", &q[1], 1));
	close(q[1]);
	close(p[0]);
	close(p[1]);
	OBSERVE_RET("closed socket", read(q[0], b, 8));
}

// Bytes with descriptors are not read together with others.
CASE(borders_of_streams) {
	int p[2], null = 0;
	un_pair(SOCK_STREAM, p);
	REQUIRE(write(p[0], "aa", 2) == 2);
	REQUIRE_OK(send_fds(p[0], "bb", &null, 1));
	REQUIRE(write(p[0], "cc", 2) == 2);
	REQUIRE_OK(send_fds(p[0], "dd", &null, 1));
	for (int i = 0; i < 5; i++)
		OBSERVE(name("%d", i), "%s", got_text(receive(p[1], 10, 200, MSG_DONTWAIT)));
	REQUIRE_OK(send_fds(p[0], "abcd", &null, 1));
	OBSERVE("a part", "%s", got_text(receive(p[1], 2, 200, MSG_DONTWAIT)));
	OBSERVE("the rest", "%s", got_text(receive(p[1], 10, 200, MSG_DONTWAIT)));
}

CASE(peeked_at) {
	for (int i = 0; i < 3; i++) {
		int p[2], null = 0;
		un_pair(unix_types[i], p);
		REQUIRE_OK(send_fds(p[0], "look", &null, 1));
		struct got a = receive(p[1], 10, 200, MSG_PEEK), b = receive(p[1], 10, 200, 0);
		OBSERVE(name("%s, peek", unix_names[i]), "%s", got_text(a));
		OBSERVE(name("%s, then", unix_names[i]), "%s", got_text(b));
		CHECK(a.fds[0] != b.fds[0]);
	}
}

CASE(over_fork_and_itself) {
	int p[2], q[2];
	char b[8];
	un_pair(SOCK_SEQPACKET, p);
	REQUIRE_OK(pipe(q));
	IN_CHILD(NULL) {
		int mine[2];
		REQUIRE_OK(pipe(mine));
		REQUIRE(write(mine[1], "child", 5) == 5);
		REQUIRE_OK(send_fds(p[0], "from the child", mine, 2));
	}
	struct got g = receive(p[1], 100, 200, 0);
	OBSERVE("came from one that is gone", "%s", got_text(g));
	OBSERVE_RET("its pipe", read(g.fds[0], b, 8));
	// A socket in its own queue.
	REQUIRE_OK(send_fds(p[0], "self", &p[1], 1));
	g = receive(p[1], 100, 200, 0);
	OBSERVE("itself", "%s", got_text(g));
	REQUIRE(write(p[0], "x", 1) == 1);
	OBSERVE_RET("is the same", read(g.fds[0], b, 8));
}

CASE(credentials) {
	for (int i = 0; i < 3; i++) {
		int p[2], on = 1;
		un_pair(unix_types[i], p);
		REQUIRE(write(p[0], "before", 6) == 6);
		REQUIRE_OK(setsockopt(p[1], SOL_SOCKET, SO_PASSCRED, &on, 4));
		OBSERVE(name("%s, sent before", unix_names[i]), "%s", got_text(receive(p[1], 20, 200, 0)));
		REQUIRE(write(p[0], "write", 5) == 5);
		OBSERVE(name("%s, write", unix_names[i]), "%s", got_text(receive(p[1], 20, 200, 0)));
		int null = 0;
		REQUIRE_OK(send_fds(p[0], "both", &null, 1));
		OBSERVE(name("%s, and a descriptor", unix_names[i]), "%s", got_text(receive(p[1], 20, 200, 0)));
		for (int room = 0; room < 40; room += 8) {
			REQUIRE(write(p[0], "cut", 3) == 3);
			OBSERVE(name("%s, room %d", unix_names[i], room), "%s", got_text(receive(p[1], 20, room, 0)));
		}
		IN_CHILD(NULL) REQUIRE(write(p[0], "child", 5) == 5);
		struct got g = receive(p[1], 20, 200, 0);
		CHECK(g.has_cred && g.cred.pid > 0 && g.cred.pid != getpid());
	}
}

CASE(truncated_packets) {
	for (int i = 0; i < 3; i++) {
		int p[2];
		static const int flags[] = {0, MSG_TRUNC, MSG_PEEK, MSG_PEEK | MSG_TRUNC};
		un_pair(unix_types[i], p);
		for (size_t k = 0; k < COUNT(flags); k++) {
			REQUIRE(write(p[0], "0123456789", 10) == 10);
			OBSERVE(name("%s, flags %#x", unix_names[i], flags[k]), "%s", got_text(receive(p[1], 4, 0, flags[k])));
			while (recv(p[1], (char[16]){0}, 16, MSG_DONTWAIT) > 0)
				;
		}
		struct iovec v = {"", 0};
		struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
		REQUIRE(write(p[0], "abc", 3) == 3);
		OBSERVE_RET(name("%s, no room at all", unix_names[i]), recvmsg(p[1], &m, MSG_DONTWAIT));
		OBSERVE(name("%s, then", unix_names[i]), "%s", got_text(receive(p[1], 4, 0, MSG_DONTWAIT)));
		close(p[0]);
		OBSERVE(name("%s, closed", unix_names[i]), "%s", got_text(receive(p[1], 4, 100, MSG_DONTWAIT)));
	}
}

CASE(errors) {
	int p[2];
	char b[8];
	struct iovec v = {b, 8};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	un_pair(SOCK_DGRAM, p);
	OBSERVE_NO_SOCKETS(fd, syscall(SYS_recvmsg, fd, &m, 0));
	for (const struct bad_pointer *bad = bad_pointers(); bad->name; bad++) {
		REQUIRE(write(p[0], "x", 1) == 1);
		OBSERVE_RET(name("%s", bad->name), syscall(SYS_recvmsg, p[1], bad->p, MSG_DONTWAIT));
		m.msg_name = bad->p;
		m.msg_namelen = 10;
		OBSERVE_RET(name("name %s", bad->name), syscall(SYS_recvmsg, p[1], &m, MSG_DONTWAIT));
		m.msg_name = NULL;
		while (recv(p[1], b, 8, MSG_DONTWAIT) > 0)
			;
	}
	m.msg_iovlen = 1025;
	OBSERVE_RET("1025 vectors", syscall(SYS_recvmsg, p[1], &m, MSG_DONTWAIT));
	m.msg_iovlen = 1;
	m.msg_name = b;
	m.msg_namelen = -1;
	OBSERVE_RET("name of -1", syscall(SYS_recvmsg, p[1], &m, MSG_DONTWAIT));
	m.msg_name = NULL;
	int null = 0;
	REQUIRE_OK(send_fds(p[0], "fd", &null, 1));
	m.msg_control = bad_ptr();
	m.msg_controllen = 100;
	OBSERVE_RET("bad control", syscall(SYS_recvmsg, p[1], &m, MSG_DONTWAIT));
	OBSERVE("its length and flags", "%d %#x", (int)m.msg_controllen, m.msg_flags);
}

static void observe_message(const char *what, int s, size_t size, size_t room, int flags) {
	char text[64] = "", c[512] = "", out[256] = "";
	union in_addrs from = {0};
	struct iovec v = {text, size};
	struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = room};
	errno = 0;
	long n = syscall(SYS_recvmsg, s, &m, flags);
	OBSERVE(what, "%ld %s name %d", n, errno_name(errno), (int)m.msg_namelen);
	if (n < 0)
		return;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		int first;
		memcpy(&first, CMSG_DATA(h), 4);
		snprintf(out + strlen(out), sizeof out - strlen(out), " (%d %d length %d %d)", h->cmsg_level, h->cmsg_type, (int)h->cmsg_len,
			 h->cmsg_type == SO_TIMESTAMP && h->cmsg_level == SOL_SOCKET ? 0 : first);
	}
	OBSERVE(name("%s: flags and control", what), "%#x %d%s", m.msg_flags, (int)m.msg_controllen, out);
}

CASE(inet_control) {
	int s = in_socket(AF_INET, SOCK_DGRAM), one = 1;
	REQUIRE_OK(in_bind(s, AF_INET, 0));
	REQUIRE_OK(in_connect(s, AF_INET, in_port(s)));
	static const struct {
		int level, opt;
	} opts[] = {{IPPROTO_IP, IP_RECVTTL}, {IPPROTO_IP, IP_RECVTOS}, {IPPROTO_IP, IP_PKTINFO}, {SOL_SOCKET, SO_TIMESTAMP}};
	for (size_t i = 0; i <= COUNT(opts); i++) {
		char what[32];
		snprintf(what, sizeof what, "%d options", (int)i);
		REQUIRE(send(s, "abcdef", 6, 0) == 6);
		observe_message(what, s, 64, 512, 0);
		if (i < COUNT(opts))
			REQUIRE_OK(setsockopt(s, opts[i].level, opts[i].opt, &one, sizeof one));
	}
	for (int room = 0; room < 100; room += 9) {
		char what[32];
		snprintf(what, sizeof what, "room %d", room);
		REQUIRE(send(s, "abcdef", 6, 0) == 6);
		observe_message(what, s, 3, room, 0);
	}
}

CASE(inet_error_queue) {
	int s = in_socket(AF_INET, SOCK_DGRAM), gone = in_socket(AF_INET, SOCK_DGRAM), one = 1;
	REQUIRE_OK(in_bind(gone, AF_INET, 0));
	REQUIRE_OK(in_connect(s, AF_INET, in_port(gone)));
	close(gone);
	REQUIRE_OK(setsockopt(s, IPPROTO_IP, IP_RECVERR, &one, sizeof one));
	observe_message("nothing", s, 64, 512, MSG_ERRQUEUE);
	REQUIRE(send(s, "abcdef", 6, 0) == 6);
	await(s, POLLERR);
	OBSERVE("refused", "%s", poll_text(s));
	observe_message("refused, error queue", s, 64, 512, MSG_ERRQUEUE);
	OBSERVE("after that", "%s", poll_text(s));
	observe_message("once more", s, 64, 512, MSG_ERRQUEUE | MSG_DONTWAIT);
}

// Every control message that came, by level and type, with the length of its data.
static const char *controls(struct msghdr *m) {
	static char text[256];
	int n = 0;
	text[0] = 0;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		n += snprintf(text + n, sizeof text - n, " %d/%d (%d)", h->cmsg_level, h->cmsg_type, (int)(h->cmsg_len - CMSG_LEN(0)));
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS || h->cmsg_level == SOL_SOCKET && h->cmsg_type == 4)
			close(*(int *)CMSG_DATA(h));
	}
	return text;
}

static void take(const char *what, int s, size_t room, int flags) {
	static char c[1024];
	char b[64];
	struct iovec v = {b, sizeof b};
	struct sockaddr_storage a;
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = room ? c : NULL, .msg_controllen = room, .msg_name = &a, .msg_namelen = sizeof a};
	errno = 0;
	long r = syscall(SYS_recvmsg, s, &m, flags | MSG_DONTWAIT);
	if (r < 0)
		OBSERVE(what, "%s", errno_name(errno));
	else
		OBSERVE(what, "%ld flags %#x control %d:%s name %d", r, m.msg_flags, (int)m.msg_controllen, controls(&m), (int)m.msg_namelen);
}

// What a receiver can ask to be told, on its own and together.
CASE(told, "kernel>=6.17") {
	enum { PASSPIDFD = 76, PASSRIGHTS = 83, INQ = 84 };
	static const struct {
		const char *name;
		int opts[4];
	} sets[] = {{"pidfd", {PASSPIDFD}}, {"pidfd and credentials", {PASSPIDFD, SO_PASSCRED}}, {"inq", {INQ}}, {"inq and credentials", {INQ, SO_PASSCRED}},
		    {"timestamp", {SO_TIMESTAMP}}, {"new timestamp", {63}}, {"timestampns", {SO_TIMESTAMPNS}}, {"new timestampns", {64}},
		    {"timestamp and credentials", {SO_TIMESTAMP, SO_PASSCRED, PASSPIDFD}}, {"overflow", {SO_RXQ_OVFL}}, {"mark", {75}}};
	static const int rooms[] = {0, 16, 24, 32, 64, 200};
	for (int k = 0; k < 3; k++)
		for (size_t i = 0; i < COUNT(sets); i++) {
			int p[2], on = 1;
			un_pair(unix_types[k], p);
			for (int j = 0; j < 4 && sets[i].opts[j]; j++)
				setsockopt(p[1], SOL_SOCKET, sets[i].opts[j], &on, sizeof on);
			for (size_t r = 0; r < COUNT(rooms); r++) {
				REQUIRE(send(p[0], "abc", 3, 0) == 3);
				if (k == 0)
					REQUIRE(send(p[0], "de", 2, 0) == 2);
				take(name("%s, %s, room %d", unix_names[k], sets[i].name, rooms[r]), p[1], rooms[r], 0);
			}
			REQUIRE(send_fds(p[0], "fds", p, 2) == 3);
			take(name("%s, %s, with descriptors", unix_names[k], sets[i].name), p[1], 200, 0);
			close(p[0]);
			take(name("%s, %s, at the end", unix_names[k], sets[i].name), p[1], 200, 0);
			close(p[1]);
		}
}

// SO_TIMESTAMPING beside a timestamp.
CASE(timestamping) {
	static const int flags[] = {0, 1 << 4, 1 << 3 | 1 << 4, 1 << 3, 1 << 4 | 1 << 11};
	for (size_t i = 0; i < COUNT(flags); i++)
		for (int with = 0; with < 3; with++) {
			int p[2], on = 1;
			un_pair(SOCK_DGRAM, p);
			OBSERVE_RET(name("%#x, %d: set", flags[i], with), setsockopt(p[1], SOL_SOCKET, SO_TIMESTAMPING, &flags[i], sizeof on));
			if (with)
				REQUIRE_OK(setsockopt(p[1], SOL_SOCKET, with == 1 ? SO_TIMESTAMP : SO_TIMESTAMPNS, &on, sizeof on));
			REQUIRE(send(p[0], "abc", 3, 0) == 3);
			take(name("%#x, %d", flags[i], with), p[1], 400, 0);
		}
}

// SO_PASSRIGHTS: a receiver that takes no descriptors. SO_PEERPIDFD and SCM_PIDFD: whom they show.
CASE(pidfds_and_rights, "kernel>=6.17") {
	enum { PASSPIDFD = 76, PEERPIDFD = 77, PASSRIGHTS = 83 };
	for (int k = 0; k < 3; k++) {
		int p[2], on = 1, off = 0;
		un_pair(unix_types[k], p);
		REQUIRE_OK(setsockopt(p[1], SOL_SOCKET, PASSRIGHTS, &off, sizeof off));
		OBSERVE_RET(name("%s: no rights", unix_names[k]), send_fds(p[0], "a", p, 1));
		OBSERVE_RET(name("%s: the other way", unix_names[k]), send_fds(p[1], "a", p, 1));
		REQUIRE_OK(setsockopt(p[1], SOL_SOCKET, PASSPIDFD, &on, sizeof on));
		struct gate g = gate_open();
		pid_t child = harness_fork();
		if (child == 0) {
			REQUIRE(send(p[0], "x", 1, 0) == 1);
			gate_wait(&g);
			_exit(7);
		}
		await(p[1], POLLIN);
		char b[8], c[64] = "";
		struct iovec v = {b, 8};
		struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof c};
		REQUIRE(recvmsg(p[1], &m, 0) == 1);
		int fd = *(int *)CMSG_DATA(CMSG_FIRSTHDR(&m)), peer = -1;
		OBSERVE(name("%s: close-on-exec", unix_names[k]), "%d", fcntl(fd, F_GETFD));
		OBSERVE(name("%s: alive", unix_names[k]), "%s", poll_text(fd));
		gate_signal(&g);
		await(fd, POLLIN);
		siginfo_t info = {0};
		OBSERVE_RET(name("%s: waitid", unix_names[k]), waitid(P_PIDFD, fd, &info, WEXITED));
		OBSERVE(name("%s: whose end", unix_names[k]), "%d %d", info.si_pid == child, info.si_status);
		socklen_t len = sizeof peer;
		OBSERVE_RET(name("%s: SO_PEERPIDFD", unix_names[k]), getsockopt(p[1], SOL_SOCKET, PEERPIDFD, &peer, &len));
		OBSERVE(name("%s: the peer is alive", unix_names[k]), "%s", poll_text(peer));
		OBSERVE_RET(name("%s: a signal to it", unix_names[k]), syscall(SYS_pidfd_send_signal, peer, 0, NULL, 0));
	}
}

// A peer's pidfd after the peer was waited for.
CASE(pidfd_of_the_dead, "kernel>=6.17") {
	int l = un_listener("@dead", 3), fd = -1;
	pid_t child = harness_fork();
	if (child == 0) {
		REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@dead"));
		_exit(0);
	}
	int s = REQUIRE_OK(accept(l, NULL, NULL));
	wait_for(child);
	socklen_t len = sizeof fd;
	OBSERVE_OK("SO_PEERPIDFD", getsockopt(s, SOL_SOCKET, 77, &fd, &len));
	OBSERVE("events", "%s", poll_text(fd));
	OBSERVE_RET("a signal", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
}

// MSG_ERRQUEUE: ports that nobody listens at, by IP_RECVERR; and nothing there.
CASE(error_queue) {
	for (int k = 0; k < 2; k++) {
		int s = in_socket(in_families[k], SOCK_DGRAM), gone = in_socket(in_families[k], SOCK_DGRAM), on = 1;
		REQUIRE_OK(in_bind(gone, in_families[k], 0));
		int port = in_port(gone);
		close(gone);
		take(name("%s: nothing", in_names[k]), s, 200, MSG_ERRQUEUE);
		REQUIRE_OK(setsockopt(s, k ? IPPROTO_IPV6 : IPPROTO_IP, k ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on));
		union in_addrs a = in_lo(in_families[k], port);
		REQUIRE(sendto(s, "hello", 5, 0, &a.sa, in_len(in_families[k])) == 5);
		await(s, POLLERR);
		OBSERVE(name("%s: events", in_names[k]), "%s", poll_text(s));
		take(name("%s: little room", in_names[k]), s, 20, MSG_ERRQUEUE | MSG_PEEK);
		take(name("%s: peeked", in_names[k]), s, 200, MSG_ERRQUEUE | MSG_PEEK);
		take(name("%s: taken", in_names[k]), s, 200, MSG_ERRQUEUE);
		take(name("%s: again", in_names[k]), s, 200, MSG_ERRQUEUE);
		take(name("%s: plain", in_names[k]), s, 200, 0);
		OBSERVE(name("%s: events then", in_names[k]), "%s", poll_text(s));
	}
	int p[2];
	un_pair(SOCK_STREAM, p);
	take("unix stream", p[0], 200, MSG_ERRQUEUE);
	un_pair(SOCK_DGRAM, p);
	take("unix dgram", p[0], 200, MSG_ERRQUEUE);
}

// Each flag of recvmsg on its own, with a packet or some of a stream there.
CASE(every_flag) {
	for (int k = 0; k < 3; k++)
		for (int bit = 0; bit < 32; bit++) {
			int p[2];
			if (1U << bit == MSG_ERRQUEUE || bit == 17 || bit == 19 || bit == 20 || bit == 27 || bit == 25 || 1U << bit == 0x80000000)
				continue;
			un_pair(unix_types[k], p);
			REQUIRE(send(p[0], "abc", 3, 0) == 3);
			take(name("%s, flag %#x", unix_names[k], 1U << bit), p[1], 200, 1U << bit);
			take(name("%s, flag %#x, then", unix_names[k], 1U << bit), p[1], 200, 0);
			close(p[0]);
			close(p[1]);
		}
	for (int k = 0; k < 4; k++)
		for (int bit = 0; bit < 32; bit++) {
			int p[2];
			if (1U << bit == MSG_ERRQUEUE || bit == 17 || bit == 19 || bit == 20 || bit == 27 || bit == 25 || 1U << bit == 0x80000000)
				continue;
			const char *kind = name("%s %s", in_names[k / 2], k % 2 ? "udp" : "tcp");
			if (k % 2) {
				p[0] = in_socket(in_families[k / 2], SOCK_DGRAM), p[1] = in_socket(in_families[k / 2], SOCK_DGRAM);
				REQUIRE_OK(in_bind(p[1], in_families[k / 2], 0));
				REQUIRE_OK(in_connect(p[0], in_families[k / 2], in_port(p[1])));
			} else {
				in_pair(in_families[k / 2], p);
			}
			REQUIRE(send(p[0], "abc", 3, 0) == 3);
			await(p[1], POLLIN);
			take(name("%s, flag %#x", kind, 1U << bit), p[1], 200, 1U << bit);
			take(name("%s, flag %#x, then", kind, 1U << bit), p[1], 200, 0);
			close(p[0]);
			close(p[1]);
		}
}
