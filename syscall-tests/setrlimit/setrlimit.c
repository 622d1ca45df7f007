// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setrlimit: soft up to hard, hard only down for those without CAP_SYS_RESOURCE; limits of the process, and what they do.
#include "../harness/creds.h"

#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

static const char *limit_text(int r) {
	struct rlimit l;
	REQUIRE_OK(getrlimit(r, &l));
	return name("%ld %ld", (long)l.rlim_cur, (long)l.rlim_max);
}

static long set(int r, unsigned long soft, unsigned long hard) {
	struct rlimit l = {soft, hard};
	return syscall(SYS_setrlimit, r, &l);
}

CASE(resources) {
	for (int r = 0; r < 16; r++) {
		struct rlimit l;
		REQUIRE_OK(getrlimit(r, &l));
		CHECK_OK(syscall(SYS_setrlimit, r, &l));
	}
	struct rlimit l = {1, 2};
	CHECK_ERR(syscall(SYS_setrlimit, 16, &l), EINVAL);
	CHECK_ERR(syscall(SYS_setrlimit, -1, &l), EINVAL);
	OBSERVE_RET("2^32 + RLIMIT_NOFILE", syscall(SYS_setrlimit, 0x100000007L, &l));
}

static void moves(const char *who) {
	static const struct {
		long soft, hard;
	} to[] = {{5, 20}, {20, 20}, {21, 20}, {10, 21}, {21, 21}, {-1, -1}, {-1, 20}, {10, -1}, {0, 0}, {0, 20}, {10, 10}};
	for (int i = 0; i < COUNT(to); i++)
		IN_CHILD(NULL) {
			// RLIMIT_CORE has no ceiling of its own, and its value harms nobody.
			REQUIRE_OK(set(RLIMIT_CORE, 10, 20));
			if (*who != 'r')
				set_caps(false);
			OBSERVE_RET(name("%s to %ld %ld", who, to[i].soft, to[i].hard), set(RLIMIT_CORE, to[i].soft, to[i].hard));
			OBSERVE(name("%s after %ld %ld", who, to[i].soft, to[i].hard), "%s", limit_text(RLIMIT_CORE));
		}
}

CASE(rules_for_the_privileged, "root cap:24") { moves("root"); }
CASE(rules_for_others) { moves("user"); }

CASE(nofile_has_a_ceiling, "root cap:24") {
	OBSERVE_RET("unlimited", set(RLIMIT_NOFILE, -1, -1));
	OBSERVE_RET("2^30", set(RLIMIT_NOFILE, 1024, 1 << 30));
	OBSERVE_RET("2^30 + 1", set(RLIMIT_NOFILE, 1024, (1 << 30) + 1));
}

CASE(bad_pointers) {
	struct rlimit l;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_setrlimit, RLIMIT_CORE, b->p));
	REQUIRE_OK(getrlimit(RLIMIT_CORE, &l));
	CHECK_OK(syscall(SYS_setrlimit, RLIMIT_CORE, guard_copy(&l, 16)));
	CHECK_ERR(syscall(SYS_setrlimit, RLIMIT_CORE, (char *)guard_copy(&l, 16) + 1), EFAULT);
	OBSERVE_RET("no such resource, from a bad pointer", syscall(SYS_setrlimit, 16, bad_ptr()));
}

CASE(child_and_exec_inherit) {
	int st;
	REQUIRE_OK(set(RLIMIT_NOFILE, 33, 44));
	IN_CHILD(NULL) OBSERVE("child", "%s", limit_text(RLIMIT_NOFILE));
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "test $(ulimit -Sn) = 33 && test $(ulimit -Hn) = 44", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("sh", st);
	IN_CHILD(NULL) REQUIRE_OK(set(RLIMIT_NOFILE, 22, 22));
	OBSERVE("parent after the child's change", "%s", limit_text(RLIMIT_NOFILE));
}

static void *change(void *arg) {
	CHECK_OK(set(RLIMIT_NOFILE, 15, 30));
	return arg;
}

CASE(threads_share_them) {
	thread_join(thread_start(change, NULL));
	OBSERVE("first thread", "%s", limit_text(RLIMIT_NOFILE));
}

CASE(nofile_limits_new_descriptors) {
	int fds[2];
	struct pollfd p[8] = {{0}};
	REQUIRE_OK(set(RLIMIT_NOFILE, 5, 20));
	OBSERVE_RET("third", dup(0));
	OBSERVE_RET("fourth", dup(0));
	OBSERVE_RET("fifth", dup(0));
	OBSERVE_RET("dup2 to 4", dup2(0, 4));
	OBSERVE_RET("dup2 to 5", dup2(0, 5));
	OBSERVE_RET("F_DUPFD from 5", fcntl(0, F_DUPFD, 5));
	OBSERVE_RET("open", open("/", O_RDONLY));
	OBSERVE_RET("pipe", pipe(fds));
	OBSERVE_RET("poll of 5", poll(p, 5, 0));
	OBSERVE_RET("poll of 6", poll(p, 6, 0));
	REQUIRE_OK(set(RLIMIT_NOFILE, 6, 20));
	OBSERVE_RET("pipe with room for one", pipe(fds));
	OBSERVE_RET("after raising", dup(0));
	// What is open beyond a lowered limit stays.
	REQUIRE_OK(set(RLIMIT_NOFILE, 1, 20));
	OBSERVE_RET("an open one beyond the limit", fcntl(4, F_GETFD));
	REQUIRE_OK(set(RLIMIT_NOFILE, 0, 20));
	OBSERVE_RET("none at all", dup(0));
}

CASE(fsize_limits_writes) {
	char buf[64] = "";
	int fd = make_file("f", "");
	sig_catch(SIGXFSZ, 0);
	REQUIRE_OK(set(RLIMIT_FSIZE, 100, 200));
	OBSERVE_RET("64 of 100", write(fd, buf, 64));
	OBSERVE_RET("64 more", write(fd, buf, 64));
	OBSERVE("signals so far", "%d", (int)sig_count[SIGXFSZ]);
	OBSERVE_RET("beyond", write(fd, buf, 1));
	OBSERVE("signals then", "%d", (int)sig_count[SIGXFSZ]);
	OBSERVE_RET("ftruncate to 100", ftruncate(fd, 100));
	OBSERVE_RET("ftruncate to 101", ftruncate(fd, 101));
	OBSERVE_RET("pwrite inside", pwrite(fd, buf, 10, 0));
	OBSERVE_RET("pwrite across", pwrite(fd, buf, 64, 90));
	OBSERVE_RET("nothing at the limit", write(fd, buf, 0));
	OBSERVE("signals at last", "%d", (int)sig_count[SIGXFSZ]);
	int st;
	IN_CHILD(&st) {
		signal(SIGXFSZ, SIG_DFL);
		write(fd, buf, 1);
	}
	OBSERVE_STATUS("without a handler", st);
	IN_CHILD(NULL) {
		signal(SIGXFSZ, SIG_IGN);
		OBSERVE_RET("ignored", write(fd, buf, 1));
	}
	int fds[2];
	REQUIRE_OK(pipe(fds));
	OBSERVE_RET("a pipe has no such limit", write(fds[1], (char[300]){0}, 300));
}

CASE(as_limits_mappings) {
	IN_CHILD(NULL) {
		REQUIRE_OK(set(RLIMIT_AS, 1 << 30, 1 << 30));
		void *p = mmap(NULL, 2UL << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		OBSERVE("mapping beyond the limit", "%s", p == MAP_FAILED ? errno_name(errno) : "works");
		p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		OBSERVE("a page", "%s", p == MAP_FAILED ? errno_name(errno) : "works");
	}
}

CASE(data_limits_brk) {
	IN_CHILD(NULL) {
		long now = syscall(SYS_brk, 0);
		REQUIRE_OK(set(RLIMIT_DATA, 0, -1));
		OBSERVE("brk", "%s", syscall(SYS_brk, now + (1 << 20)) == now ? "refused" : "works");
	}
}

static void try_fork(const char *who) {
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	OBSERVE(who, "%s", pid > 0 ? "ok" : errno_name(errno));
	if (pid > 0)
		wait_for(pid);
}

// More than zero processes exist already; root is not counted.
CASE(nproc_limits_fork, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(set(RLIMIT_NPROC, 0, 0));
		try_fork("root");
		become(USER, (int[]){60123, 60123, 60123}, false);
		try_fork("user");
	}
}

CASE(cpu_limit_sends_sigxcpu) {
	int st;
	IN_CHILD(&st) {
		REQUIRE_OK(set(RLIMIT_CPU, 1, 3));
		for (;;)
			getppid();
	}
	OBSERVE_STATUS("soft", st);
}

// Uses that much processor time, mostly without system calls; less if SIGXCPU comes.
static void burn_ms(int ms) {
	struct timespec t;
	long long until = 0, now;
	do {
		for (volatile int i = 0; i < 1000000 && !sig_count[SIGXCPU]; i++)
			;
		REQUIRE_OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
		now = t.tv_sec * 1000000000LL + t.tv_nsec;
		if (until == 0)
			until = now + ms * 1000000LL;
	} while (now < until && !sig_count[SIGXCPU]);
}

static void rttime(rlim_t soft, rlim_t hard, int policy) {
	struct sched_param one = {.sched_priority = policy == SCHED_OTHER ? 0 : 1};
	struct rlimit l = {soft, hard};
	sig_catch(SIGXCPU, 0);
	REQUIRE_OK(syscall(SYS_setrlimit, RLIMIT_RTTIME, &l));
	REQUIRE_OK(syscall(SYS_sched_setscheduler, 0, policy, &one));
}

// A thread with a real-time policy that waits for nothing: a signal at the soft limit, the end at the hard one.
CASE(rttime_limits_real_time, "root cap:23") {
	static const int policies[] = {SCHED_FIFO, SCHED_RR, SCHED_OTHER};
	for (int i = 0; i < 3; i++) {
		int st;
		IN_CHILD(&st) {
			rttime(20000, 80000, policies[i]);
			burn_ms(policies[i] == SCHED_OTHER ? 40 : 5000);
			struct rlimit l;
			REQUIRE_OK(syscall(SYS_getrlimit, RLIMIT_RTTIME, &l));
			OBSERVE(name("policy %d", policies[i]), "%d signals, code %d, then %lu of %lu", sig_count[SIGXCPU], sig_info[SIGXCPU].si_code,
				(unsigned long)l.rlim_cur, (unsigned long)l.rlim_max);
			sig_count[SIGXCPU] = 0;
			burn_ms(policies[i] == SCHED_OTHER ? 1 : 5000);
		}
		OBSERVE_STATUS(name("end with %d", policies[i]), st);
	}
}

CASE(rttime_starts_anew_with_each_wait, "root cap:23") {
	IN_CHILD(NULL) {
		rttime(100000, RLIM_INFINITY, SCHED_FIFO);
		for (int i = 0; i < 8; i++) {
			struct timespec t = {0, 1000000};
			burn_ms(20);
			nanosleep(&t, NULL);
		}
		OBSERVE("signals", "%d", sig_count[SIGXCPU]);
		IN_CHILD(NULL) {
			burn_ms(5000);
			OBSERVE("a child inherits it", "%d", sig_count[SIGXCPU]);
		}
	}
}

CASE(stack_limit_of_a_new_program) {
	int st;
	IN_CHILD(&st) {
		REQUIRE_OK(set(RLIMIT_STACK, 1 << 20, 1 << 23));
		execl("/bin/sh", "sh", "-c", "test $(ulimit -Ss) = 1024", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("sh", st);
}

// Changing the user id never fails for RLIMIT_NPROC; the exec after it does, if the user had more processes before.
CASE(nproc_limits_exec_after_setuid, "root") {
	char *argv[] = {"true", NULL}, *empty[] = {NULL};
	struct gate ready = gate_open(), end = gate_open();
	pid_t other = harness_fork();
	if (other == 0) {
		REQUIRE_OK(syscall(SYS_setresuid, 60124, 60124, 60124));
		gate_signal(&ready);
		gate_wait(&end);
		_exit(0);
	}
	gate_wait(&ready);
	for (int n = 0; n < 3; n++)
		IN_CHILD(NULL) {
			REQUIRE_OK(set(RLIMIT_NPROC, n, n));
			OBSERVE_RET(name("setuid with %d", n), syscall(SYS_setresuid, 60124, 60124, 60124));
			OBSERVE_RET(name("no such file with %d", n), syscall(SYS_execve, "/nowhere", argv, empty));
			OBSERVE_RET(name("bad path with %d", n), syscall(SYS_execve, NULL, argv, empty));
		}
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setresuid, 60124, 60124, 60124));
		REQUIRE_OK(set(RLIMIT_NPROC, 0, 0));
		OBSERVE_RET("limited afterwards", syscall(SYS_execve, "/nowhere", argv, empty));
	}
	gate_signal(&end);
	CHECK_EQ(wait_for(other), 0);
	IN_CHILD(NULL) {
		REQUIRE_OK(set(RLIMIT_NPROC, 0, 0));
		REQUIRE_OK(syscall(SYS_setresuid, 60124, 60124, 60124));
		OBSERVE_RET("alone", syscall(SYS_execve, "/nowhere", argv, empty));
	}
}
