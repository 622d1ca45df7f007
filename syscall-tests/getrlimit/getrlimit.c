// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getrlimit: sixteen pairs of soft and hard limit, which prlimit and /proc show in the same way.
#include "../harness/harness.h"

#include <sys/resource.h>

CASE(resources) {
	for (long r = -2; r <= 18; r++) {
		struct rlimit l = {77, 77};
		OBSERVE_RET(name("resource %ld", r), syscall(SYS_getrlimit, r, &l));
		if (r >= 0 && r < 16)
			CHECK(l.rlim_cur <= l.rlim_max);
		else
			CHECK(l.rlim_cur == 77 && l.rlim_max == 77);
	}
	struct rlimit l;
	OBSERVE_RET("2^32", syscall(SYS_getrlimit, 0x100000000L, &l));
	OBSERVE_RET("2^31", syscall(SYS_getrlimit, 0x80000000L, &l));
}

CASE(agrees_with_prlimit) {
	for (int r = 0; r < 16; r++) {
		struct rlimit a, b;
		CHECK_OK(syscall(SYS_getrlimit, r, &a));
		CHECK_OK(syscall(SYS_prlimit64, 0, r, NULL, &b));
		CHECK(memcmp(&a, &b, sizeof a) == 0);
	}
}

CASE(agrees_with_proc) {
	static const struct {
		int r;
		const char *line;
	} lines[] = {{RLIMIT_NOFILE, "Max open files"}, {RLIMIT_STACK, "Max stack size"}, {RLIMIT_CORE, "Max core file size"},
		     {RLIMIT_NPROC, "Max processes"},	{RLIMIT_AS, "Max address space"}};
	const char *limits = read_file("/proc/self/limits");
	REQUIRE(limits);
	for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct rlimit l;
		char soft[32];
		const char *line = strstr(limits, lines[i].line);
		CHECK_OK(syscall(SYS_getrlimit, lines[i].r, &l));
		REQUIRE(line && sscanf(line + strlen(lines[i].line), " %31s", soft) == 1);
		if (l.rlim_cur == RLIM_INFINITY)
			CHECK_STR(soft, "unlimited");
		else
			CHECK_EQ(strtoul(soft, NULL, 10), l.rlim_cur);
	}
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_getrlimit, RLIMIT_NOFILE, b->p));
	CHECK_ERR(syscall(SYS_getrlimit, RLIMIT_NOFILE, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_getrlimit, RLIMIT_NOFILE, readonly_page()), EFAULT);
	// The resource is looked at before the pointer.
	CHECK_ERR(syscall(SYS_getrlimit, 16, bad_ptr()), EINVAL);
	char *p = guard_end(16);
	CHECK_OK(syscall(SYS_getrlimit, RLIMIT_NOFILE, p));
	CHECK_ERR(syscall(SYS_getrlimit, RLIMIT_NOFILE, p + 1), EFAULT);
}
