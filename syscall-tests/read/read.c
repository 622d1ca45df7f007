// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// read: how much comes, from where, into what memory, and what happens at the end, in a pipe, on a signal?
#include "../harness/rw.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

static long try_read(int fd, void *buf, size_t n, off_t unused) { return syscall(SYS_read, fd, buf, n); }

CASE(descriptors) { observe_rw_descriptors(try_read); }
CASE(buffers) { observe_rw_buffers(try_read, true); }
CASE(lengths) { observe_rw_lengths(try_read); }

CASE(moves_the_position) {
	int fd = make_file("f", "content");
	char buf[16] = "";
	CHECK_EQ(syscall(SYS_read, fd, buf, 3), 3);
	CHECK_STR(buf, "con");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
	CHECK_EQ(syscall(SYS_read, fd, buf, 16), 4);
	CHECK_EQ(syscall(SYS_read, fd, buf, 16), 0);
	CHECK_EQ(lseek(fd, 100, SEEK_SET), 100);
	CHECK_EQ(syscall(SYS_read, fd, buf, 1), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 100);
}

CASE(holes_are_zeros) {
	int fd = make_file("f", "a");
	static char buf[10000];
	memset(buf, 1, sizeof buf);
	REQUIRE(pwrite(fd, "z", 1, 9000) == 1);
	CHECK_EQ(syscall(SYS_read, fd, buf, sizeof buf), 9001);
	int others = 0;
	for (int i = 1; i < 9000; i++)
		others += buf[i] != 0;
	CHECK_EQ(others, 0);
	CHECK_EQ(buf[9000], 'z');
	CHECK_EQ(buf[9001], 1);
}

// A buffer whose end can't be written gets what fits, and the position says so.
CASE(memory_ends_within_the_buffer) {
	int fd = make_file("f", repeat("content", 7000, ""));
	char *end = guard_end(100);
	OBSERVE_RET("read", syscall(SYS_read, fd, end, 200));
	OBSERVE_RET("position", lseek(fd, 0, SEEK_CUR));
	CHECK_EQ(memcmp(end, "contentcontent", 14), 0);
	CHECK_EQ(syscall(SYS_read, fd, guard_end(4096), 4096), 4096);
}

// The same however much is asked for, and whether the memory ends or may only be read from there on.
CASE(memory_ends_far_into_the_buffer) {
	enum { SIZE = 600000, START = 7 };
	static const size_t ends[] = {1, 73, 4096, 20000, 32768, 40001, 65536, 65537, 131072, 300001, 524288};
	static char want[SIZE];
	for (int i = 0; i < SIZE; i++)
		want[i] = i * 31 + i / 4096;
	int fd = make_file("f", "");
	REQUIRE(write(fd, want, SIZE) == SIZE);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(ends); i++) {
		size_t n = ends[i / 2], room = (n + 4095) & ~4095ul;
		char *p = mmap(NULL, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		REQUIRE(p != MAP_FAILED);
		REQUIRE_OK(mprotect(p + room, 4096, i % 2 ? PROT_READ : PROT_NONE));
		p += room - n;
		REQUIRE(lseek(fd, START, SEEK_SET) == START);
		CHECK_EQ(syscall(SYS_read, fd, p, SIZE - START), (long)n);
		CHECK_EQ(lseek(fd, 0, SEEK_CUR), (long)(START + n));
		CHECK_EQ(memcmp(p, want + START, n), 0);
		CHECK_ERR(syscall(SYS_read, fd, p + n, SIZE), EFAULT);
		CHECK_EQ(lseek(fd, 0, SEEK_CUR), (long)(START + n));
	}
}

// All of a large file, into memory that nobody has touched yet, and no byte beyond it.
CASE(more_than_there_is) {
	enum { SIZE = 300001 };
	static char want[SIZE];
	for (int i = 0; i < SIZE; i++)
		want[i] = i * 37 + i / 4096;
	int fd = make_file("f", "");
	REQUIRE(write(fd, want, SIZE) == SIZE);
	char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	CHECK_EQ(syscall(SYS_read, fd, p, 1 << 20), SIZE);
	CHECK_EQ(memcmp(p, want, SIZE), 0);
	for (int i = SIZE; i < 1 << 20; i++)
		if (p[i])
			CHECK_EQ(i, 0);
	CHECK_EQ(syscall(SYS_read, fd, p, 1 << 20), 0);
}

CASE(pipe) {
	int p[2];
	char buf[16] = "";
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	CHECK_ERR(syscall(SYS_read, p[0], buf, 1), EAGAIN);
	OBSERVE_RET("nothing from an empty pipe", syscall(SYS_read, p[0], buf, 0));
	REQUIRE(write(p[1], "abc", 3) == 3);
	REQUIRE(write(p[1], "def", 3) == 3);
	CHECK_EQ(syscall(SYS_read, p[0], buf, 2), 2);
	CHECK_EQ(syscall(SYS_read, p[0], buf, 16), 4);
	CHECK_STR(buf, "cdef");
	close(p[1]);
	CHECK_EQ(syscall(SYS_read, p[0], buf, 1), 0);
}

CASE(pipe_waits_for_data) {
	int p[2];
	char c = 0;
	REQUIRE_OK(pipe(p));
	pid_t me = getpid();
	pid_t pid = harness_fork();
	if (pid == 0) {
		REQUIRE(wait_blocked(me, me));
		_exit(write(p[1], "x", 1) == 1 ? 0 : 1);
	}
	CHECK_EQ(syscall(SYS_read, p[0], &c, 1), 1);
	CHECK_EQ(c, 'x');
	OBSERVE_STATUS("writer", wait_for(pid));
}

CASE(interrupted) {
	int p[2];
	char c;
	REQUIRE_OK(pipe(p));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(syscall(SYS_read, p[0], &c, 1), EINTR);
	CHECK(interrupt_done(&it));
	CHECK_EQ(sig_count[SIGUSR1], 1);
}

static int restart_pipe[2];
static void feed(int sig) { write(restart_pipe[1], "r", 1); }

// With SA_RESTART the call goes on waiting after the handler, which here brings what it waits for.
CASE(restarted) {
	char c = 0;
	struct sigaction sa = {.sa_handler = feed, .sa_flags = SA_RESTART};
	REQUIRE_OK(pipe(restart_pipe));
	REQUIRE_OK(sigaction(SIGUSR1, &sa, NULL));
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_EQ(syscall(SYS_read, restart_pipe[0], &c, 1), 1);
	CHECK(interrupt_done(&it));
	CHECK_EQ(c, 'r');
}

CASE(offset_is_shared_with_dups_and_children) {
	int fd = make_file("f", "0123456789"), copy = REQUIRE_OK(dup(fd)), own = REQUIRE_OK(open("f", O_RDONLY));
	char c;
	CHECK_EQ(syscall(SYS_read, fd, &c, 1), 1);
	CHECK_EQ(syscall(SYS_read, copy, &c, 1), 1);
	CHECK_EQ(c, '1');
	IN_CHILD(NULL) { CHECK_EQ(syscall(SYS_read, fd, &c, 1), 1); }
	CHECK_EQ(syscall(SYS_read, fd, &c, 1), 1);
	CHECK_EQ(c, '3');
	CHECK_EQ(syscall(SYS_read, own, &c, 1), 1);
	CHECK_EQ(c, '0');
}

CASE(eventfd_wants_eight_bytes) {
	uint64_t v = 0;
	int fd = REQUIRE_OK(eventfd(5, EFD_NONBLOCK));
	OBSERVE_RET("7", syscall(SYS_read, fd, &v, 7));
	OBSERVE_RET("8", syscall(SYS_read, fd, &v, 8));
	CHECK_EQ(v, 5);
	OBSERVE_RET("empty", syscall(SYS_read, fd, &v, 8));
}

CASE(devices) {
	char buf[4] = "abc";
	int zero = REQUIRE_OK(open("/dev/zero", O_RDONLY)), null = REQUIRE_OK(open("/dev/null", O_RDONLY));
	CHECK_EQ(syscall(SYS_read, null, buf, 4), 0);
	CHECK_EQ(syscall(SYS_read, zero, buf, 4), 4);
	CHECK_EQ(buf[0] | buf[1] | buf[2], 0);
	OBSERVE_RET("zeros up to the end of memory", syscall(SYS_read, zero, guard_end(100), 200));
	OBSERVE_RET("zeros to nowhere", syscall(SYS_read, zero, bad_ptr(), 1));
}

CASE(reading_leaves_mtime_alone) {
	int fd = make_file("f", "content");
	char c;
	struct stat before = stat_of("f");
	next_stamp();
	CHECK_EQ(syscall(SYS_read, fd, &c, 1), 1);
	struct stat after = stat_of("f");
	CHECK_EQ(ts_cmp(before.st_mtim, after.st_mtim), 0);
	CHECK_EQ(ts_cmp(before.st_ctim, after.st_ctim), 0);
}

CASE(nothing_from_a_packet_socket) {
	int p[2];
	char c;
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p));
	OBSERVE_RET("empty", read(p[0], &c, 0));
	REQUIRE_OK(write(p[1], "packet", 6));
	OBSERVE_RET("with a packet", read(p[0], &c, 0));
	OBSERVE_RET("the packet is still there", read(p[0], &c, 1));
}
