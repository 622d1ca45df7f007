// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setsockopt: options that stay, their sizes, timeouts, buffers, and errors.
#include "../harness/inets.h"
#include "../harness/unixes.h"

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
