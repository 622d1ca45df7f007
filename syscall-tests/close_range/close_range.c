// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// close_range: which descriptors does a range close or mark, and what does its own table mean for threads and vfork?
#include "../harness/files.h"

#include <sched.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4
#endif

// Descriptors 3 to 12 are open.
static void put_fds(void) {
	int fd = make_file("f", "x");
	REQUIRE(fd == 3);
	for (int i = 4; i <= 12; i++)
		REQUIRE_OK(dup2(3, i));
}

// For each of 3 to 12: '-' closed, 'o' open, 'x' closes on exec. make_file's own has O_CLOEXEC.
static const char *fds_text(void) {
	char s[11] = "";
	for (int i = 3; i <= 12; i++) {
		int f = fcntl(i, F_GETFD);
		s[i - 3] = f < 0 ? '-' : f & FD_CLOEXEC ? 'x' : 'o';
	}
	return name("%s", s);
}

CASE(ranges) {
	static const long ranges[][2] = {{5, 7}, {5, 5}, {7, 5}, {0x100000005, 0x100000007}, {3, 3}, {12, 900}, {500, 900}, {900, 500}, {0xffffffff, 0xffffffff}};
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		IN_CHILD(NULL) {
			put_fds();
			OBSERVE_RET(name("%#lx to %#lx", ranges[i][0], ranges[i][1]), syscall(SYS_close_range, ranges[i][0], ranges[i][1], 0));
			OBSERVE(name("left by %#lx to %#lx", ranges[i][0], ranges[i][1]), "%s", fds_text());
		}
}

CASE(holes) {
	put_fds();
	close(6);
	close(8);
	CHECK_EQ(syscall(SYS_close_range, 5, 9, 0), 0);
	OBSERVE("left", "%s", fds_text());
	CHECK_EQ(syscall(SYS_close_range, 5, 9, 0), 0);
}

CASE(each_flag) {
	for (int bit = 0; bit < 32; bit++)
		IN_CHILD(NULL) {
			put_fds();
			OBSERVE_RET(name("flag %#x", 1u << bit), syscall(SYS_close_range, 5, 7, 1u << bit));
			OBSERVE(name("left by %#x", 1u << bit), "%s", fds_text());
		}
}

CASE(unshare_and_cloexec) {
	put_fds();
	OBSERVE_RET("both", syscall(SYS_close_range, 4, 6, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC));
	OBSERVE("left", "%s", fds_text());
	OBSERVE_RET("backwards", syscall(SYS_close_range, 6, 4, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC));
}

static int share_table(void *arg) {
	syscall(SYS_close_range, 5, 7, (int)(long)arg);
	_exit(strchr(fds_text(), 'o') ? 0 : 1);
}

// A child with our table closes ours, unless it asks for a copy first.
static void child_with_our_table(const char *what, long flags) {
	static char stack[65536] __attribute__((aligned(16)));
	put_fds();
	pid_t pid = REQUIRE_OK(clone(share_table, stack + sizeof stack, CLONE_FILES | SIGCHLD, (void *)flags));
	wait_for(pid);
	OBSERVE(what, "%s", fds_text());
}

CASE(shared_table) {
	child_with_our_table("plain", 0);
	close_range(3, 12, 0);
	child_with_our_table("unshare", CLOSE_RANGE_UNSHARE);
	close_range(3, 12, 0);
	child_with_our_table("unshare, cloexec", CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC);
}

CASE(cloexec_takes_effect_at_exec) {
	int st;
	put_fds();
	REQUIRE_OK(syscall(SYS_close_range, 5, 7, CLOSE_RANGE_CLOEXEC));
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "for i in 3 4 5 6 7 8 9; do test -e /proc/self/fd/$i || exit 2$i; test $i = 4 && exit 4; done", NULL);
		_exit(99);
	}
	OBSERVE_STATUS("3 had O_CLOEXEC", st);
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "test -e /proc/self/fd/4 && ! test -e /proc/self/fd/5 && ! test -e /proc/self/fd/7 && test -e /proc/self/fd/8", NULL);
		_exit(99);
	}
	OBSERVE_STATUS("only the range", st);
}
