// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setsockopt: options that stay, their sizes, timeouts, buffers, and errors.
#include "../harness/optlists.h"

#include <linux/filter.h>

static long set(int s, int level, int opt, const void *v, socklen_t len) { return syscall(SYS_setsockopt, s, level, opt, v, len); }

static const char *now(int s, int opt) {
	char v[16] = {0};
	socklen_t len = sizeof v;
	errno = 0;
	if (getsockopt(s, SOL_SOCKET, opt, v, &len) < 0)
		return errno_name(errno);
	return len == 4 ? name("%d", *(int *)v) : name("%d bytes", (int)len);
}

CASE(switches) {
	static const struct {
		const char *name;
		int opt;
	} opts[] = {{"SO_DEBUG", SO_DEBUG}, {"SO_REUSEADDR", SO_REUSEADDR}, {"SO_DONTROUTE", SO_DONTROUTE}, {"SO_BROADCAST", SO_BROADCAST},
		    {"SO_KEEPALIVE", SO_KEEPALIVE}, {"SO_OOBINLINE", SO_OOBINLINE}, {"SO_PRIORITY", SO_PRIORITY},
		    {"SO_PASSCRED", SO_PASSCRED}, {"SO_PASSSEC", SO_PASSSEC}, {"SO_RCVLOWAT", SO_RCVLOWAT}, {"SO_SNDLOWAT", SO_SNDLOWAT},
		    {"SO_TIMESTAMP", SO_TIMESTAMP}, {"SO_TIMESTAMPNS", SO_TIMESTAMPNS}, {"SO_TYPE", SO_TYPE}, {"SO_ERROR", SO_ERROR},
		    {"SO_ACCEPTCONN", SO_ACCEPTCONN}, {"SO_PROTOCOL", SO_PROTOCOL}, {"SO_DOMAIN", SO_DOMAIN}, {"SO_PEERCRED", SO_PEERCRED},
		    {"SO_REUSEPORT", SO_REUSEPORT}, {"SO_PEEK_OFF", SO_PEEK_OFF}, {"SO_RXQ_OVFL", SO_RXQ_OVFL}, {"SO_MARK", SO_MARK},
		    {"SO_BUSY_POLL", SO_BUSY_POLL}, {"SO_ZEROCOPY", SO_ZEROCOPY}, {"0", 0}, {"9999", 9999}, {"-1", -1}};
	static const int values[] = {1, 0, 7, -1};
	for (size_t i = 0; i < COUNT(opts); i++) {
		int s = un_socket(SOCK_STREAM);
		OBSERVE(name("%s, fresh", opts[i].name), "%s", now(s, opts[i].opt));
		if (opts[i].opt == SO_MARK || opts[i].opt == SO_BUSY_POLL || opts[i].opt == SO_DEBUG || opts[i].opt == SO_PRIORITY)
			continue; // rights that a container may lack
		for (size_t k = 0; k < COUNT(values); k++) {
			int v = values[k];
			OBSERVE_RET(name("%s = %d", opts[i].name, v), set(s, SOL_SOCKET, opts[i].opt, &v, sizeof v));
			OBSERVE(name("%s = %d, then", opts[i].name, v), "%s", now(s, opts[i].opt));
		}
	}
}

CASE(buffers) {
	static const int values[] = {0, 1, 1000, 5000, 100000, 212992, 1 << 20, -1, INT32_MAX};
	for (size_t i = 0; i < COUNT(values); i++) {
		int s = un_socket(SOCK_STREAM), v = values[i];
		OBSERVE_RET(name("SO_SNDBUF %d", v), set(s, SOL_SOCKET, SO_SNDBUF, &v, sizeof v));
		OBSERVE(name("SO_SNDBUF %d, then", v), "%s", now(s, SO_SNDBUF));
		OBSERVE_RET(name("SO_RCVBUF %d", v), set(s, SOL_SOCKET, SO_RCVBUF, &v, sizeof v));
		OBSERVE(name("SO_RCVBUF %d, then", v), "%s", now(s, SO_RCVBUF));
	}
}

CASE(timeouts) {
	static const struct timeval values[] = {{5, 0}, {0, 10000}, {0, 0}, {-1, 0}, {0, -1}, {0, 1000000}, {INT64_MAX, 0}, {1, 999999}};
	int s[2];
	un_pair(SOCK_STREAM, s);
	for (size_t i = 0; i < COUNT(values); i++) {
		struct timeval got = {7, 7};
		socklen_t len = sizeof got;
		OBSERVE_RET(name("%d", (int)i), set(s[0], SOL_SOCKET, SO_RCVTIMEO, &values[i], sizeof values[i]));
		REQUIRE_OK(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &got, &len));
		if (i != 1 && i != 7) // rounded to the host's ticks
			OBSERVE(name("%d, then", (int)i), "%lld %lld", (long long)got.tv_sec, (long long)got.tv_usec);
	}
	OBSERVE_RET("8 bytes", set(s[0], SOL_SOCKET, SO_RCVTIMEO, values, 8));
	struct timeval t = {0, 20000};
	char b[8];
	REQUIRE_OK(set(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	OBSERVE_RET("read", read(s[0], b, 8));
	REQUIRE_OK(set(s[0], SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
	fill(s[0]);
	OBSERVE_RET("write", write(s[0], b, 8));
	// With a timeout a call is not restarted.
	t.tv_sec = 100;
	REQUIRE_OK(set(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	sig_catch(SIGUSR1, SA_RESTART);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(read(s[0], b, 8), EINTR);
	CHECK(interrupt_done(&it));
}

CASE(errors) {
	int s = un_socket(SOCK_STREAM), v = 1;
	OBSERVE_NO_SOCKETS(fd, set(fd, SOL_SOCKET, SO_KEEPALIVE, &v, 4));
	static const int lens[] = {-1, 0, 1, 2, 3, 5, 8, 100};
	static char big[100] = {1};
	for (size_t i = 0; i < COUNT(lens); i++)
		OBSERVE_RET(name("length %d", lens[i]), set(s, SOL_SOCKET, SO_PASSCRED, big, lens[i]));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), set(s, SOL_SOCKET, SO_PASSCRED, b->p, 4));
	OBSERVE_RET("unknown option, bad pointer", set(s, SOL_SOCKET, 9999, bad_ptr(), 4));
	static const int levels[] = {0, 6, 41, 255, 270, -1};
	for (size_t i = 0; i < COUNT(levels); i++)
		OBSERVE_RET(name("level %d", levels[i]), set(s, levels[i], 1, &v, 4));
}

CASE(linger) {
	int s = un_socket(SOCK_STREAM);
	struct {
		int on, seconds;
	} l = {1, 5}, got = {9, 9};
	socklen_t len = sizeof got;
	OBSERVE_RET("on", set(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
	REQUIRE_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, &got, &len));
	OBSERVE("then", "%d %d", got.on, got.seconds);
	OBSERVE_RET("4 bytes", set(s, SOL_SOCKET, SO_LINGER, &l, 4));
}

CASE(inet_round_trip) {
	static const struct {
		const char *name;
		int level, opt;
	} opts[] = {
		{"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR}, {"SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT}, {"SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE},
		{"SO_BROADCAST", SOL_SOCKET, SO_BROADCAST}, {"SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE}, {"SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT},
		{"SO_RCVBUF", SOL_SOCKET, SO_RCVBUF}, {"SO_SNDBUF", SOL_SOCKET, SO_SNDBUF},
		{"SO_TIMESTAMP", SOL_SOCKET, SO_TIMESTAMP}, {"SO_TYPE", SOL_SOCKET, SO_TYPE}, {"9999", SOL_SOCKET, 9999},
		{"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY}, {"TCP_CORK", IPPROTO_TCP, TCP_CORK}, {"TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE},
		{"TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL}, {"TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT}, {"TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT},
		{"TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT}, {"TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT},
		{"IP_TTL", IPPROTO_IP, IP_TTL}, {"IP_TOS", IPPROTO_IP, IP_TOS}, {"IP_PKTINFO", IPPROTO_IP, IP_PKTINFO},
		{"IP_RECVTTL", IPPROTO_IP, IP_RECVTTL}, {"IP_MULTICAST_LOOP", IPPROTO_IP, IP_MULTICAST_LOOP},
		{"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY}, {"IPV6_UNICAST_HOPS", IPPROTO_IPV6, IPV6_UNICAST_HOPS},
		{"IPV6_RECVPKTINFO", IPPROTO_IPV6, IPV6_RECVPKTINFO}, {"level 255", 255, 1},
	};
	static const int values[] = {-1, 0, 1, 5, 300};
	for (int k = 0; k < 4; k++)
		for (size_t i = 0; i < COUNT(opts); i++)
			for (size_t j = 0; j < COUNT(values); j++) {
				int s = in_socket(in_families[k / 2], k % 2 ? SOCK_DGRAM : SOCK_STREAM), v = values[j];
				socklen_t len = sizeof v;
				char what[64];
				snprintf(what, sizeof what, "%s %s, %s, %d", in_names[k / 2], k % 2 ? "udp" : "tcp", opts[i].name, v);
				OBSERVE_RET(what, syscall(SYS_setsockopt, s, opts[i].level, opts[i].opt, &v, len));
				v = -9;
				getsockopt(s, opts[i].level, opts[i].opt, &v, &len);
				OBSERVE(name("%s: then", what), "%d", v);
				close(s);
			}
}

CASE(inet_privileged, "root") {
	static const int priorities[] = {0, 6, 7};
	int s = in_socket(AF_INET, SOCK_DGRAM), mark = 5;
	for (size_t i = 0; i < COUNT(priorities); i++)
		OBSERVE_RET(name("SO_PRIORITY %d", priorities[i]),
			    syscall(SYS_setsockopt, s, SOL_SOCKET, SO_PRIORITY, &priorities[i], sizeof(int)));
	OBSERVE_RET("SO_MARK", syscall(SYS_setsockopt, s, SOL_SOCKET, SO_MARK, &mark, sizeof mark));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody: SO_PRIORITY", syscall(SYS_setsockopt, s, SOL_SOCKET, SO_PRIORITY, &priorities[2], sizeof(int)));
		OBSERVE_RET("nobody: SO_MARK", syscall(SYS_setsockopt, s, SOL_SOCKET, SO_MARK, &mark, sizeof mark));
	}
}

CASE(inet_reset_by_linger) {
	int p[2];
	char b[8];
	struct linger l = {1, 0};
	in_pair(AF_INET, p);
	REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &l, sizeof l));
	close(p[0]);
	await(p[1], POLLIN);
	OBSERVE("reset", "%s", poll_text(p[1]));
	OBSERVE_RET("read", read(p[1], b, 8));
	OBSERVE_RET("read again", read(p[1], b, 8));
}

// Every option that the headers have, on every kind of socket, as one without rights may set it.
static void every_option(int kind) {
	IN_CHILD(NULL) {
		become_nobody();
		opt_set_all(&opt_kinds[kind]);
	}
}

CASE(every_option_unix_stream, "root kernel>=6.17") { every_option(0); }
CASE(every_option_unix_dgram, "root kernel>=6.17") { every_option(1); }
CASE(every_option_unix_seqpacket, "root kernel>=6.17") { every_option(2); }
CASE(every_option_tcp, "root kernel>=6.17") { every_option(3); }
CASE(every_option_tcp6, "root kernel>=6.17") { every_option(4); }
CASE(every_option_udp, "root kernel>=6.17") { every_option(5); }
CASE(every_option_udp6, "root kernel>=6.17") { every_option(6); }
CASE(every_option_netlink, "root kernel>=6.17") { every_option(7); }

static long attach(int s, int opt, struct sock_filter *f, int n) {
	struct sock_fprog p = {n, f};
	return syscall(SYS_setsockopt, s, SOL_SOCKET, opt, &p, sizeof p);
}

// Sends packets that differ in length and first byte, and tells what arrives.
static void through(const char *what, int from, int to) {
	static const char *const packets[] = {"", "a", "ab", "abc", "b", "bcdefgh", "abcdefgh"};
	char got[256];
	int n = 0;
	for (size_t i = 0; i < COUNT(packets); i++) {
		char b[16] = "";
		long r = send(from, packets[i], strlen(packets[i]), 0);
		long k = recv(to, b, sizeof b, MSG_DONTWAIT);
		n += snprintf(got + n, sizeof got - n, "%ld:%ld '%.*s' ", r, k, k > 0 ? (int)k : 0, b);
	}
	OBSERVE(what, "%s", got);
}

// Filters of packets (SO_ATTACH_FILTER): what passes, how much of it, what is no filter, and locks.
CASE(filters, "kernel>=6.17") {
	struct sock_filter none[] = {BPF_STMT(BPF_RET | BPF_K, 0)}, all[] = {BPF_STMT(BPF_RET | BPF_K, -1)}, two[] = {BPF_STMT(BPF_RET | BPF_K, 2)},
			   len[] = {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_RET | BPF_A, 0)},
			   protocol[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL), BPF_JUMP(BPF_JMP | BPF_JEQ, 0, 0, 1),
					 BPF_STMT(BPF_RET | BPF_K, 3), BPF_STMT(BPF_RET | BPF_K, 0)},
			   ifindex[] = {BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX),
					BPF_STMT(BPF_RET | BPF_K, -1)},
			   beyond[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_MAX), BPF_STMT(BPF_RET | BPF_K, -1)},
			   empty[] = {BPF_STMT(BPF_LD | BPF_IMM, 1)};
	struct sock_filter a[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ, 'a', 0, 1), BPF_STMT(BPF_RET | BPF_K, -1),
				  BPF_STMT(BPF_RET | BPF_K, 0)};
	for (int k = 0; k < 3; k++) {
		int p[2];
		un_pair(unix_types[k], p);
		const char *kind = unix_names[k];
		OBSERVE_RET(name("%s: none", kind), attach(p[1], SO_ATTACH_FILTER, none, 1));
		if (k) {
			through(name("%s: none passes", kind), p[0], p[1]);
			OBSERVE(name("%s: events", kind), "%s", poll_text(p[1]));
		}
		OBSERVE_RET(name("%s: a", kind), attach(p[1], SO_ATTACH_FILTER, a, 4));
		if (k) {
			through(name("%s: a passes", kind), p[0], p[1]);
			attach(p[1], SO_ATTACH_FILTER, two, 1);
			through(name("%s: two bytes", kind), p[0], p[1]);
			attach(p[1], SO_ATTACH_FILTER, len, 2);
			through(name("%s: its length", kind), p[0], p[1]);
			attach(p[1], SO_ATTACH_FILTER, protocol, 4);
			through(name("%s: the protocol", kind), p[0], p[1]);
			attach(p[1], SO_ATTACH_FILTER, ifindex, 3);
			through(name("%s: the device", kind), p[0], p[1]);
		}
		OBSERVE_RET(name("%s: beyond what there is", kind), attach(p[1], SO_ATTACH_FILTER, beyond, 2));
		OBSERVE_RET(name("%s: no return", kind), attach(p[1], SO_ATTACH_FILTER, empty, 1));
		OBSERVE_RET(name("%s: nothing", kind), attach(p[1], SO_ATTACH_FILTER, all, 0));
		OBSERVE_RET(name("%s: NULL", kind), attach(p[1], SO_ATTACH_FILTER, NULL, 1));
		OBSERVE_RET(name("%s: bad pointer", kind), attach(p[1], SO_ATTACH_FILTER, bad_ptr(), 1));
		OBSERVE_RET(name("%s: too long", kind), attach(p[1], SO_ATTACH_FILTER, all, 4097));
		OBSERVE_RET(name("%s: of a group", kind), attach(p[1], SO_ATTACH_REUSEPORT_CBPF, all, 1));
		struct sock_filter got[8] = {0};
		static const socklen_t rooms[] = {0, 1, 3, 8};
		attach(p[1], SO_ATTACH_FILTER, ifindex, 3);
		for (size_t i = 0; i < COUNT(rooms); i++) {
			socklen_t n = rooms[i];
			OBSERVE_RET(name("%s: room %d", kind, (int)rooms[i]), getsockopt(p[1], SOL_SOCKET, SO_GET_FILTER, got, &n));
			OBSERVE(name("%s: room %d, then", kind, (int)rooms[i]), "%d %#x %#x", (int)n, got[0].code, got[1].k);
		}
		int v = 1, off = 0;
		OBSERVE_RET(name("%s: locked", kind), set(p[1], SOL_SOCKET, SO_LOCK_FILTER, &v, 4));
		OBSERVE_RET(name("%s: locked, attach", kind), attach(p[1], SO_ATTACH_FILTER, all, 1));
		OBSERVE_RET(name("%s: locked, detach", kind), set(p[1], SOL_SOCKET, SO_DETACH_FILTER, &v, 4));
		OBSERVE_RET(name("%s: locked for good", kind), set(p[1], SOL_SOCKET, SO_LOCK_FILTER, &off, 4));
		OBSERVE_RET(name("%s: detach without one", kind), set(p[0], SOL_SOCKET, SO_DETACH_FILTER, &v, 4));
		attach(p[0], SO_ATTACH_FILTER, none, 1);
		OBSERVE_RET(name("%s: detach", kind), set(p[0], SOL_SOCKET, SO_DETACH_FILTER, &v, 4));
		if (k)
			through(name("%s: detached", kind), p[1], p[0]);
		close(p[0]);
		close(p[1]);
	}
}

// The same of UDP, whose header comes first.
CASE(inet_filters) {
	struct sock_filter a[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8), BPF_JUMP(BPF_JMP | BPF_JEQ, 'a', 0, 1), BPF_STMT(BPF_RET | BPF_K, 10),
				  BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_filter bad[] = {BPF_STMT(BPF_LD | BPF_IMM, 1)};
	for (int k = 0; k < 2; k++) {
		int r = in_socket(in_families[k], SOCK_DGRAM), s = in_socket(in_families[k], SOCK_DGRAM);
		REQUIRE_OK(in_bind(r, in_families[k], 0));
		REQUIRE_OK(in_connect(s, in_families[k], in_port(r)));
		OBSERVE_RET(name("%s: attach", in_names[k]), attach(r, SO_ATTACH_FILTER, a, 4));
		through(name("%s: passes", in_names[k]), s, r);
		OBSERVE_RET(name("%s: bad", in_names[k]), attach(r, SO_ATTACH_FILTER, bad, 1));
		struct sock_filter got[8];
		socklen_t n = 8;
		OBSERVE_RET(name("%s: get", in_names[k]), getsockopt(r, SOL_SOCKET, SO_GET_FILTER, got, &n));
		OBSERVE(name("%s: got", in_names[k]), "%d %d", (int)n, memcmp(got, a, sizeof a));
		int v = 0;
		OBSERVE_RET(name("%s: detach", in_names[k]), set(r, SOL_SOCKET, SO_DETACH_FILTER, &v, 4));
		through(name("%s: detached", in_names[k]), s, r);
	}
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("of TCP, nobody", attach(in_socket(AF_INET, SOCK_STREAM), SO_ATTACH_FILTER, a, 4));
	}
}

// SO_LINGER: a close that has nothing to wait for, and one whose peer does not take what was sent.
CASE(inet_linger) {
	static char big[1 << 20];
	for (int k = 0; k < 2; k++) {
		int p[2], size = 4096;
		struct linger l = {1, 100};
		in_pair(in_families[k], p);
		REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &l, sizeof l));
		REQUIRE(write(p[0], "x", 1) == 1);
		OBSERVE_RET(name("%s: close", in_names[k]), close(p[0]));
		OBSERVE_RET(name("%s: read", in_names[k]), read(p[1], big, 8));
		OBSERVE_RET(name("%s: end", in_names[k]), read(p[1], big, 8));
		in_pair(in_families[k], p);
		REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &l, sizeof l));
		setsockopt(p[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
		fill(p[0]);
		sig_catch(SIGUSR1, SA_RESTART);
		// Who interrupts must not have the socket.
		struct gate g = gate_open();
		pid_t me = getpid(), tid = tid_self(), helper = harness_fork();
		if (helper == 0) {
			close(p[0]);
			gate_signal(&g);
			_exit(wait_blocked(me, tid) && syscall(SYS_tgkill, me, tid, SIGUSR1) == 0 ? 0 : 1);
		}
		gate_wait(&g);
		OBSERVE_RET(name("%s: close, interrupted", in_names[k]), close(p[0]));
		OBSERVE_STATUS(name("%s: who interrupted", in_names[k]), wait_for(helper));
		in_pair(in_families[k], p);
		l.l_linger = 1;
		REQUIRE_OK(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &l, sizeof l));
		setsockopt(p[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
		fill(p[0]);
		int64_t began = now_ns(CLOCK_MONOTONIC);
		OBSERVE_RET(name("%s: close, a second", in_names[k]), close(p[0]));
		CHECK(now_ns(CLOCK_MONOTONIC) - began >= 900000000);
	}
}

CASE(length_is_looked_at_last) {
	int v = 1;
	OBSERVE_RET("no socket, negative", set(0, SOL_SOCKET, SO_REUSEADDR, &v, -1));
	OBSERVE_RET("no descriptor, negative", set(999, SOL_SOCKET, SO_REUSEADDR, &v, -1));
	OBSERVE_RET("socket, negative", set(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), SOL_SOCKET, SO_REUSEADDR, &v, -1));
}

// What is too short is refused before it is looked at.
CASE(short_and_nowhere) {
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	static const int opts[] = {SO_DEBUG, SO_REUSEADDR, SO_TYPE, SO_BROADCAST, SO_SNDBUF, SO_KEEPALIVE, SO_LINGER, SO_PASSCRED, SO_PEERCRED,
		SO_RCVTIMEO, SO_BINDTODEVICE, SO_TIMESTAMP, SO_MARK, SO_BUSY_POLL, SO_TXTIME, SO_PREFER_BUSY_POLL};
	for (size_t i = 0; i < sizeof opts / sizeof *opts; i++) {
		OBSERVE_RET(name("option %d, 1 byte", opts[i]), set(s, SOL_SOCKET, opts[i], (void *)8, 1));
		OBSERVE_RET(name("option %d, 4 bytes", opts[i]), set(s, SOL_SOCKET, opts[i], (void *)8, 4));
	}
}

// What is looked at first of an option that is none: its length and its value, or its name.
CASE(unknown_names_of_each_level) {
	static const int levels[] = {-1, SOL_SOCKET, 0, 6, 17, 41, 58, 136, 255, 263, 270, 271, 300};
	static const int names[] = {-1, 91, 200, 212, 213, 1000};
	struct { const char *name; int fd; } files[] = {
		{"stream", REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0))},
		{"TCP", REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0))},
		{"UDP", REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0))},
		{"TCP6", REQUIRE_OK(socket(AF_INET6, SOCK_STREAM, 0))},
		{"UDP6", REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0))},
		{"netlink", REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, 0))},
	};
	long value = 1;
	for (int i = 0; i < 6; i++)
		for (int l = 0; l < 13; l++)
			for (int n = 0; n < 6; n++) {
				const char *what = name("%s level %d name %d", files[i].name, levels[l], names[n]);
				OBSERVE_RET(name("%s", what), syscall(SYS_setsockopt, files[i].fd, levels[l], names[n], &value, 4));
				OBSERVE_RET(name("%s, short", what), syscall(SYS_setsockopt, files[i].fd, levels[l], names[n], &value, 1));
				OBSERVE_RET(name("%s, empty", what), syscall(SYS_setsockopt, files[i].fd, levels[l], names[n], &value, 0));
				OBSERVE_RET(name("%s, bad", what), syscall(SYS_setsockopt, files[i].fd, levels[l], names[n], bad_ptr(), 8));
				OBSERVE_RET(name("%s, bad and long", what), syscall(SYS_setsockopt, files[i].fd, levels[l], names[n], bad_ptr(), 0x7fffffff));
				OBSERVE_RET(name("%s, bad and short", what), syscall(SYS_setsockopt, files[i].fd, levels[l], names[n], bad_ptr(), 2));
			}
}
