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
