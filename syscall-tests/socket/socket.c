// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socket: types, flags, protocols, and what a fresh socket is; raw sockets, those of ICMP and of devices: who may have one, and what
// comes of a packet?
#include "../harness/networks.h"
#include "../harness/unixes.h"

#include <sys/resource.h>

static long make(int family, int type, int proto) { return syscall(SYS_socket, family, type, proto); }

CASE(types_and_flags) {
	for (int type = -1; type < 14; type++)
		OBSERVE_OK(name("type %d", type), make(AF_UNIX, type, 0));
	for (int i = 0; i < 3; i++)
		for (int f = 0; f < 4; f++) {
			int flags = (f & 1 ? SOCK_CLOEXEC : 0) | (f & 2 ? SOCK_NONBLOCK : 0), s = REQUIRE_OK(make(AF_UNIX, unix_types[i] | flags, 0));
			OBSERVE(name("%s %#x", unix_names[i], flags), "%#x %d", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
			close(s);
		}
	for (int bit = 4; bit < 32; bit++)
		OBSERVE_OK(name("flag %#x", 1U << bit), make(AF_UNIX, SOCK_STREAM | 1U << bit, 0));
}

CASE(families_and_protocols) {
	static const int bad[] = {-1, 0, 46, 100, INT32_MAX};
	for (size_t i = 0; i < COUNT(bad); i++) {
		OBSERVE_OK(name("family %d", bad[i]), make(bad[i], SOCK_STREAM, 0));
		OBSERVE_OK(name("family %d, bad type", bad[i]), make(bad[i], 99, 0));
		OBSERVE_OK(name("protocol %d", bad[i]), make(AF_UNIX, SOCK_STREAM, bad[i]));
	}
	OBSERVE_OK("protocol 1", make(AF_UNIX, SOCK_STREAM, 1));
	OBSERVE_OK("protocol 2", make(AF_UNIX, SOCK_STREAM, 2));
	OBSERVE_OK("bad type and protocol", make(AF_UNIX, 9, 9));
}

CASE(fresh) {
	int s = REQUIRE_OK(make(AF_UNIX, SOCK_STREAM, 0));
	struct stat st;
	char b[64] = "", want[64];
	REQUIRE_OK(fstat(s, &st));
	OBSERVE("stat", "mode %#o links %d size %d", st.st_mode, (int)st.st_nlink, (int)st.st_size);
	REQUIRE_OK(readlink(name("/proc/self/fd/%d", s), b, 63));
	snprintf(want, sizeof want, "socket:[%lu]", (unsigned long)st.st_ino);
	CHECK_STR(b, want);
	OBSERVE_RET("read", read(s, b, 1));
	OBSERVE_RET("read nothing", read(s, b, 0));
	sig_catch(SIGPIPE, 0);
	OBSERVE_RET("write", write(s, b, 1));
	OBSERVE_RET("lseek", lseek(s, 0, SEEK_SET));
	OBSERVE_RET("pread", pread(s, b, 1, 0));
	OBSERVE_RET("ftruncate", ftruncate(s, 0));
	OBSERVE_RET("fsync", fsync(s));
	OBSERVE_RET("open of its link", open(name("/proc/self/fd/%d", s), O_RDWR));
	OBSERVE("SIGPIPE", "%d", (int)sig_count[SIGPIPE]);
	int d = REQUIRE_OK(make(AF_UNIX, SOCK_DGRAM, 0));
	OBSERVE_RET("dgram write", write(d, b, 1));
}

CASE(too_many) {
	struct rlimit lim = {3, 3};
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERR(make(AF_UNIX, SOCK_STREAM, 0), EMFILE);
	OBSERVE_RET("bad type", make(AF_UNIX, 9, 0));
}

CASE(inet_types_and_protocols) {
	static const int protocols[] = {-1, 0, 1, 6, 17, 255, 263};
	for (int k = 0; k < 2; k++)
		for (int type = 0; type < 10; type++)
			for (size_t i = 0; i < COUNT(protocols); i++)
				if (type != SOCK_RAW || protocols[i] <= 0)
					OBSERVE_OK(name("%s, type %d, protocol %d", in_names[k], type, protocols[i]),
						   make(in_families[k], type, protocols[i]));
}

CASE(inet_fresh) {
	for (int k = 0; k < 2; k++)
		for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
			int s = REQUIRE_OK(make(in_families[k], type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
			char what[32];
			snprintf(what, sizeof what, "%s %s", in_names[k], unix_names[type - 1]);
			char b[8] = "";
			struct stat st;
			REQUIRE_OK(fstat(s, &st));
			OBSERVE(name("%s: stat", what), "mode %#o size %d", st.st_mode, (int)st.st_size);
			OBSERVE(name("%s: flags", what), "%#x %d", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
			OBSERVE(name("%s: poll", what), "%s", poll_text(s));
			OBSERVE_RET(name("%s: read", what), read(s, b, 8));
			OBSERVE_RET(name("%s: lseek", what), lseek(s, 0, SEEK_CUR));
			sig_catch(SIGPIPE, 0);
			int before = sig_count[SIGPIPE];
			OBSERVE_RET(name("%s: write", what), write(s, b, 1));
			OBSERVE(name("%s: SIGPIPE", what), "%d", (int)sig_count[SIGPIPE] - before);
			OBSERVE_OK(name("%s: mmap", what), (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0));
		}
}

CASE(raw_and_packet_types, "root cap:13") {
	static const int protocols[] = {-1, 0, 1, 6, 17, 58, 89, 132, 254, 255, 262, 263};
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < COUNT(protocols); i++)
			OBSERVE_OK(name("%s, raw, protocol %d", in_names[k], protocols[i]), make(in_families[k], SOCK_RAW, protocols[i]));
	for (int type = 0; type < 10; type++)
		OBSERVE_OK(name("packet, type %d", type), make(AF_PACKET, type, htons(ETH_P_ALL)));
	OBSERVE_OK("packet, no protocol", make(AF_PACKET, SOCK_RAW, 0));
	OBSERVE_OK("packet, bad protocol", make(AF_PACKET, SOCK_RAW, -1));
	int s = REQUIRE_OK(make(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP));
	OBSERVE("flags", "%#x %d", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
	OBSERVE("poll", "%s", poll_text(s));
	static const int options[] = {SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN, SO_BROADCAST};
	for (size_t i = 0; i < COUNT(options); i++) {
		int v = -1;
		socklen_t len = sizeof v;
		OBSERVE(name("option %d", options[i]), "%d %d", getsockopt(s, SOL_SOCKET, options[i], &v, &len), v);
	}
	OBSERVE_RET("listen", listen(s, 1));
	OBSERVE_RET("accept", accept(s, NULL, NULL));
	OBSERVE_RET("bind to a low port", in_bind(s, AF_INET, 1));
	char b[64];
	OBSERVE_RET("recv of nothing", recv(s, b, sizeof b, 0));
	OBSERVE_RET("send to nobody", send(s, b, 8, 0));
}

CASE(raw_and_packet_need_privilege, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("raw", make(AF_INET, SOCK_RAW, IPPROTO_ICMP));
		OBSERVE_RET("raw of inet6", make(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
		OBSERVE_RET("raw, no protocol", make(AF_INET, SOCK_RAW, 0));
		OBSERVE_RET("raw, bad protocol", make(AF_INET, SOCK_RAW, 263));
		OBSERVE_RET("packet", make(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
		OBSERVE_RET("packet, bad type", make(AF_PACKET, SOCK_STREAM, 0));
	}
	IN_CHILD(NULL) { // root of a user namespace has no power over the network around it
		REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWUSER));
		OBSERVE_RET("raw in a user namespace", make(AF_INET, SOCK_RAW, IPPROTO_ICMP));
		REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNET));
		OBSERVE_OK("raw in its own network", make(AF_INET, SOCK_RAW, IPPROTO_ICMP));
		OBSERVE_OK("packet in its own network", make(AF_PACKET, SOCK_DGRAM, 0));
	}
}

// Sends an echo request to itself and says what came back.
static const char *echoed(int s, int family, int seq, int skip) {
	uint8_t p[64];
	union in_addrs to = in_lo(family, 0), from;
	size_t n = echo_request(family, seq, p);
	if (sendto(s, p, n, 0, &to.sa, in_len(family)) < 0)
		return name("send: %s", errno_name(errno));
	for (;;) {
		socklen_t len = sizeof from;
		long got = recvfrom(s, p, sizeof p, 0, &from.sa, &len);
		if (got < 0)
			return name("recv: %s", errno_name(errno));
		if (p[skip] == (family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY))
			return name("%ld bytes, sequence %d, %.8s, from %s", got, p[skip + 6] << 8 | p[skip + 7], p + skip + 8, in_text(&from, len, 0));
	}
}

CASE(raw_echo, "root cap:21") {
	IN_CHILD(NULL) {
		fresh_network();
		int s = REQUIRE_OK(make(AF_INET, SOCK_RAW, IPPROTO_ICMP)), s6 = REQUIRE_OK(make(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
		OBSERVE("inet", "%s", echoed(s, AF_INET, 1, 20));
		OBSERVE("inet6", "%s", echoed(s6, AF_INET6, 2, 0));
		OBSERVE("inet again", "%s", echoed(s, AF_INET, 300, 20));
	}
}

CASE(icmp_datagrams, "root cap:21") {
	OBSERVE_RET("as it is", make(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	IN_CHILD(NULL) {
		fresh_network();
		static const char *const file = "/proc/sys/net/ipv4/ping_group_range";
		OBSERVE("range", "%s", read_file(file));
		OBSERVE_RET("in a fresh network", make(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
		static const char *const tries[] = {"5", "x 1", "1 x", "-1 5", "5 1", "0 4294967295", "0 2147483648", "100 200", "0 2147483647"};
		for (size_t i = 0; i < COUNT(tries); i++) {
			OBSERVE_RET(name("write %s", tries[i]), put_text(file, tries[i]));
			OBSERVE(name("range after %s", tries[i]), "%s", read_file(file));
			IN_CHILD(NULL) {
				OBSERVE_OK(name("root after %s", tries[i]), make(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
				become_nobody();
				OBSERVE_OK(name("nobody after %s", tries[i]), make(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6));
				OBSERVE_RET(name("nobody writes after %s", tries[i]), put_text(file, "0 0"));
			}
		}
		become_nobody();
		int s = REQUIRE_OK(make(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)), s6 = REQUIRE_OK(make(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6));
		OBSERVE("inet", "%s", echoed(s, AF_INET, 1, 0));
		OBSERVE("inet6", "%s", echoed(s6, AF_INET6, 2, 0));
		int low = REQUIRE_OK(make(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
		OBSERVE_RET("bind to a low id", in_bind(low, AF_INET, 7));
		OBSERVE("its id", "%d", in_port(low));
		OBSERVE_RET("another binds to it", in_bind(REQUIRE_OK(make(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)), AF_INET, 7));
		uint8_t p[64];
		union in_addrs to = in_lo(AF_INET, 0);
		size_t n = echo_request(AF_INET, 1, p);
		p[0] = ICMP_TIMESTAMP;
		OBSERVE_RET("another type", sendto(low, p, n, 0, &to.sa, in_len(AF_INET)));
		p[0] = ICMP_ECHO;
		OBSERVE_RET("too short", sendto(low, p, 4, 0, &to.sa, in_len(AF_INET)));
	}
}

CASE(packets_of_loopback, "root cap:21") {
	IN_CHILD(NULL) {
		fresh_network();
		struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = if_nametoindex("lo")}, from;
		static const int types[] = {SOCK_RAW, SOCK_DGRAM};
		for (int i = 0; i < 2; i++) {
			char b[256];
			int s = REQUIRE_OK(make(AF_PACKET, types[i], 0)), u = in_socket(AF_INET, SOCK_DGRAM), v = in_socket(AF_INET, SOCK_DGRAM);
			OBSERVE_RET(name("bind %d", i), bind(s, (void *)&a, sizeof a));
			socklen_t len = sizeof from;
			REQUIRE_OK(getsockname(s, (void *)&from, &len));
			OBSERVE(name("name %d", i), "%d protocol %#x index %d hatype %d halen %d", (int)len, ntohs(from.sll_protocol), from.sll_ifindex, from.sll_hatype, from.sll_halen);
			REQUIRE_OK(in_bind(v, AF_INET, 0));
			union in_addrs to = in_lo(AF_INET, in_port(v));
			REQUIRE_OK(sendto(u, "hello", 5, 0, &to.sa, sizeof to.v4));
			for (int n = 0; n < 2; n++) {
				memset(&from, 0, len = sizeof from);
				long got = recvfrom(s, b, sizeof b, 0, (void *)&from, &len);
				OBSERVE(name("packet %d of %d", n, i), "%ld bytes, %.5s, type %d, protocol %#x", got, got > 5 ? b + got - 5 : "", from.sll_pkttype, ntohs(from.sll_protocol));
			}
			struct tpacket_stats st;
			len = sizeof st;
			OBSERVE(name("statistics %d", i), "%d: %u dropped", getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &len), st.tp_drops);
			OBSERVE_RET(name("connect %d", i), connect(s, (void *)&a, sizeof a));
			OBSERVE_RET(name("listen %d", i), listen(s, 1));
			a.sll_ifindex = 99;
			OBSERVE_RET(name("bind to no device %d", i), bind(s, (void *)&a, sizeof a));
			OBSERVE_RET(name("short %d", i), bind(s, (void *)&a, 8));
			a.sll_ifindex = 1;
			close(s);
		}
	}
}

// Families that Linux has given up, or never had.
CASE(families_that_are_gone) {
	static const int gone[] = {0, 7, 8, 13, 14, 15, 18, 19, 22, 23, 25, 27, 28, 34, 36, 46, 47};
	for (size_t i = 0; i < COUNT(gone); i++)
		for (int type = 0; type < 12; type++)
			OBSERVE_OK(name("family %d, type %d", gone[i], type), make(gone[i], type, 0));
}

// Every type of the internet's and of netlink's sockets, with their own protocols and others'.
CASE(types_of_the_internet) {
	static const int families[] = {AF_INET, AF_INET6, AF_NETLINK}, protocols[] = {0, 6, 17, 132, 136, 255, 263};
	for (size_t f = 0; f < COUNT(families); f++)
		for (int type = 1; type < 8; type++) {
			if (type == SOCK_RAW && families[f] != AF_NETLINK)
				continue; // see raw sockets
			for (size_t k = 0; k < COUNT(protocols); k++)
				if (protocols[k] != 132 && (families[f] != AF_NETLINK || k == 0))
					OBSERVE_OK(name("family %d, type %d, protocol %d", families[f], type, protocols[k]), make(families[f], type, protocols[k]));
		}
}
