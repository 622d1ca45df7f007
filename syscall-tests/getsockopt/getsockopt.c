// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getsockopt: what sockets in every state say, how much of it is stored, and errors.
#include "../harness/optlists.h"

static long get(int s, int level, int opt, void *v, void *len) { return syscall(SYS_getsockopt, s, level, opt, v, len); }

static void options(const char *what, int s) {
	static const struct {
		const char *name;
		int opt;
	} opts[] = {{"SO_TYPE", SO_TYPE}, {"SO_DOMAIN", SO_DOMAIN}, {"SO_PROTOCOL", SO_PROTOCOL}, {"SO_ERROR", SO_ERROR},
		    {"SO_ACCEPTCONN", SO_ACCEPTCONN}, {"SO_SNDBUF", SO_SNDBUF}, {"SO_RCVBUF", SO_RCVBUF}, {"SO_PASSCRED", SO_PASSCRED},
		    {"SO_PEERSEC", SO_PEERSEC}, {"SO_PEERGROUPS", SO_PEERGROUPS}, {"SO_PEEK_OFF", SO_PEEK_OFF}};
	for (size_t i = 0; i < COUNT(opts); i++) {
		int v = -7;
		socklen_t len = sizeof v;
		errno = 0;
		long r = get(s, SOL_SOCKET, opts[i].opt, &v, &len);
		OBSERVE(name("%s: %s", what, opts[i].name), "%ld %s %d, length %d", r, errno_name(errno), v, (int)len);
	}
	struct ucred c = {7, 7, 7};
	socklen_t len = sizeof c;
	OBSERVE_RET(name("%s: SO_PEERCRED", what), get(s, SOL_SOCKET, SO_PEERCRED, &c, &len));
	OBSERVE(name("%s: peer", what), "%s %d %d", pid_name(c.pid), (int)c.uid, (int)c.gid);
}

CASE(states) {
	int l = un_listener("@l", 3), c = un_socket(SOCK_STREAM), p[2];
	options("fresh", un_socket(SOCK_SEQPACKET));
	options("dgram", un_socket(SOCK_DGRAM));
	options("listener", l);
	REQUIRE_OK(un_connect(c, "@l"));
	options("client", c);
	options("server", accept(l, NULL, NULL));
	un_pair(SOCK_STREAM, p);
	REQUIRE(write(p[0], "x", 1) == 1);
	close(p[1]);
	options("reset", p[0]);
	options("reset, again", p[0]);
}

// The credentials are those of the time of listen and connect.
CASE(peer_credentials, "root") {
	int l = un_listener("@p", 3);
	struct ucred c;
	socklen_t len = sizeof c;
	pid_t me = getpid();
	IN_CHILD(NULL) {
		int s = un_socket(SOCK_STREAM);
		REQUIRE_OK(setresuid(-1, 1234, -1));
		REQUIRE_OK(un_connect(s, "@p"));
		REQUIRE_OK(setresuid(-1, 0, -1));
		REQUIRE_OK(get(s, SOL_SOCKET, SO_PEERCRED, &c, &len));
		OBSERVE("the listener", "%d %d %d", c.pid == me, (int)c.uid, (int)c.gid);
	}
	int s = REQUIRE_OK(accept(l, NULL, NULL));
	REQUIRE_OK(get(s, SOL_SOCKET, SO_PEERCRED, &c, &len));
	OBSERVE("the client", "%d %d %d", c.pid != me && c.pid > 0, (int)c.uid, (int)c.gid);
}

CASE(errors) {
	int s = un_socket(SOCK_STREAM), v;
	socklen_t len = 4;
	OBSERVE_NO_SOCKETS(fd, get(fd, SOL_SOCKET, SO_TYPE, &v, &len));
	for (int n = -1; n < 9; n++) {
		char b[12];
		memset(b, 0x55, sizeof b);
		int room = n;
		OBSERVE_RET(name("room %d", n), get(s, SOL_SOCKET, SO_TYPE, b, &room));
		OBSERVE(name("room %d, length", n), "%d", room);
		OBSERVE_BYTES(name("room %d, bytes", n), b, 8);
		room = n;
		OBSERVE_RET(name("SO_PEERCRED, room %d", n), get(s, SOL_SOCKET, SO_PEERCRED, b, &room));
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		len = 4;
		OBSERVE_RET(name("value %s", b->name), get(s, SOL_SOCKET, SO_TYPE, b->p, &len));
		OBSERVE_RET(name("length %s", b->name), get(s, SOL_SOCKET, SO_TYPE, &v, b->p));
	}
	static const int levels[] = {0, 6, 41, 255, 270, -1};
	for (size_t i = 0; i < COUNT(levels); i++)
		OBSERVE_RET(name("level %d", levels[i]), get(s, levels[i], 1, &v, &len));
	OBSERVE_RET("unknown option", get(s, SOL_SOCKET, 9999, &v, &len));
}

static void inet_options(const char *what, int s) {
	static const struct {
		const char *name;
		int level, opt;
	} opts[] = {
		{"SO_TYPE", SOL_SOCKET, SO_TYPE}, {"SO_DOMAIN", SOL_SOCKET, SO_DOMAIN}, {"SO_PROTOCOL", SOL_SOCKET, SO_PROTOCOL},
		{"SO_ERROR", SOL_SOCKET, SO_ERROR}, {"SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN}, {"SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE},
		{"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR}, {"SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT}, {"SO_LINGER", SOL_SOCKET, SO_LINGER},
		{"SO_RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO}, {"SO_PEEK_OFF", SOL_SOCKET, SO_PEEK_OFF}, {"9999", SOL_SOCKET, 9999},
		{"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY}, {"TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE}, {"TCP_CORK", IPPROTO_TCP, TCP_CORK},
		{"TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT}, {"TCP 9999", IPPROTO_TCP, 9999},
		{"UDP_CORK", IPPROTO_UDP, UDP_CORK}, {"IP_TTL", IPPROTO_IP, IP_TTL}, {"IP_TOS", IPPROTO_IP, IP_TOS},
		{"IP_RECVERR", IPPROTO_IP, IP_RECVERR}, {"IP_MULTICAST_TTL", IPPROTO_IP, IP_MULTICAST_TTL}, {"IP 9999", IPPROTO_IP, 9999},
		{"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY}, {"IPV6_UNICAST_HOPS", IPPROTO_IPV6, IPV6_UNICAST_HOPS},
		{"IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS}, {"level 255", 255, 1}, {"level -1", -1, 1},
	};
	for (size_t i = 0; i < COUNT(opts); i++) {
		int v[4] = {-7, -7, -7, -7};
		socklen_t len = sizeof v;
		errno = 0;
		long r = get(s, opts[i].level, opts[i].opt, v, &len);
		OBSERVE(name("%s: %s", what, opts[i].name), "%ld %s %d %d, length %d", r, errno_name(errno), v[0], v[1], (int)len);
	}
}

CASE(inet_states) {
	int p[2];
	inet_options("tcp", in_socket(AF_INET, SOCK_STREAM));
	inet_options("tcp6", in_socket(AF_INET6, SOCK_STREAM));
	inet_options("udp", in_socket(AF_INET, SOCK_DGRAM));
	inet_options("udp6", in_socket(AF_INET6, SOCK_DGRAM));
	inet_options("listener", in_listener(AF_INET, 3));
	in_pair(AF_INET, p);
	inet_options("connected", p[0]);
}

// SO_PEERGROUPS: the groups at the time of connect, and how much room they take.
CASE(peer_groups, "root") {
	int l = un_listener("@g", 3);
	gid_t some[] = {7, 1000, 77777};
	struct gate g = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		REQUIRE_OK(setgroups(3, some));
		int s = un_socket(SOCK_STREAM);
		REQUIRE_OK(un_connect(s, "@g"));
		gate_wait(&g);
		_exit(0);
	}
	int s = REQUIRE_OK(accept(l, NULL, NULL));
	for (int room = 0; room <= 16; room += 4) {
		gid_t v[4] = {1, 1, 1, 1};
		socklen_t len = room;
		OBSERVE_RET(name("%d bytes", room), get(s, SOL_SOCKET, SO_PEERGROUPS, v, &len));
		OBSERVE(name("%d bytes: groups", room), "%d: %d %d %d %d", (int)len, (int)v[0], (int)v[1], (int)v[2], (int)v[3]);
	}
	gate_signal(&g);
	wait_for(child);
	gid_t v[4];
	socklen_t len = sizeof v;
	OBSERVE_RET("of TCP", get(in_socket(AF_INET, SOCK_STREAM), SOL_SOCKET, SO_PEERGROUPS, v, &len));
	REQUIRE_OK(setgroups(1, some));
	int p[2];
	un_pair(SOCK_DGRAM, p);
	OBSERVE_RET("of a pair", get(p[0], SOL_SOCKET, SO_PEERGROUPS, v, &len));
	OBSERVE("of a pair: groups", "%d: %d", (int)len, (int)v[0]);
}

// Every option that the headers have, on every kind of socket, as one without rights is told of it.
static void every_option(int kind) {
	IN_CHILD(NULL) {
		become_nobody();
		int s = REQUIRE_OK(socket(opt_kinds[kind].family, opt_kinds[kind].type, opt_kinds[kind].protocol));
		opt_get_all(opt_kinds[kind].name, s);
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

CASE(every_option_of_connections, "root kernel>=6.17") {
	IN_CHILD(NULL) {
		int p[2];
		become_nobody();
		un_pair(SOCK_STREAM, p);
		opt_get_all("unix pair", p[0]);
		in_pair(AF_INET, p);
		opt_get_all("tcp pair", p[0]);
	}
}

// A descriptor whose number can't be told is not left open.
CASE(pidfd_that_nobody_is_told, "kernel>=6.5") {
	int s[2], pidfd = -7;
	socklen_t len = 4;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	OBSERVE_RET("bad value", syscall(SYS_getsockopt, s[0], SOL_SOCKET, 77, bad_ptr(), &len));
	OBSERVE_RET("next", dup(0));
	OBSERVE_RET("bad length", syscall(SYS_getsockopt, s[0], SOL_SOCKET, 77, &pidfd, bad_ptr()));
	OBSERVE_RET("then", dup(0));
	struct { int n; } *ro = readonly_page();
	OBSERVE_RET("bad length to write", syscall(SYS_getsockopt, s[0], SOL_SOCKET, 77, &pidfd, ro));
	OBSERVE_RET("and then", dup(0));
	OBSERVE_RET("good", syscall(SYS_getsockopt, s[0], SOL_SOCKET, 77, &pidfd, &len));
	OBSERVE("number", "%d", pidfd);
}

// What is looked at first where nothing is right: the level, the length, the name.
CASE(bad_lengths_of_each_level) {
	static const int levels[] = {-1, SOL_SOCKET, 0, 6, 17, 41, 58, 136, 255, 263, 270, 271, 300};
	static const int names[] = {-1, 1, 2, 38, 45, 77, 200, 213, 1000};
	struct { const char *name; int fd; } files[] = {
		{"stream", REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0))},
		{"TCP", REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0))},
		{"UDP", REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0))},
		{"TCP6", REQUIRE_OK(socket(AF_INET6, SOCK_STREAM, 0))},
		{"UDP6", REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0))},
		{"netlink", REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, 0))},
	};
	char value[64];
	for (int i = 0; i < 6; i++)
		for (int l = 0; l < 13; l++)
			for (int n = 0; n < 9; n++) {
				OBSERVE_RET(name("%s level %d name %d", files[i].name, levels[l], names[n]),
					syscall(SYS_getsockopt, files[i].fd, levels[l], names[n], value, bad_ptr()));
				socklen_t negative = -1;
				OBSERVE_OK(name("%s level %d name %d, negative", files[i].name, levels[l], names[n]),
					syscall(SYS_getsockopt, files[i].fd, levels[l], names[n], value, &negative));
			}
}
