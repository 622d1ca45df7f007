// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unshare: FS and FILES of a thread become its own; which flags are refused, alone and with threads?
#include "../harness/signals.h"

#include <sched.h>

CASE(flag_bits) {
	// Those of namespaces have tests of their own.
	unsigned long spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;
	for (int bit = 0; bit < 32; bit++)
		if (!(spaces & (1ul << bit)))
			IN_CHILD(NULL) OBSERVE_RET(name("bit %d", bit), syscall(SYS_unshare, 1ul << bit));
	OBSERVE_RET("nothing", syscall(SYS_unshare, 0));
	OBSERVE_RET("FS and FILES", syscall(SYS_unshare, CLONE_FS | CLONE_FILES));
	CHECK_ERR(syscall(SYS_unshare, CLONE_PARENT), EINVAL);
}

static struct gate end;
static void *waits(void *arg) {
	(void)arg;
	gate_wait(&end);
	return NULL;
}

CASE(with_threads) {
	end = gate_open();
	pthread_t t = thread_start(waits, NULL);
	static const struct {
		const char *name;
		int flags;
	} tries[] = {{"THREAD", CLONE_THREAD}, {"VM", CLONE_VM}, {"SIGHAND", CLONE_SIGHAND}, {"SYSVSEM", CLONE_SYSVSEM}, {"FS", CLONE_FS}, {"FILES", CLONE_FILES}};
	for (int i = 0; i < 6; i++)
		OBSERVE_RET(tries[i].name, syscall(SYS_unshare, tries[i].flags));
	gate_signal(&end);
	thread_join(t);
}

static int flag;
static void *own(void *arg) {
	int *fd = arg;
	REQUIRE_OK(syscall(SYS_unshare, flag));
	umask(0111);
	REQUIRE_OK(chdir("/"));
	*fd = (int)REQUIRE_OK(fcntl(0, F_DUPFD, 77));
	close(0);
	return NULL;
}

CASE(a_threads_own) {
	static const int flags[] = {CLONE_FS, CLONE_FILES, CLONE_FS | CLONE_FILES, 0};
	for (int i = 0; i < 4; i++)
		IN_CHILD(NULL) {
			int fd;
			char cwd[256];
			flag = flags[i];
			thread_join(thread_start(own, &fd));
			REQUIRE(getcwd(cwd, sizeof cwd));
			OBSERVE(name("flags %#x", flags[i]), "umask %#o cwd %s fd 77 %s fd 0 %s", umask(0), strcmp(cwd, "/") ? "kept" : "moved",
				fcntl(77, F_GETFD) < 0 ? "closed" : "open", fcntl(0, F_GETFD) < 0 ? "closed" : "open");
		}
}
