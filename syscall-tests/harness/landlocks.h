// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of Landlock: rulesets, and what they let through.
#ifndef DITTO_HARNESS_LANDLOCKS_H
#define DITTO_HARNESS_LANDLOCKS_H

#include "files.h"

#include <linux/landlock.h>
#include <sys/prctl.h>

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

static inline long restrict_self(int rules) {
	REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return syscall(SYS_landlock_restrict_self, rules, 0);
}

#endif
