// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// landlock_create_ruleset: which rights and sizes are taken, and what is the descriptor?
#include "../harness/landlocks.h"

CASE(each_right_of_files) {
	for (int bit = 0; bit < 64; bit++)
		OBSERVE_OK(name("bit %d", bit), ruleset(1ull << bit, 0, 0));
	OBSERVE_OK("none", ruleset(0, 0, 0));
}

CASE(each_right_of_networks_and_scopes) {
	for (int bit = 0; bit < 64; bit++) {
		OBSERVE_OK(name("net %d", bit), ruleset(1, 1ull << bit, 0));
		OBSERVE_OK(name("scope %d", bit), ruleset(1, 0, 1ull << bit));
	}
}

CASE(version_and_errata) {
	CHECK(syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0);
	OBSERVE_OK("errata", syscall(SYS_landlock_create_ruleset, NULL, 0, 2));
	OBSERVE_OK("both", syscall(SYS_landlock_create_ruleset, NULL, 0, 3));
	OBSERVE_OK("version with a size", syscall(SYS_landlock_create_ruleset, NULL, 8, LANDLOCK_CREATE_RULESET_VERSION));
	OBSERVE_OK("version with a pointer", syscall(SYS_landlock_create_ruleset, bad_ptr(), 0, LANDLOCK_CREATE_RULESET_VERSION));
	for (int bit = 2; bit < 32; bit++)
		OBSERVE_OK(name("flag %d", bit), syscall(SYS_landlock_create_ruleset, NULL, 0, 1u << bit));
}

CASE(sizes_of_the_argument) {
	char big[8192] = {1};
	for (int size = 0; size <= 40; size += 4)
		OBSERVE_OK(name("%d", size), syscall(SYS_landlock_create_ruleset, big, size, 0));
	OBSERVE_OK("a page", syscall(SYS_landlock_create_ruleset, big, 4096, 0));
	OBSERVE_OK("more than a page", syscall(SYS_landlock_create_ruleset, big, 4097, 0));
	big[100] = 1;
	OBSERVE_OK("a tail that is not zero", syscall(SYS_landlock_create_ruleset, big, 128, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_OK(p->name, syscall(SYS_landlock_create_ruleset, p->p, 8, 0));
}

CASE(the_descriptor) {
	int fd = REQUIRE_OK(ruleset(1, 0, 0));
	char b;
	OBSERVE("flags", "%#x %#x", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
	OBSERVE_RET("read", read(fd, &b, 1));
	OBSERVE_RET("write", write(fd, "x", 1));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
	OBSERVE_RET("ftruncate", ftruncate(fd, 0));
}
