// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// personality: returns the old value, 0xffffffff only asks, any 32 bits are taken; fork and exec inherit it.
#include "../harness/harness.h"

#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/select.h>

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

// STICKY_TIMEOUTS: select does not tell how much time was left, and is not restarted.
CASE(sticky_timeouts) {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_personality, STICKY_TIMEOUTS));
		int p[2];
		REQUIRE_OK(pipe(p));
		REQUIRE(write(p[1], "x", 1) == 1);
		fd_set set;
		FD_ZERO(&set);
		FD_SET(p[0], &set);
		struct timeval tv = {1000, 1};
		OBSERVE_RET("select", syscall(SYS_select, p[0] + 1, &set, NULL, NULL, &tv));
		OBSERVE("timeval", "%ld %ld", (long)tv.tv_sec, (long)tv.tv_usec);
		struct timespec ts = {1000, 1};
		FD_SET(p[0], &set);
		OBSERVE_RET("pselect6", syscall(SYS_pselect6, p[0] + 1, &set, NULL, NULL, &ts, NULL));
		OBSERVE("timespec", "%ld %ld", (long)ts.tv_sec, ts.tv_nsec);
		FD_ZERO(&set);
		tv.tv_sec = 2;
		sig_catch(SIGUSR1, SA_RESTART);
		struct interrupter it = interrupt_me(SIGUSR1);
		OBSERVE_RET("interrupted", syscall(SYS_select, 0, NULL, NULL, NULL, &tv));
		interrupt_done(&it);
		OBSERVE("timeval then", "%ld", (long)tv.tv_sec);
	}
}

// ADDR_COMPAT_LAYOUT: the next program's mappings go upwards.
CASE(compat_layout, "kernel>=4.17") {
	static const unsigned long kinds[] = {0, ADDR_COMPAT_LAYOUT, ADDR_COMPAT_LAYOUT | ADDR_NO_RANDOMIZE};
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		int fds[2];
		char buf[256] = "";
		REQUIRE_OK(pipe(fds));
		IN_CHILD(NULL) {
			REQUIRE_OK(syscall(SYS_personality, kinds[i]));
			dup2(fds[1], 1);
			execl("/bin/sh", "sh", "-c", "while read -r range rest; do case $rest in */libc*) echo $range; break;; esac; done < /proc/$$/maps", NULL);
			_exit(127);
		}
		close(fds[1]);
		REQUIRE(read(fds[0], buf, sizeof buf - 1) > 0);
		close(fds[0]);
		OBSERVE(name("libc with %#lx", kinds[i]), "%s", strtoul(buf, NULL, 16) < 0x600000000000 ? "low" : "high");
	}
}

CASE(exec_takes_read_implies_exec_away) {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_personality, READ_IMPLIES_EXEC));
		OBSERVE_OK("map", (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		int fds[2];
		char buf[64] = "";
		REQUIRE_OK(pipe(fds));
		IN_CHILD(NULL) {
			dup2(fds[1], 1);
			execl("/bin/cat", "cat", "/proc/self/personality", NULL);
			_exit(127);
		}
		close(fds[1]);
		REQUIRE(read(fds[0], buf, sizeof buf - 1) > 0);
		OBSERVE("next program's", "%.8s", buf);
	}
}
