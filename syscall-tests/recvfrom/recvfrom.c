// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvfrom: peeking, truncation, waiting for all, the sender's address, ends, and errors.
#include "../harness/msgflags.h"
#include "../harness/inets.h"
#include "../harness/unixes.h"
#include "../harness/urgent.h"

#include <sys/ioctl.h>

static long from(int s, void *b, size_t n, int flags, void *a, void *len) { return syscall(SYS_recvfrom, s, b, n, flags, a, len); }

CASE(flags) {
	static const int flags[] = {0, MSG_PEEK, MSG_TRUNC, MSG_PEEK | MSG_TRUNC, MSG_WAITALL, MSG_OOB, MSG_ERRQUEUE, MSG_CMSG_CLOEXEC,
				    MSG_NOSIGNAL, MSG_PEEK | MSG_WAITALL, MSG_EOR};
	for (int i = 0; i < 3; i++)
		for (size_t k = 0; k < COUNT(flags); k++) {
			int p[2];
			char b[16] = "";
			un_pair(unix_types[i], p);
			REQUIRE(write(p[1], "hello", 5) == 5);
			REQUIRE(write(p[1], "you", 3) == 3);
			OBSERVE_RET(name("%s, flags %#x, 4 bytes", unix_names[i], flags[k]), from(p[0], b, 4, flags[k], NULL, NULL));
			OBSERVE(name("%s, flags %#x, bytes", unix_names[i], flags[k]), "%s", b);
			memset(b, 0, sizeof b);
			OBSERVE_RET(name("%s, flags %#x, the next", unix_names[i], flags[k]), from(p[0], b, 15, MSG_DONTWAIT, NULL, NULL));
			OBSERVE(name("%s, flags %#x, next bytes", unix_names[i], flags[k]), "%s", b);
			close(p[0]);
			close(p[1]);
		}
}

CASE(sender) {
	int r = un_socket(SOCK_DGRAM), s = un_socket(SOCK_DGRAM);
	char b[8];
	struct sockaddr_un a;
	REQUIRE_OK(un_bind(r, "@r"));
	REQUIRE_OK(un_connect(s, "@r"));
	REQUIRE(write(s, "1", 1) == 1);
	REQUIRE_OK(un_bind(s, "sender"));
	REQUIRE(write(s, "2", 1) == 1);
	REQUIRE(write(s, "3", 1) == 1);
	close(s);
	static const int rooms[] = {110, 110, 5};
	for (int i = 0; i < 3; i++) {
		int len = rooms[i];
		memset(&a, 0, sizeof a);
		OBSERVE_RET(name("receive %d", i), from(r, b, 8, 0, &a, &len));
		OBSERVE(name("address %d", i), "%s, length %d", un_text(&a, len > 5 && rooms[i] == 5 ? 5 : len), len);
	}
	for (int i = 0; i < 3; i += 2) {
		int p[2], len = 110;
		un_pair(unix_types[i], p);
		REQUIRE(write(p[1], "x", 1) == 1);
		OBSERVE_RET(name("%s", unix_names[i]), from(p[0], b, 8, 0, &a, &len));
		OBSERVE(name("%s, length", unix_names[i]), "%d", len);
	}
}

CASE(wait_for_all) {
	int p[2];
	char b[16];
	un_pair(SOCK_STREAM, p);
	pid_t child = harness_fork();
	if (child == 0)
		_exit((int)from(p[0], b, 8, MSG_WAITALL, NULL, NULL));
	REQUIRE(wait_blocked(child, child));
	REQUIRE(write(p[1], "abc", 3) == 3);
	REQUIRE(wait_blocked(child, child));
	REQUIRE(write(p[1], "defghijk", 8) == 8);
	OBSERVE_STATUS("all", wait_for(child));
	OBSERVE_RET("left", from(p[0], b, 16, MSG_DONTWAIT, NULL, NULL));
	// A signal or the end of the stream ends it early.
	REQUIRE(write(p[1], "ab", 2) == 2);
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("interrupted", from(p[0], b, 8, MSG_WAITALL, NULL, NULL));
	CHECK(interrupt_done(&it));
	REQUIRE(write(p[1], "abc", 3) == 3);
	close(p[1]);
	OBSERVE_RET("closed", from(p[0], b, 8, MSG_WAITALL, NULL, NULL));
	OBSERVE_RET("end", from(p[0], b, 8, MSG_WAITALL, NULL, NULL));
}

CASE(ends) {
	for (int i = 0; i < 3; i++) {
		int p[2];
		char b[8];
		un_pair(unix_types[i], p);
		CHECK_ERR(from(p[0], b, 8, MSG_DONTWAIT, NULL, NULL), EAGAIN);
		OBSERVE_RET(name("%s, room for nothing, none there", unix_names[i]), from(p[0], b, 0, MSG_DONTWAIT, NULL, NULL));
		REQUIRE(write(p[0], "unread", 6) == 6);
		REQUIRE(write(p[1], "ab", 2) == 2);
		OBSERVE_RET(name("%s, room for nothing", unix_names[i]), from(p[0], b, 0, MSG_DONTWAIT, NULL, NULL));
		REQUIRE(write(p[1], "cd", 2) == 2);
		close(p[1]);
		for (int k = 0; k < 4; k++)
			OBSERVE_RET(name("%s, read %d", unix_names[i], k), from(p[0], b, 8, MSG_DONTWAIT, NULL, NULL));
		OBSERVE_RET(name("%s, not connected", unix_names[i]), from(un_socket(unix_types[i]), b, 8, MSG_DONTWAIT, NULL, NULL));
	}
}

CASE(interrupted) {
	int p[2];
	char b[8];
	un_pair(SOCK_STREAM, p);
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(from(p[0], b, 8, 0, NULL, NULL), EINTR);
	CHECK(interrupt_done(&it));
	pid_t child = harness_fork();
	if (child == 0) {
		sig_catch(SIGUSR1, SA_RESTART);
		_exit(from(p[0], b, 8, 0, NULL, NULL) == 1 ? 10 + (int)sig_count[SIGUSR1] : 1);
	}
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGUSR1);
	REQUIRE(wait_blocked(child, child));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_STATUS("restarted", wait_for(child));
}

CASE(errors) {
	char c;
	OBSERVE_NO_SOCKETS(fd, from(fd, &c, 1, 0, NULL, NULL));
	for (int i = 0; i < 3; i++)
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
			int p[2];
			un_pair(unix_types[i], p);
			REQUIRE(write(p[1], "xy", 2) == 2);
			OBSERVE_RET(name("%s, %s", unix_names[i], b->name), from(p[0], b->p, 2, 0, NULL, NULL));
			OBSERVE_RET(name("%s, %s, then", unix_names[i], b->name), from(p[0], &c, 1, MSG_DONTWAIT, NULL, NULL));
			close(p[0]);
			close(p[1]);
		}
	int p[2], len = -1;
	un_pair(SOCK_DGRAM, p);
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_RET("negative length of the address", from(p[0], &c, 1, 0, &c, &len));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_RET("bad length", from(p[0], &c, 1, MSG_DONTWAIT, &c, bad_ptr()));
}

CASE(inet_streams) {
	for (int k = 0; k < 2; k++) {
		const char *w = in_names[k];
		int p[2];
		char b[16];
		in_pair(in_families[k], p);
		OBSERVE_RET(name("%s: nothing", w), syscall(SYS_recvfrom, p[1], b, 16, MSG_DONTWAIT, NULL, NULL));
		REQUIRE(write(p[0], "abcdefgh", 8) == 8);
		await(p[1], POLLIN);
		OBSERVE_RET(name("%s: peek", w), syscall(SYS_recvfrom, p[1], b, 3, MSG_PEEK, NULL, NULL));
		union in_addrs a;
		socklen_t len = sizeof a;
		memset(&a, 0x55, sizeof a);
		OBSERVE_RET(name("%s: some", w), syscall(SYS_recvfrom, p[1], b, 2, 0, &a, &len));
		OBSERVE(name("%s: from", w), "%d %#x", (int)len, a.sa.sa_family);
		OBSERVE_RET(name("%s: thrown away", w), syscall(SYS_recvfrom, p[1], b, 2, MSG_TRUNC, NULL, NULL));
		OBSERVE_RET(name("%s: the rest", w), syscall(SYS_recvfrom, p[1], b, 16, 0, NULL, NULL));
		OBSERVE(name("%s: what", w), "%.4s", b);
		OBSERVE_RET(name("%s: MSG_OOB", w), syscall(SYS_recvfrom, p[1], b, 16, MSG_OOB, NULL, NULL));
		OBSERVE_RET(name("%s: MSG_ERRQUEUE", w), syscall(SYS_recvfrom, p[1], b, 16, MSG_ERRQUEUE, NULL, NULL));
		shutdown(p[0], SHUT_WR);
		OBSERVE_RET(name("%s: end", w), syscall(SYS_recvfrom, p[1], b, 16, 0, NULL, NULL));
		OBSERVE(name("%s: at the end", w), "%s", poll_text(p[1]));
		OBSERVE_RET(name("%s: fresh", w), syscall(SYS_recvfrom, in_socket(in_families[k], SOCK_STREAM), b, 16, 0, NULL, NULL));
	}
}

CASE(inet_waits) {
	int p[2];
	char b[16];
	in_pair(AF_INET, p);
	pid_t me = getpid(), tid = tid_self(), child = harness_fork();
	if (child == 0) {
		for (int i = 0; i < 3; i++) {
			wait_blocked(me, tid);
			if (write(p[0], "abcd", 4) != 4)
				_exit(1);
		}
		_exit(0);
	}
	OBSERVE_RET("the first", syscall(SYS_recvfrom, p[1], b, 16, 0, NULL, NULL));
	OBSERVE_RET("MSG_WAITALL", syscall(SYS_recvfrom, p[1], b, 8, MSG_WAITALL, NULL, NULL));
	OBSERVE_STATUS("writer", wait_for(child));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(syscall(SYS_recvfrom, p[1], b, 8, 0, NULL, NULL), EINTR);
	CHECK(interrupt_done(&it));
	REQUIRE(write(p[0], "ab", 2) == 2);
	it = interrupt_me(SIGUSR1);
	OBSERVE_RET("MSG_WAITALL, interrupted", syscall(SYS_recvfrom, p[1], b, 8, MSG_WAITALL, NULL, NULL));
	CHECK(interrupt_done(&it));
	struct timeval t = {0, 10000};
	REQUIRE_OK(setsockopt(p[1], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	OBSERVE_RET("timeout", syscall(SYS_recvfrom, p[1], b, 8, 0, NULL, NULL));
}

CASE(inet_datagrams) {
	for (int k = 0; k < 2; k++) {
		int family = in_families[k], a = in_socket(family, SOCK_DGRAM), c = in_socket(family, SOCK_DGRAM);
		const char *w = in_names[k];
		char b[16];
		REQUIRE_OK(in_bind(a, family, 0));
		REQUIRE_OK(in_connect(c, family, in_port(a)));
		REQUIRE(send(c, "abcdef", 6, 0) == 6);
		REQUIRE(send(c, "ghi", 3, 0) == 3);
		union in_addrs from;
		socklen_t len = sizeof from;
		OBSERVE_RET(name("%s: peek", w), syscall(SYS_recvfrom, a, b, 2, MSG_PEEK, &from, &len));
		OBSERVE(name("%s: from", w), "%s", in_text(&from, len, in_port(c)));
		OBSERVE_RET(name("%s: peek its size", w), syscall(SYS_recvfrom, a, b, 2, MSG_PEEK | MSG_TRUNC, NULL, NULL));
		OBSERVE_RET(name("%s: cut", w), syscall(SYS_recvfrom, a, b, 2, 0, NULL, NULL));
		OBSERVE_RET(name("%s: bad pointer", w), syscall(SYS_recvfrom, a, bad_ptr(), 16, 0, NULL, NULL));
		OBSERVE_RET(name("%s: after that", w), syscall(SYS_recvfrom, a, b, 16, MSG_DONTWAIT, NULL, NULL));
		REQUIRE(send(c, "", 0, 0) == 0);
		OBSERVE_RET(name("%s: an empty one", w), syscall(SYS_recvfrom, a, b, 16, 0, NULL, NULL));
	}
}

// SO_PEEK_OFF: where a peek begins, how peeks and reads move it, and what it does at the end.
CASE(peek_offset) {
	for (int i = 0; i < 3; i++) {
		int p[2], v = 2;
		un_pair(unix_types[i], p);
		REQUIRE(write(p[1], "hello", 5) == 5);
		REQUIRE(write(p[1], "you", 3) == 3);
		REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_PEEK_OFF, &v, sizeof v));
		static const int flags[] = {MSG_PEEK, MSG_PEEK, MSG_PEEK, MSG_PEEK, 0, MSG_PEEK, 0, MSG_PEEK | MSG_TRUNC, 0, 0};
		for (size_t k = 0; k < COUNT(flags); k++) {
			char b[8] = "";
			socklen_t len = sizeof v;
			OBSERVE_RET(name("%s %d, flags %#x", unix_names[i], (int)k, flags[k]), from(p[0], b, 2, flags[k] | MSG_DONTWAIT, NULL, NULL));
			REQUIRE_OK(getsockopt(p[0], SOL_SOCKET, SO_PEEK_OFF, &v, &len));
			OBSERVE(name("%s %d, bytes", unix_names[i], (int)k), "%s, then at %d", b, v);
		}
		v = 100;
		char b[8];
		REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_PEEK_OFF, &v, sizeof v));
		OBSERVE_RET(name("%s, beyond", unix_names[i]), from(p[0], b, 2, MSG_PEEK | MSG_DONTWAIT, NULL, NULL));
		close(p[1]);
		OBSERVE_RET(name("%s, beyond the end", unix_names[i]), from(p[0], b, 2, MSG_PEEK | MSG_DONTWAIT, NULL, NULL));
		close(p[0]);
	}
}

// What could not be stored of a stream is still there.
CASE(inet_fault_loses_nothing) {
	int p[2], n = 0;
	in_pair(AF_INET, p);
	char *end = (char *)guard_end(4) + 4, b[16] = "";
	REQUIRE(write(p[1], "0123456789", 10) == 10);
	await(p[0], POLLIN);
	CHECK_ERR(from(p[0], bad_ptr(), 10, 0, NULL, NULL), EFAULT);
	OBSERVE("poll", "%s", poll_text(p[0]));
	REQUIRE_OK(ioctl(p[0], FIONREAD, &n));
	OBSERVE("FIONREAD", "%d", n);
	CHECK_EQ(from(p[0], b, 3, MSG_PEEK, NULL, NULL), 3);
	CHECK_STR(b, "012");
	REQUIRE(write(p[1], "abc", 3) == 3);
	CHECK_EQ(from(p[0], b, 2, 0, NULL, NULL), 2);
	CHECK_STR(b, "012");
	memset(b, 0, sizeof b);
	CHECK_ERR(from(p[0], end, 10, 0, NULL, NULL), EFAULT);
	REQUIRE(shutdown(p[1], SHUT_WR) == 0);
	CHECK_EQ(from(p[0], b, 15, MSG_WAITALL, NULL, NULL), 11);
	CHECK_STR(b, "23456789abc");
	CHECK_EQ(from(p[0], b, 15, 0, NULL, NULL), 0);
}

// The out-of-band byte of a stream: where it stands, where receives end, and what becomes of it.
CASE(out_of_band) {
	static const char *const scripts[] = {
		"e u m q oX e m q u u e m q r4 e",
		"sabc oX sdef e m r9 m e r9 m q",
		"sabc oX r9 m u m q r9 e",
		"sabc oX u m q r2 m r9 m r9 e",
		"sabc oX sdef u r3 m q r9",
		"sabc oX sdef U u U p9 r9 p9 r9",
		"sabc oX sdef r2 u r9 r9 m",
		"oX oY q e u u m r9 q",
		"oX u oY m u m q r9 q e",
		"oX u oY m r9 u q",
		"oX u sab oY m r9 m r9 q",
		"oXYZ q p9 r9 u m r9",
		"sab oX soY m r1 oZ q m r9 m u r9",
		"i sab oX sde q m U u r9 m r9 e q",
		"i sab oX sde p9 r3 p9 r1 r9",
		"i oX l u q r9",
		"oX i m u r9 q",
		"sab oX i r9 m r9 m q",
		"sab oX r9 i m q r9 q",
		"sab oX sde w5 w3 q",
		"sab oX sde p1 p3 p9 r9 p9",
		"k0 sab oX sde p1 p9 p9 r9 p9",
		"k1 sab oX u sde p9 p9 r9 r9",
		"sab oX c e u m r9 r9 r9",
		"oX c e r9 u r9",
		"oX u c e r9 r9",
		"oX r0 u0 m q",
		"sab oX r0 r9 r0 m q r9",
		"sab oX u oY u oZ u q p9 r9 q m e",
	};
	for (size_t i = 0; i < COUNT(scripts); i++) {
		int p[2];
		un_pair(SOCK_STREAM, p);
		urgent_script("stream", p, scripts[i]);
		close(p[1]);
	}
	for (int k = 1; k < 3; k++) {
		int p[2];
		un_pair(unix_types[k], p);
		urgent_script(unix_names[k], p, "oX u m q i oY r9");
	}
}

// A reader whose own bytes are left unread but for a place where out-of-band data was.
CASE(out_of_band_at_close) {
	static const char *const scripts[] = {"oX u", "oX", "sa oX u", "sa r1 oX u", "oX u sa", "oX u oY u"};
	for (size_t i = 0; i < COUNT(scripts); i++) {
		int p[2];
		char b[4];
		un_pair(SOCK_STREAM, p);
		urgent_script("before", p, scripts[i]);
		close(p[1]);
		OBSERVE(name("%s: events", scripts[i]), "%s", poll_text(p[0]));
		OBSERVE_RET(name("%s: recv", scripts[i]), recv(p[0], b, 4, MSG_DONTWAIT));
	}
}

// SIGURG, for who asked for it by F_SETOWN or by an ioctl; and a poll that waits for POLLPRI.
CASE(out_of_band_signals) {
	int p[2], pid = getpid(), none = 0;
	un_pair(SOCK_STREAM, p);
	sig_catch(SIGURG, 0);
	REQUIRE(send(p[0], "x", 1, MSG_OOB) == 1);
	OBSERVE("without an owner", "%d", (int)sig_count[SIGURG]);
	OBSERVE_RET("FIOGETOWN", ioctl(p[1], FIOGETOWN, &none));
	OBSERVE("owner", "%d", none);
	REQUIRE_OK(fcntl(p[1], F_SETOWN, pid));
	REQUIRE(send(p[0], "y", 1, MSG_OOB) == 1);
	OBSERVE("F_SETOWN", "%d, code %d", (int)sig_count[SIGURG], sig_info[SIGURG].si_code);
	none = 0;
	OBSERVE_RET("SIOCGPGRP", ioctl(p[1], SIOCGPGRP, &none));
	OBSERVE("owner then", "%s", pid_name(none));
	none = 0;
	OBSERVE_RET("FIOSETOWN to nobody", ioctl(p[1], FIOSETOWN, &none));
	REQUIRE(send(p[0], "z", 1, MSG_OOB) == 1);
	OBSERVE("nobody", "%d", (int)sig_count[SIGURG]);
	pid = -pid;
	OBSERVE_RET("SIOCSPGRP to a group", ioctl(p[1], SIOCSPGRP, &pid));
	REQUIRE(send(p[0], "z", 1, MSG_OOB) == 1);
	OBSERVE("the group", "%d", (int)sig_count[SIGURG]);
	OBSERVE_RET("bad pointer", ioctl(p[1], FIOSETOWN, bad_ptr()));
	none = 999999;
	OBSERVE_RET("no such process", ioctl(p[1], SIOCSPGRP, &none));
	OBSERVE_RET("not a socket", ioctl(open("/dev/null", O_RDONLY), SIOCSPGRP, &pid));
	un_pair(SOCK_STREAM, p);
	pid_t child = harness_fork();
	if (child == 0) {
		await(p[1], POLLPRI);
		_exit(recv(p[1], &pid, 1, MSG_OOB) == 1 ? 0 : 1);
	}
	REQUIRE(wait_blocked(child, child));
	REQUIRE(send(p[0], "a", 1, 0) == 1);
	REQUIRE(send(p[0], "z", 1, MSG_OOB) == 1);
	OBSERVE_STATUS("who waits for POLLPRI", wait_for(child));
}

// The same of TCP, as far as it is the same each time.
CASE(out_of_band_inet) {
	for (int k = 0; k < 2; k++) {
		int p[2], on = 1, m = -1;
		in_pair(in_families[k], p);
		sig_catch(SIGURG, 0);
		sig_count[SIGURG] = 0;
		REQUIRE_OK(fcntl(p[1], F_SETOWN, getpid()));
		REQUIRE(send(p[0], "ab", 2, 0) == 2);
		REQUIRE(send(p[0], "cX", 2, MSG_OOB) == 2);
		await(p[1], POLLPRI);
		while (sig_count[SIGURG] == 0)
			poll(NULL, 0, 1);
		OBSERVE(name("%s: signals", in_names[k]), "%d", (int)sig_count[SIGURG]);
		OBSERVE(name("%s: events", in_names[k]), "%s", poll_text(p[1]));
		OBSERVE(name("%s: peeked", in_names[k]), "%s", taken(p[1], 1, MSG_OOB | MSG_PEEK));
		OBSERVE(name("%s: urgent", in_names[k]), "%s", taken(p[1], 1, MSG_OOB));
		OBSERVE(name("%s: again", in_names[k]), "%s", taken(p[1], 1, MSG_OOB));
		OBSERVE(name("%s: up to the mark", in_names[k]), "%s", taken(p[1], 9, 0));
		REQUIRE_OK(ioctl(p[1], SIOCATMARK, &m));
		OBSERVE(name("%s: mark", in_names[k]), "%d", m);
		OBSERVE(name("%s: nothing", in_names[k]), "%s", taken(p[1], 9, 0));
		REQUIRE_OK(setsockopt(p[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
		REQUIRE(send(p[0], "dY", 2, MSG_OOB) == 2);
		await(p[1], POLLPRI);
		OBSERVE(name("%s: in line, urgent", in_names[k]), "%s", taken(p[1], 1, MSG_OOB));
		OBSERVE(name("%s: in line", in_names[k]), "%s", taken(p[1], 9, 0));
		OBSERVE(name("%s: in line, the byte", in_names[k]), "%s", taken(p[1], 9, 0));
	}
}

static long receive_some(int s, char *b, size_t n, int flags) { return syscall(SYS_recvfrom, s, b, n, flags, NULL, NULL); }

CASE(every_flag) { every_receive_flag(receive_some); }

// Memory that nobody can have counts before the descriptor.
CASE(memory_out_of_range_first) {
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	OBSERVE_RET("no socket", syscall(SYS_recvfrom, fd, -4096l, 10, 0, 0l, 0l));
	OBSERVE_RET("no descriptor", syscall(SYS_recvfrom, -1, 1l << 47, 10, 0, 0l, 0l));
	OBSERVE_RET("no socket, memory that is merely not there", syscall(SYS_recvfrom, fd, 8l, 10, 0, 0l, 0l));
}
