// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// landlock_add_rule: which rules does a ruleset take, and which not?
#include "../harness/landlocks.h"

#include <net/if.h>

CASE(paths) {
	put_small_tree();
	int rules = REQUIRE_OK(ruleset(0xf, 0, 0));
	OBSERVE_RET("a directory", allow(rules, "dir", 4));
	OBSERVE_RET("a file", allow(rules, "file", 4));
	OBSERVE_RET("a right of directories on a file", allow(rules, "file", 8));
	OBSERVE_RET("a right that the ruleset does not handle", allow(rules, "dir", 0x10));
	OBSERVE_RET("no right", allow(rules, "dir", 0));
	OBSERVE_RET("a device", allow(rules, "/dev/null", 4));
	OBSERVE_RET("a file of proc", allow(rules, "/proc/self/status", 4));
}

CASE(ports, "kernel>=6.7") {
	int rules = REQUIRE_OK(ruleset(1, 3, 0));
	static const uint64_t ports[] = {0, 1, 80, 65535, 65536, UINT64_MAX};
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		struct port_rule r = {1, ports[i]};
		OBSERVE_RET(name("port %lld", (long long)ports[i]), syscall(SYS_landlock_add_rule, rules, 2, &r, 0));
	}
	OBSERVE_RET("no right", syscall(SYS_landlock_add_rule, rules, 2, &(struct port_rule){0, 80}, 0));
	OBSERVE_RET("an unhandled right", syscall(SYS_landlock_add_rule, REQUIRE_OK(ruleset(1, 1, 0)), 2, &(struct port_rule){2, 80}, 0));
}

CASE(descriptors) {
	int rules = REQUIRE_OK(ruleset(0xf, 0, 0)), p[2];
	REQUIRE_OK(pipe(p));
	struct path_rule r = {4, REQUIRE_OK(open(".", O_PATH))};
	OBSERVE_RET("closed", syscall(SYS_landlock_add_rule, 777, 1, &r, 0));
	OBSERVE_RET("a directory for a ruleset", syscall(SYS_landlock_add_rule, r.fd, 1, &r, 0));
	OBSERVE_RET("a pipe for a ruleset", syscall(SYS_landlock_add_rule, p[0], 1, &r, 0));
	OBSERVE_RET("a closed path", syscall(SYS_landlock_add_rule, rules, 1, &(struct path_rule){4, 777}, 0));
	OBSERVE_RET("a pipe for a path", syscall(SYS_landlock_add_rule, rules, 1, &(struct path_rule){4, p[0]}, 0));
	OBSERVE_RET("a ruleset for a path", syscall(SYS_landlock_add_rule, rules, 1, &(struct path_rule){4, rules}, 0));
	OBSERVE_RET("no such kind", syscall(SYS_landlock_add_rule, rules, 0, &r, 0));
	OBSERVE_RET("kind 100", syscall(SYS_landlock_add_rule, rules, 100, &r, 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), syscall(SYS_landlock_add_rule, rules, 1, &r, 1u << bit));
}

CASE(pointers) {
	int rules = REQUIRE_OK(ruleset(0xf, 0, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(p->name, syscall(SYS_landlock_add_rule, rules, 1, p->p, 0));
		OBSERVE_RET(name("%s, no such kind", p->name), syscall(SYS_landlock_add_rule, rules, 9, p->p, 0));
	}
	OBSERVE_RET("the memory ends", syscall(SYS_landlock_add_rule, rules, 1, guard_end(11), 0));
}
