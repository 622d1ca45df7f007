// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of getsockopt and setsockopt: every option of the headers on every kind of socket.
#ifndef DITTO_HARNESS_OPTLISTS_H
#define DITTO_HARNESS_OPTLISTS_H

#include "inets.h"
#include "sockopts.h"
#include "unixes.h"

#include <linux/netlink.h>

static const struct opt_kind {
	const char *name;
	int family, type, protocol;
} opt_kinds[] = {
	{"unix stream", AF_UNIX, SOCK_STREAM, 0}, {"unix dgram", AF_UNIX, SOCK_DGRAM, 0}, {"unix seqpacket", AF_UNIX, SOCK_SEQPACKET, 0},
	{"tcp", AF_INET, SOCK_STREAM, 0},	  {"tcp6", AF_INET6, SOCK_STREAM, 0},	  {"udp", AF_INET, SOCK_DGRAM, 0},
	{"udp6", AF_INET6, SOCK_DGRAM, 0},	  {"netlink", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
};

// Values that are not the same in two runs, or on two kernels.
static inline bool opt_moves(const struct sock_opt *o) {
	static const char *const moving[] = {"SO_COOKIE", "SO_NETNS_COOKIE", "SO_INCOMING_CPU", "SO_INCOMING_NAPI_ID", "TCP_INFO", "TCP_TIMESTAMP",
					     "SO_PEERPIDFD", "TCP_CC_INFO", "SO_MEMINFO",
					     "SO_PEERNAME", "IP_PROTOCOL"};
	for (size_t i = 0; i < COUNT(moving); i++)
		if (strcmp(o->name, moving[i]) == 0)
			return true;
	return false;
}

// What getsockopt says with so much room, in words; a descriptor that it makes is closed.
static inline const char *opt_text(int s, const struct sock_opt *o, int room) {
	unsigned char v[1024];
	socklen_t len = room;
	char hex[64] = "";
	memset(v, 0x55, sizeof v);
	errno = 0;
	long r = syscall(SYS_getsockopt, s, o->level, o->opt, v, &len);
	if (r < 0)
		return name("%s len %d", errno_name(errno), (int)len);
	if (strcmp(o->name, "SO_PEERPIDFD") == 0 && len == 4)
		close(*(int *)v);
	socklen_t i = 0, n = 0;
	if (strcmp(o->name, "SO_PEERCRED") == 0) { // the pid is not the same in two runs
		pid_t pid;
		memcpy(&pid, v, sizeof pid);
		if (len >= sizeof pid && pid)
			n = snprintf(hex, sizeof hex, "%s ", pid == getpid() ? "own pid" : "another pid");
		i = 4;
	}
	for (; i < len && i < 12 && !opt_moves(o); i++)
		n += snprintf(hex + n, sizeof hex - n, "%02x", v[i]);
	return name("ok len %d %s", (int)len, hex);
}

static inline void opt_get_all(const char *what, int s) {
	for (size_t i = 0; i < COUNT(sock_opts); i++) {
		const struct sock_opt *o = &sock_opts[i];
		OBSERVE(name("%s %s", what, o->name), "4: %s, 256: %s, 1: %s, 0: %s, -1: %s", opt_text(s, o, 4), opt_text(s, o, 256),
			opt_text(s, o, 1), opt_text(s, o, 0), opt_text(s, o, -1));
	}
}

// Every option is set on a socket of its own. Those that hold a second answer show what became of the value.
static inline void opt_set_all(const struct opt_kind *k) {
	static const int values[] = {1, 0, -1, 7};
	static char zeros[256];
	for (size_t i = 0; i < COUNT(sock_opts); i++) {
		const struct sock_opt *o = &sock_opts[i];
		char told[COUNT(values)][128];
		for (size_t j = 0; j < COUNT(values); j++) {
			int s = REQUIRE_OK(socket(k->family, k->type, k->protocol));
			errno = 0;
			long r = syscall(SYS_setsockopt, s, o->level, o->opt, &values[j], 4);
			const char *e = r < 0 ? errno_name(errno) : "ok";
			snprintf(told[j], sizeof told[j], "%d: %s, %s", values[j], e, opt_text(s, o, 8));
			close(s);
		}
		OBSERVE(name("%s %s", k->name, o->name), "%s; %s; %s; %s", told[0], told[1], told[2], told[3]);
		int s = REQUIRE_OK(socket(k->family, k->type, k->protocol));
		static const int sizes[] = {0, 1, 3, 8, 16, 136, 256};
		char text[128];
		int n = 0;
		for (size_t j = 0; j < COUNT(sizes); j++) {
			errno = 0;
			long r = syscall(SYS_setsockopt, s, o->level, o->opt, zeros, sizes[j]);
			n += snprintf(text + n, sizeof text - n, " %d: %s", sizes[j], r < 0 ? errno_name(errno) : "ok");
		}
		errno = 0;
		long r = syscall(SYS_setsockopt, s, o->level, o->opt, bad_ptr(), 4);
		OBSERVE(name("%s %s, sizes", k->name, o->name), "%s bad: %s", text, r < 0 ? errno_name(errno) : "ok");
		close(s);
	}
}

#endif
