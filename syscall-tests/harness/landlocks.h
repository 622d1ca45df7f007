// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of Landlock: rulesets, and what they let through.
#ifndef DITTO_HARNESS_LANDLOCKS_H
#define DITTO_HARNESS_LANDLOCKS_H

#include "files.h"

#include <arpa/inet.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/socket.h>

// Larger than any header has it yet.
struct ruleset_attr {
	uint64_t fs, net, scoped;
};
struct path_rule {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));
struct port_rule {
	uint64_t access, port;
};

static inline long ruleset(uint64_t fs, uint64_t net, uint64_t scoped) {
	struct ruleset_attr a = {fs, net, scoped};
	return syscall(SYS_landlock_create_ruleset, &a, scoped ? 24 : net ? 16 : 8, 0);
}

static inline long allow(int rules, const char *path, uint64_t access) {
	struct path_rule r = {access, REQUIRE_OK(open(path, O_PATH | O_CLOEXEC))};
	long ret = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &r, 0);
	int err = errno;
	close(r.fd);
	errno = err;
	return ret;
}

// A TCP port of IPv4 that nobody has at the moment: fixed ones may be in use.
static inline uint16_t free_port(void) {
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	int s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	REQUIRE_OK(bind(s, (void *)&a, sizeof a));
	REQUIRE_OK(getsockname(s, (void *)&a, &n));
	close(s);
	return ntohs(a.sin_port);
}

static inline long restrict_self(int rules) {
	REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return syscall(SYS_landlock_restrict_self, rules, 0);
}

#endif
