// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// gettid: the first thread has the process's number, every other one of its own, listed in /proc/self/task.
#include "../harness/harness.h"

#include <dirent.h>

CASE(first_thread_has_the_pid) { CHECK_EQ(syscall(SYS_gettid), getpid()); }

CASE(ignores_arguments) { CHECK_EQ(syscall(SYS_gettid, -1L, -1L, -1L, -1L, -1L, -1L), getpid()); }

struct told {
	pid_t tid;
	struct gate started, go;
};

static void *tell(void *arg) {
	struct told *t = arg;
	t->tid = syscall(SYS_gettid);
	gate_signal(&t->started);
	gate_wait(&t->go);
	CHECK_EQ(syscall(SYS_gettid), t->tid);
	return NULL;
}

CASE(threads_have_their_own) {
	struct told t[8];
	pthread_t threads[8];
	for (int i = 0; i < 8; i++) {
		t[i].started = gate_open();
		t[i].go = gate_open();
		threads[i] = thread_start(tell, &t[i]);
		gate_wait(&t[i].started);
		CHECK(t[i].tid != getpid());
		CHECK(access(name("/proc/self/task/%d", t[i].tid), F_OK) == 0);
		CHECK_OK(syscall(SYS_tgkill, getpid(), t[i].tid, 0));
		for (int j = 0; j < i; j++)
			CHECK(t[i].tid != t[j].tid);
	}
	int count = 0;
	DIR *d = opendir("/proc/self/task");
	REQUIRE(d);
	for (struct dirent *e; (e = readdir(d));)
		count += e->d_name[0] != '.';
	OBSERVE("threads in /proc/self/task", "%d", count);
	for (int i = 0; i < 8; i++) {
		gate_signal(&t[i].go);
		thread_join(threads[i]);
		// A joined thread may not have left the kernel yet; when it has, its number is gone.
		for (int tries = 0; tries < 2000 && syscall(SYS_tgkill, getpid(), t[i].tid, 0) == 0; tries++)
			usleep(1000);
		CHECK_ERR(syscall(SYS_tgkill, getpid(), t[i].tid, 0), ESRCH);
	}
}

static void *fork_in_thread(void *arg) {
	(void)arg;
	IN_CHILD(NULL) {
		// The forking thread is the child's first.
		CHECK_EQ(syscall(SYS_gettid), syscall(SYS_getpid));
	}
	return NULL;
}

CASE(fork_in_a_thread) { thread_join(thread_start(fork_in_thread, NULL)); }
