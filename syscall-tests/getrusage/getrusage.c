// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getrusage: what a process, a thread, or the children waited for have used.
#include "../harness/harness.h"

#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

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

// What the kernel tells of reads and writes in /proc: bytes and calls, of a process and of a thread.
static void io_counts(const char *path, long long counts[4], long *length) {
	char text[512];
	int fd = REQUIRE_OK(open(path, O_RDONLY));
	*length = REQUIRE_OK(syscall(SYS_read, fd, text, sizeof text - 1));
	text[*length] = 0;
	REQUIRE(sscanf(text, "rchar: %lld wchar: %lld syscr: %lld syscw: %lld", &counts[0], &counts[1], &counts[2], &counts[3]) == 4);
	close(fd);
}

static void observe_io(const char *what, const char *path, void (*f)(void)) {
	long long before[4], after[4];
	long length, ignored;
	io_counts(path, before, &length);
	f();
	io_counts(path, after, &ignored);
	OBSERVE(name("%s of %s", what, path), "%lld bytes in %lld reads, %lld bytes in %lld writes", after[0] - before[0] - length,
		after[2] - before[2] - 1, after[1] - before[1], after[3] - before[3]);
}

static int io_fd;
static char io_bytes[4096];
static void plain_io(void) {
	CHECK_EQ(write(io_fd, io_bytes, 100), 100);
	CHECK_EQ(pwrite(io_fd, io_bytes, 1000, 0), 1000);
	CHECK_EQ(pread(io_fd, io_bytes, 10, 990), 10);
	CHECK_EQ(pread(io_fd, io_bytes, 100, 990), 10);
	CHECK_EQ(pread(io_fd, io_bytes, 100, 1000), 0);
}
static void vector_io(void) {
	struct iovec v[2] = {{io_bytes, 10}, {io_bytes + 10, 20}};
	CHECK_EQ(pwritev(io_fd, v, 2, 0), 30);
	CHECK_EQ(preadv(io_fd, v, 2, 0), 30);
	lseek(io_fd, 0, SEEK_SET);
	CHECK_EQ(readv(io_fd, v, 2), 30);
	CHECK_EQ(writev(io_fd, v, 2), 30);
}
static void copying_io(void) {
	int out = REQUIRE_OK(open("other", O_RDWR | O_CREAT, 0600));
	off_t from = 0;
	CHECK_EQ(sendfile(out, io_fd, &from, 500), 500);
	CHECK_EQ(copy_file_range(io_fd, &from, out, NULL, 100, 0), 100);
	close(out);
}
static void failing_io(void) {
	CHECK_ERR(read(-1, io_bytes, 1), EBADF);
	CHECK_ERR(write(-1, io_bytes, 1), EBADF);
	CHECK_ERR(pread(io_fd, bad_ptr(), 1, 0), EFAULT);
	CHECK_ERR(pwrite(io_fd, bad_ptr(), 1, 0), EFAULT);
	CHECK_ERR(pread(io_fd, io_bytes, 1, -1), EINVAL);
	struct iovec v = {io_bytes, 10};
	CHECK_ERR(readv(-1, &v, 1), EBADF);
	CHECK_ERR(writev(-1, &v, 1), EBADF);
	CHECK_ERR(writev(io_fd, &v, -1), EINVAL);
	CHECK_ERR(preadv(io_fd, &v, 1, -1), EINVAL);
}
static void pipe_io(void) {
	int p[2];
	REQUIRE_OK(pipe(p));
	CHECK_EQ(write(p[1], io_bytes, 77), 77);
	CHECK_EQ(read(p[0], io_bytes, 100), 77);
	close(p[0]), close(p[1]);
}
static void *thread_io(void *arg) {
	(void)arg;
	plain_io();
	return NULL;
}
static void io_of_a_thread(void) { thread_join(thread_start(thread_io, NULL)); }

CASE(proc_io) {
	static const struct {
		const char *name;
		void (*f)(void);
	} kinds[] = {{"plain", plain_io}, {"vectors", vector_io}, {"copies", copying_io}, {"failures", failing_io}, {"pipe", pipe_io}};
	io_fd = REQUIRE_OK(open("file", O_RDWR | O_CREAT, 0600));
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		observe_io(kinds[i].name, "/proc/self/io", kinds[i].f);
		observe_io(kinds[i].name, "/proc/thread-self/io", kinds[i].f);
	}
	observe_io("another thread", "/proc/self/io", io_of_a_thread);
}

static void io_of_a_child(void) {
	IN_CHILD(NULL) plain_io();
}

CASE(proc_io_of_a_child_that_was_waited_for) {
	io_fd = REQUIRE_OK(open("file", O_RDWR | O_CREAT, 0600));
	long long before[4], after[4];
	long length, ignored;
	io_counts("/proc/self/io", before, &length);
	io_of_a_child();
	io_counts("/proc/self/io", after, &ignored);
	CHECK(after[0] - before[0] - length >= 20);
	CHECK(after[1] - before[1] >= 1100);
	CHECK(after[2] - before[2] - 1 >= 3);
	CHECK(after[3] - before[3] >= 2);
}
