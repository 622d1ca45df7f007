// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// personality: returns the old value, 0xffffffff only asks, any 32 bits are taken; fork and exec inherit it.
#include "../harness/harness.h"

#include <sys/personality.h>

CASE(asks) {
	OBSERVE("at first", "%#lx", (long)syscall(SYS_personality, 0xffffffff));
	CHECK_EQ(syscall(SYS_personality, 0xffffffffL), 0);
	CHECK_EQ(syscall(SYS_personality, 0xffffffffL), 0);
}

CASE(values) {
	static const unsigned long v[] = {0, 8, 0x0020000, 0x0040000, 0x0080000, 0x0100000, 0x0200000, 0x0400000, 0x0800000, 0x1000000,
					  0x2000000, 0x4000000, 0x8000000, 0xdeadbeef, 0xfffffffe, 0x80000000, 0x100000008, -1UL};
	IN_CHILD(NULL) {
		for (unsigned i = 0; i < sizeof v / sizeof v[0]; i++) {
			OBSERVE(name("old before %#lx", v[i]), "%#lx", (long)syscall(SYS_personality, v[i]));
			OBSERVE(name("after %#lx", v[i]), "%#lx", (long)syscall(SYS_personality, 0xffffffff));
		}
	}
}

CASE(fork_inherits) {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_personality, ADDR_NO_RANDOMIZE));
		IN_CHILD(NULL) {
			CHECK_EQ(syscall(SYS_personality, 0xffffffff), ADDR_NO_RANDOMIZE);
			REQUIRE_OK(syscall(SYS_personality, 0));
		}
		CHECK_EQ(syscall(SYS_personality, 0xffffffff), ADDR_NO_RANDOMIZE);
	}
}

static void *change(void *arg) {
	CHECK_OK(syscall(SYS_personality, ADDR_NO_RANDOMIZE));
	return arg;
}

CASE(belongs_to_the_thread) {
	thread_join(thread_start(change, NULL));
	OBSERVE("first thread", "%#lx", (long)syscall(SYS_personality, 0xffffffff));
}

static const char *stack_line(char *buf, size_t size) {
	int fds[2];
	REQUIRE_OK(pipe(fds));
	IN_CHILD(NULL) {
		dup2(fds[1], 1);
		execl("/bin/sh", "sh", "-c", "while read -r range rest; do case $rest in *'[stack]') echo $range;; esac; done < /proc/$$/maps", NULL);
		_exit(127);
	}
	close(fds[1]);
	ssize_t n = read(fds[0], buf, size - 1);
	buf[n > 0 ? n : 0] = 0;
	close(fds[0]);
	return buf;
}

CASE(no_randomize_makes_programs_alike) {
	IN_CHILD(NULL) {
		char a[128], b[128];
		REQUIRE_OK(syscall(SYS_personality, ADDR_NO_RANDOMIZE));
		stack_line(a, sizeof a);
		stack_line(b, sizeof b);
		CHECK(a[0] != 0);
		CHECK_STR(a, b);
	}
}

CASE(in_proc) {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_personality, 0x0040000));
		const char *text = read_file("/proc/self/personality");
		OBSERVE("personality", "%s", text ? text : "none");
	}
}

// Reading may mean executing, for old programs.
CASE(read_implies_exec) {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_personality, READ_IMPLIES_EXEC));
		void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		REQUIRE(p != MAP_FAILED);
		const char *maps = read_file("/proc/self/maps"), *line = maps ? strstr(maps, name("%lx-", (long)p)) : NULL;
		OBSERVE("rights", "%.4s", line ? strchr(line, ' ') + 1 : "none");
	}
}
