// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getgid: the real group id of the calling thread, which fork, exec and new threads inherit.
#include "../harness/harness.h"

// The real id as /proc/self/status shows it.
static long from_proc(void) {
	const char *status = read_file("/proc/thread-self/status");
	const char *line = status ? strstr(status, "\nGid:") : NULL;
	long ids[4];
	REQUIRE(line && sscanf(line, "\nGid: %ld %ld %ld %ld", &ids[0], &ids[1], &ids[2], &ids[3]) == 4);
	return ids[0];
}

CASE(agrees_with_proc) { CHECK_EQ(syscall(SYS_getgid), from_proc()); }

CASE(ignores_arguments) {
	errno = 77;
	CHECK_EQ(syscall(SYS_getgid, -1L, -1L, -1L, -1L, -1L, -1L), from_proc());
	CHECK_EQ(errno, 77);
}

CASE(is_the_real_one, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setresgid, 1001, 1002, 1003));
		OBSERVE_RET("after setresgid(1001, 1002, 1003)", syscall(SYS_getgid));
		CHECK_EQ(syscall(SYS_getgid), 1001 + 0);
		CHECK_EQ(from_proc(), 1001 + 0);
	}
}

CASE(large_numbers_are_not_signed, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setresgid, 4294967294L, 4294967294L, 4294967294L));
		CHECK_EQ(syscall(SYS_getgid), 4294967294L);
		OBSERVE_RET("4294967294", syscall(SYS_getgid));
	}
}

CASE(fork_inherits, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setresgid, 7, 7, 7));
		IN_CHILD(NULL) CHECK_EQ(syscall(SYS_getgid), 7);
	}
	CHECK(syscall(SYS_getgid) != 7);
}

CASE(exec_inherits, "root") {
	int fds[2];
	char buf[32] = "";
	REQUIRE_OK(pipe(fds));
	int st;
	IN_CHILD(&st) {
		dup2(fds[1], 1);
		REQUIRE_OK(syscall(SYS_setresgid, 11, 11, 11));
		execl("/usr/bin/id", "id", "-rg", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("id -rg", st);
	REQUIRE(read(fds[0], buf, sizeof buf - 1) > 0);
	buf[strcspn(buf, "\n")] = 0;
	OBSERVE("id -rg says", "%s", buf);
}

static void *in_thread(void *arg) {
	(void)arg;
	CHECK_OK(syscall(SYS_setresgid, 5, 5, 5));
	return (void *)syscall(SYS_getgid);
}

// The raw call changes the calling thread only; libc's wrapper is what changes all of them.
CASE(belongs_to_the_thread, "root") {
	long before = syscall(SYS_getgid);
	CHECK_EQ((long)thread_join(thread_start(in_thread, NULL)), 5);
	CHECK_EQ(syscall(SYS_getgid), before);
}

static void *get_in_thread(void *arg) {
	(void)arg;
	return (void *)syscall(SYS_getgid);
}

CASE(new_threads_inherit, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setresgid, 9, 9, 9));
		CHECK_EQ((long)thread_join(thread_start(get_in_thread, NULL)), 9);
	}
}
