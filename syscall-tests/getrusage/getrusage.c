// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getrusage: what a process, a thread, or the children waited for have used.
#include "../harness/harness.h"

#include <sys/resource.h>

#define RUSAGE_THREAD_ 1

static long usec(const struct rusage *r) {
	return (r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1000000L + r->ru_utime.tv_usec + r->ru_stime.tv_usec;
}

static void burn(int who, long us) {
	struct rusage r;
	REQUIRE_OK(syscall(SYS_getrusage, who, &r));
	long until = usec(&r) + us;
	do
		REQUIRE_OK(syscall(SYS_getrusage, who, &r));
	while (usec(&r) < until);
}

CASE(who) {
	static const long whos[] = {0, -1, 1, -2, 2, -3, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000};
	struct rusage r;
	for (unsigned i = 0; i < sizeof whos / sizeof whos[0]; i++)
		OBSERVE_RET(name("%#lx", whos[i]), syscall(SYS_getrusage, whos[i], &r));
}

CASE(all_of_it_is_written) {
	struct rusage r;
	memset(&r, 0xee, sizeof r);
	CHECK_EQ(sizeof r, 144);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &r));
	CHECK(r.ru_utime.tv_usec >= 0 && r.ru_utime.tv_usec < 1000000);
	CHECK(r.ru_stime.tv_usec >= 0 && r.ru_stime.tv_usec < 1000000);
	CHECK(r.ru_maxrss > 0 && r.ru_maxrss < 1L << 40);
	CHECK(r.ru_minflt > 0 && r.ru_minflt < 1L << 40);
	// These have never been kept.
	OBSERVE("unused fields", "%ld %ld %ld %ld %ld %ld %ld", r.ru_ixrss, r.ru_idrss, r.ru_isrss, r.ru_nswap, r.ru_msgsnd,
		r.ru_msgrcv, r.ru_nsignals);
}

CASE(processor_time_grows) {
	struct rusage a, b;
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &a));
	burn(RUSAGE_SELF, 20000);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &b));
	CHECK(usec(&b) >= usec(&a) + 20000);
}

CASE(page_faults_are_counted) {
	struct rusage a, b;
	size_t n = 64 * page_size();
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &a));
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	madvise(p, n, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < n; i += page_size())
		p[i] = 1;
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &b));
	CHECK(b.ru_minflt >= a.ru_minflt + 64);
}

CASE(maxrss_grows_and_stays) {
	struct rusage a, b, c;
	size_t n = 32 << 20;
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &a));
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	memset(p, 1, n);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &b));
	// In kilobytes; the counters of a core may lag behind by some pages.
	CHECK(b.ru_maxrss >= a.ru_maxrss + 30 * 1024);
	munmap(p, n);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &c));
	CHECK(c.ru_maxrss >= b.ru_maxrss - 1024);
}

CASE(waiting_is_a_voluntary_switch) {
	struct rusage a, b;
	struct gate there = gate_open(), back = gate_open();
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &a));
	pid_t me = getpid(), tid = tid_self(), pid = harness_fork();
	if (pid == 0) {
		for (int i = 0; i < 5; i++) {
			gate_wait(&there);
			CHECK(wait_blocked(me, tid));
			gate_signal(&back);
		}
		_exit(0);
	}
	for (int i = 0; i < 5; i++) {
		gate_signal(&there);
		gate_wait(&back);
	}
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &b));
	CHECK(b.ru_nvcsw >= a.ru_nvcsw + 5);
	CHECK_EQ(wait_for(pid), 0);
}

CASE(children_count_when_waited_for) {
	struct rusage r;
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &r));
	OBSERVE("at first", "%ld %ld %ld", usec(&r), r.ru_maxrss, r.ru_minflt);
	struct gate done = gate_open(), go = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		burn(RUSAGE_SELF, 20000);
		gate_signal(&done);
		gate_wait(&go);
		_exit(0);
	}
	gate_wait(&done);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &r));
	CHECK_EQ(usec(&r), 0);
	gate_signal(&go);
	CHECK_EQ(wait_for(pid), 0);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &r));
	CHECK(usec(&r) >= 20000);
	CHECK(r.ru_maxrss > 0);
	CHECK(r.ru_minflt > 0);
}

CASE(maxrss_of_children_is_the_largest) {
	struct rusage a, b;
	IN_CHILD(NULL) {
		char *p = mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		REQUIRE(p != MAP_FAILED);
		memset(p, 1, 32 << 20);
	}
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &a));
	CHECK(a.ru_maxrss >= 30 * 1024);
	IN_CHILD(NULL) {}
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &b));
	CHECK_EQ(a.ru_maxrss, b.ru_maxrss);
}

CASE(grandchildren_count_through_their_parent) {
	struct rusage r;
	IN_CHILD(NULL) {
		IN_CHILD(NULL) burn(RUSAGE_SELF, 20000);
	}
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &r));
	CHECK(usec(&r) >= 20000);
}

CASE(wait4_tells_the_same) {
	struct rusage own, all;
	int st;
	pid_t pid = harness_fork();
	if (pid == 0) {
		burn(RUSAGE_SELF, 20000);
		_exit(0);
	}
	CHECK_EQ(syscall(SYS_wait4, pid, &st, 0, &own), pid);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &all));
	CHECK_EQ(usec(&own), usec(&all));
	CHECK_EQ(own.ru_minflt, all.ru_minflt);
	CHECK_EQ(own.ru_maxrss, all.ru_maxrss);
}

static void *burn_thread(void *arg) {
	struct rusage thread;
	(void)arg;
	burn(RUSAGE_THREAD_, 20000);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_THREAD_, &thread));
	CHECK(usec(&thread) >= 20000);
	return NULL;
}

CASE(a_thread_counts_alone_and_in_its_process) {
	struct rusage mine, before, after;
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &before));
	thread_join(thread_start(burn_thread, NULL));
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &after));
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_THREAD_, &mine));
	CHECK(usec(&after) >= usec(&before) + 20000);
	CHECK(usec(&mine) <= usec(&after) - 20000);
}

CASE(a_child_starts_from_nothing) {
	burn(RUSAGE_SELF, 30000);
	IN_CHILD(NULL) {
		struct rusage r;
		CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, &r));
		CHECK(usec(&r) < 30000);
		CHECK_OK(syscall(SYS_getrusage, RUSAGE_CHILDREN, &r));
		CHECK_EQ(usec(&r), 0);
	}
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_getrusage, RUSAGE_SELF, b->p));
	CHECK_ERR(syscall(SYS_getrusage, RUSAGE_SELF, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_getrusage, RUSAGE_SELF, readonly_page()), EFAULT);
	CHECK_ERR(syscall(SYS_getrusage, 5, bad_ptr()), EINVAL);
	char *p = guard_end(144);
	CHECK_OK(syscall(SYS_getrusage, RUSAGE_SELF, p));
	CHECK_ERR(syscall(SYS_getrusage, RUSAGE_SELF, p + 1), EFAULT);
}
