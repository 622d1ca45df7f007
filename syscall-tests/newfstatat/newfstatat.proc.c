// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// newfstatat: how many links have directories of /proc? A program that sees three of its task directory knows that it has one
// thread.
#include "../harness/harness.h"

static int links(const char *path) {
	struct stat st;
	return syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0) == 0 ? (int)st.st_nlink : -errno;
}

static int gate[2];

static void *stay(void *arg) {
	char c;
	read(gate[0], &c, 1);
	return NULL;
}

CASE(links_of_proc) {
	OBSERVE("task", "%d", links("/proc/self/task"));
	OBSERVE("task/", "%d", links("/proc/self/task/"));
	REQUIRE_OK(pipe(gate));
	pthread_t one = thread_start(stay, NULL), two = thread_start(stay, NULL);
	OBSERVE("task, of three threads", "%d", links("/proc/self/task"));
	close(gate[1]);
	thread_join(one);
	thread_join(two);
	OBSERVE("fd", "%d", links("/proc/self/fd"));
	OBSERVE("ns", "%d", links("/proc/self/ns"));
	OBSERVE("sys", "%d", links("/proc/sys"));
	OBSERVE("sys/kernel", "%d", links("/proc/sys/kernel"));
	CHECK(links("/proc") > 2);
	pid_t child = harness_fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	OBSERVE("a child's task", "%d", links(name("/proc/%d/task", child)));
	kill(child, SIGKILL);
	REQUIRE_OK(waitid(P_PID, child, NULL, WEXITED | WNOWAIT));
	OBSERVE("a zombie's task", "%d", links(name("/proc/%d/task", child)));
	waitpid(child, NULL, 0);
}
