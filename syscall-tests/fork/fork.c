// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fork: what has the child of its own, what is shared, and what does it not inherit?
#include "../harness/signals.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>

// The call itself: libc's fork is clone.
static pid_t raw_fork(void) {
	long r = syscall(SYS_fork);
	REQUIRE(r >= 0);
	return (pid_t)r;
}

CASE(memory_is_copied) {
	static int in_data = 1;
	int on_stack = 2, *in_heap = malloc(4), *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*in_heap = 3;
	*shared = 4;
	pid_t child = raw_fork();
	if (child == 0) {
		OBSERVE("child starts with", "%d %d %d %d", in_data, on_stack, *in_heap, *shared);
		in_data = on_stack = *in_heap = *shared = 9;
		_exit(0);
	}
	wait_for(child);
	OBSERVE("parent has", "%d %d %d %d", in_data, on_stack, *in_heap, *shared);
}

CASE(open_files_are_shared_descriptors_are_not) {
	int fd = make_file("f", "0123456789");
	pid_t child = raw_fork();
	if (child == 0) {
		lseek(fd, 5, SEEK_SET);
		fcntl(fd, F_SETFL, O_APPEND);
		fcntl(fd, F_SETFD, 0);
		close(0);
		_exit(0);
	}
	wait_for(child);
	OBSERVE("offset", "%ld", (long)lseek(fd, 0, SEEK_CUR));
	OBSERVE("status flags", "%#x", fcntl(fd, F_GETFL));
	OBSERVE("descriptor flags", "%d", fcntl(fd, F_GETFD));
	OBSERVE_RET("descriptor 0", fcntl(0, F_GETFD));
}

CASE(what_is_not_inherited) {
	struct itimerval t = {{0, 0}, {1000, 0}};
	REQUIRE_OK(setitimer(ITIMER_REAL, &t, NULL));
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	raise(SIGUSR1);
	// Locked by this process: the child does not hold it.
	int fd = make_file("f", "x");
	REQUIRE_OK(fcntl(fd, F_SETLK, &(struct flock){.l_type = F_WRLCK}));
	pid_t other = sleeper();
	pid_t child = raw_fork();
	if (child == 0) {
		struct tms tms;
		REQUIRE_OK(getitimer(ITIMER_REAL, &t));
		OBSERVE("timer", "%ld", (long)t.it_value.tv_sec);
		OBSERVE("pending", "%s", set_text(kpending()));
		OBSERVE("blocked", "%s", set_text(kmask_now()));
		OBSERVE_RET("lock", fcntl(fd, F_SETLK, &(struct flock){.l_type = F_WRLCK}));
		times(&tms);
		OBSERVE("children's times", "%ld %ld", (long)tms.tms_cutime, (long)tms.tms_cstime);
		OBSERVE_RET("children", waitpid(-1, NULL, WNOHANG));
		_exit(0);
	}
	wait_for(child);
	end_child(other);
}

static void *holder(void *arg) {
	gate_wait(arg);
	return NULL;
}

static int tasks(void) {
	const char *s = read_file("/proc/self/status");
	const char *t = s ? strstr(s, "Threads:\t") : NULL;
	return t ? atoi(t + 9) : -1;
}

CASE(only_the_calling_thread) {
	struct gate end = gate_open();
	pthread_t a = thread_start(holder, &end), b = thread_start(holder, &end);
	OBSERVE("parent's threads", "%d", tasks());
	pid_t child = raw_fork();
	if (child == 0) {
		OBSERVE("child's threads", "%d", tasks());
		CHECK_EQ(syscall(SYS_gettid), syscall(SYS_getpid));
		_exit(0);
	}
	wait_for(child);
	gate_signal(&end);
	gate_signal(&end);
	thread_join(a);
	thread_join(b);
}

CASE(mappings_marked_for_fork) {
	size_t page = page_size();
	char *p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	memset(p, 'a', 3 * page);
	REQUIRE_OK(madvise(p + page, page, MADV_DONTFORK));
	REQUIRE_OK(madvise(p + 2 * page, page, MADV_WIPEONFORK));
	pid_t child = raw_fork();
	if (child == 0) {
		OBSERVE("kept and wiped", "%d %d", p[0], p[2 * page]);
		OBSERVE_RET("not there", write(1, p + page, 1) < 0 ? -1 : msync(p + page, page, MS_ASYNC));
		_exit(0);
	}
	wait_for(child);
}

CASE(many_at_once) {
	pid_t c[40];
	for (int i = 0; i < 40; i++) {
		c[i] = raw_fork();
		if (c[i] == 0)
			_exit(i);
	}
	for (int i = 0; i < 40; i++)
		CHECK_EQ(WEXITSTATUS(wait_for(c[i])), i);
}

CASE(limit, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_NPROC, &(struct rlimit){1, 1}));
		REQUIRE_OK(syscall(SYS_setresuid, 54325, 54325, 54325));
		OBSERVE_RET("fork", syscall(SYS_fork));
	}
}
