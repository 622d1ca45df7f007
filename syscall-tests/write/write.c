// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// write: how much goes, to where, from what memory, and what stops it: limits, full pipes, readers gone, signals?
#include "../harness/rw.h"
#include <sys/stat.h>

static long try_write(int fd, void *buf, size_t n, off_t unused) { return syscall(SYS_write, fd, buf, n); }

// guarded is n bytes of memory before some that can't be read.
static char *guarded(size_t n) {
	size_t room = (n + 4095) & ~4095ul;
	char *p = mmap(NULL, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	REQUIRE_OK(mprotect(p + room, 4096, PROT_NONE));
	return p + room - n;
}

CASE(descriptors) {
	signal(SIGPIPE, SIG_IGN);
	observe_rw_descriptors(try_write);
}
CASE(buffers) { observe_rw_buffers(try_write, true); }

CASE(lengths) {
	char *buf = guard_copy("0123456789", 10);
	static const size_t lengths[] = {0, 1, 10, SIZE_MAX, SIZE_MAX / 2 + 1, 1ull << 63 | 5};
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		int fd = make_file("f", "content");
		OBSERVE_RET(name("%#zx", lengths[i]), syscall(SYS_write, fd, buf, lengths[i]));
		OBSERVE(name("%#zx: after", lengths[i]), "%s at %lld", entry_text("f"), (long long)lseek(fd, 0, SEEK_CUR));
		close(fd);
	}
}

// However much is given, what could be read gets there, and the position says so.
CASE(memory_ends_far_into_the_buffer) {
	enum { START = 7, MORE = 600000 };
	static const size_t ends[] = {1, 73, 4096, 20000, 32768, 40001, 65536, 65537, 131072, 300001, 524288};
	static char got[MORE];
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t n = ends[i];
		char *p = guarded(n);
		for (size_t j = 0; j < n; j++)
			p[j] = j * 31 + j / 4096 + i;
		int fd = make_file("f", "content");
		REQUIRE_OK(lseek(fd, START, SEEK_SET));
		OBSERVE_RET(name("%zu bytes", n), syscall(SYS_write, fd, p, MORE));
		OBSERVE_RET(name("%zu bytes: position", n), lseek(fd, 0, SEEK_CUR));
		ssize_t have = pread(fd, got, MORE, START);
		OBSERVE(name("%zu bytes: in the file", n), "%zd", have);
		CHECK(have >= 0 && (size_t)have <= n && !memcmp(got, p, have));
		CHECK_ERR(syscall(SYS_write, fd, p + n, MORE), EFAULT);
		close(fd);
	}
}

// More than goes through at once, and none of it lost or moved.
CASE(much_at_once) {
	enum { SIZE = 1 << 20 };
	static char want[SIZE], got[SIZE];
	for (int i = 0; i < SIZE; i++)
		want[i] = i * 37 + i / 4096;
	int fd = make_file("f", "");
	for (int at = 1; at < 4096; at += 1365) {
		CHECK_EQ(pwrite(fd, "", 1, SIZE), 1);
		REQUIRE_OK(lseek(fd, at, SEEK_SET));
		CHECK_EQ(syscall(SYS_write, fd, want + at, SIZE - at), SIZE - at);
		CHECK_EQ(lseek(fd, 0, SEEK_CUR), SIZE);
		CHECK_EQ(pread(fd, got, SIZE - at, at), SIZE - at);
		CHECK_EQ(memcmp(want + at, got, SIZE - at), 0);
		REQUIRE_OK(ftruncate(fd, 0));
	}
}

CASE(overwrites_and_extends) {
	int fd = make_file("f", "content");
	lseek(fd, 3, SEEK_SET);
	CHECK_EQ(syscall(SYS_write, fd, "FRONT", 5), 5);
	CHECK_STR(read_file("f"), "conFRONT");
	lseek(fd, 10, SEEK_SET);
	CHECK_EQ(syscall(SYS_write, fd, "x", 1), 1);
	CHECK_EQ(stat_of("f").st_size, 11);
	// Nothing at all does not extend.
	lseek(fd, 100, SEEK_SET);
	CHECK_EQ(syscall(SYS_write, fd, "x", 0), 0);
	CHECK_EQ(stat_of("f").st_size, 11);
}

// A buffer whose end can't be read is written as far as it goes.
CASE(memory_ends_within_the_buffer) {
	int fd = make_file("f", "");
	char *end = guard_end(100);
	memset(end, 'x', 100);
	OBSERVE_RET("write", syscall(SYS_write, fd, end, 200));
	OBSERVE("file", "%s", entry_text("f"));
	OBSERVE_RET("position", lseek(fd, 0, SEEK_CUR));
}

CASE(file_size_limit) {
	int fd = make_file("f", "content");
	sig_catch(SIGXFSZ, 0);
	limit_fsize(10);
	lseek(fd, 8, SEEK_SET);
	OBSERVE_RET("up to the limit", syscall(SYS_write, fd, "0123456789", 10));
	OBSERVE("signals so far", "%d", sig_count[SIGXFSZ]);
	CHECK_ERR(syscall(SYS_write, fd, "x", 1), EFBIG);
	CHECK_EQ(sig_count[SIGXFSZ], 1);
	OBSERVE("si_code is SI_KERNEL or so", "%d", sig_info[SIGXFSZ].si_code);
	OBSERVE("sender", "%s", pid_name(sig_info[SIGXFSZ].si_pid));
	OBSERVE_RET("nothing at the limit", syscall(SYS_write, fd, "x", 0));
	lseek(fd, 0, SEEK_SET);
	OBSERVE_RET("below it", syscall(SYS_write, fd, "x", 1));
	OBSERVE("file", "%s", entry_text("f"));
	signal(SIGXFSZ, SIG_IGN);
	lseek(fd, 10, SEEK_SET);
	CHECK_ERR(syscall(SYS_write, fd, "x", 1), EFBIG);
}

CASE(file_size_limit_kills) {
	int st, fd = make_file("f", "");
	IN_CHILD(&st) {
		limit_fsize(0);
		syscall(SYS_write, fd, "x", 1);
	}
	OBSERVE_STATUS("child", st);
}

CASE(file_size_limit_is_for_files) {
	int p[2];
	REQUIRE_OK(pipe(p));
	int null = REQUIRE_OK(open("/dev/null", O_WRONLY));
	limit_fsize(0);
	CHECK_EQ(syscall(SYS_write, p[1], "x", 1), 1);
	CHECK_EQ(syscall(SYS_write, null, "x", 1), 1);
}

CASE(no_reader) {
	int p[2], st;
	REQUIRE_OK(pipe(p));
	close(p[0]);
	IN_CHILD(&st) { syscall(SYS_write, p[1], "x", 1); }
	OBSERVE_STATUS("default", st);
	sig_catch(SIGPIPE, 0);
	CHECK_ERR(syscall(SYS_write, p[1], "x", 1), EPIPE);
	CHECK_EQ(sig_count[SIGPIPE], 1);
	OBSERVE("si_code", "%d", sig_info[SIGPIPE].si_code);
	OBSERVE_RET("nothing", syscall(SYS_write, p[1], "x", 0));
	CHECK_EQ(sig_count[SIGPIPE], 1);
}

CASE(pipe_capacity) {
	int p[2];
	static char big[70000];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	OBSERVE_RET("70000 bytes", syscall(SYS_write, p[1], big, sizeof big));
	CHECK_ERR(syscall(SYS_write, p[1], big, 1), EAGAIN);
	REQUIRE(read(p[0], big, 100) == 100);
	// A page of the pipe is free once all of it was read.
	OBSERVE_RET("after 100 were read", syscall(SYS_write, p[1], big, 100));
	REQUIRE(read(p[0], big, 4000) == 4000);
	OBSERVE_RET("4096 after 4100 were read", syscall(SYS_write, p[1], big, 4096));
	OBSERVE_RET("1 more", syscall(SYS_write, p[1], big, 1));
}

// Up to PIPE_BUF bytes go as a whole or not at all.
CASE(pipe_atomicity) {
	int p[2];
	static char big[65536];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE(write(p[1], big, 65536 - 4096 + 1) > 0);
	int avail = 0;
	REQUIRE_OK(ioctl(p[0], FIONREAD, &avail));
	OBSERVE("held", "%d", avail);
	OBSERVE_RET("4096 into less", syscall(SYS_write, p[1], big, 4096));
	OBSERVE_RET("4097 into less", syscall(SYS_write, p[1], big, 4097));
}

CASE(pipe_interrupted_before_anything) {
	int p[2];
	static char big[65536];
	REQUIRE_OK(pipe(p));
	REQUIRE(write(p[1], big, 65536) == 65536);
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(syscall(SYS_write, p[1], big, 1), EINTR);
	CHECK(interrupt_done(&it));
}

CASE(pipe_interrupted_half_way) {
	int p[2];
	static char big[100000];
	REQUIRE_OK(pipe(p));
	sig_catch(SIGUSR1, SA_RESTART);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("written before the signal", syscall(SYS_write, p[1], big, sizeof big));
	CHECK(interrupt_done(&it));
}

CASE(times) {
	int fd = make_file("f", "content");
	struct stat before = stat_of("f");
	next_stamp();
	CHECK_EQ(syscall(SYS_write, fd, "x", 0), 0);
	OBSERVE("nothing", "%s", times_moved(&before, "f"));
	CHECK_EQ(syscall(SYS_write, fd, "x", 1), 1);
	OBSERVE("one byte", "%s", times_moved(&before, "f"));
}

// Writing takes the set-id bits away, unless the writer is privileged.
CASE(setid_bits, "root") {
	static const int modes[] = {04755, 02755, 06777, 02644, 04644, 06644, 01777};
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		char f[16];
		snprintf(f, sizeof f, "f%o", modes[i]);
		put_file(f, "x", 0644);
		REQUIRE_OK(chown(f, 65534, 65534));
		REQUIRE_OK(chmod(f, modes[i]));
		CHECK_EQ(syscall(SYS_write, open(f, O_WRONLY), "y", 1), 1);
		OBSERVE(name("%o, root", modes[i]), "%s", entry_text(f));
		IN_CHILD(NULL) {
			become_nobody();
			CHECK_EQ(syscall(SYS_write, open(f, O_WRONLY), "y", 1), 1);
			OBSERVE(name("%o, nobody", modes[i]), "%s", entry_text(f));
		}
	}
}

// Set-group-ID without the right to execute stays for who is in the group, and for nobody else.
CASE(setid_bits_of_anothers_group, "root") {
	static const int modes[] = {02755, 02644, 06644, 02745, 02700, 03666};
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		for (int group = 0; group < 2; group++) {
			put_file("f", "x", 0644);
			REQUIRE_OK(chown("f", 0, group ? 65534 : 0));
			REQUIRE_OK(chmod("f", modes[i]));
			int fd = REQUIRE_OK(open("f", O_RDWR));
			IN_CHILD(NULL) {
				become_nobody();
				CHECK_EQ(syscall(SYS_write, fd, "y", 1), 1);
			}
			OBSERVE(name("%o, %s group: written", modes[i], group ? "its own" : "another"), "%s", entry_text("f"));
			REQUIRE_OK(chmod("f", modes[i]));
			IN_CHILD(NULL) {
				become_nobody();
				CHECK_EQ(ftruncate(fd, 0), 0);
			}
			OBSERVE(name("%o, %s group: truncated", modes[i], group ? "its own" : "another"), "%s", entry_text("f"));
			close(fd);
			REQUIRE_OK(unlink("f"));
		}
}

CASE(permission_is_decided_at_open, "root") {
	put_file("f", "x", 0666);
	int fd = REQUIRE_OK(open("f", O_RDWR));
	REQUIRE_OK(chmod("f", 0));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_EQ(syscall(SYS_write, fd, "y", 1), 1);
	}
}

CASE(full_device) {
	int full = REQUIRE_OK(open("/dev/full", O_RDWR));
	CHECK_ERR(syscall(SYS_write, full, "x", 1), ENOSPC);
	OBSERVE_RET("nothing", syscall(SYS_write, full, "x", 0));
}

// The times are renewed before anything is copied.
CASE(times_where_nothing_can_be_read) {
	struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
	struct stat s;
	put_file("f", "content", 0644);
	int fd = open("f", O_WRONLY);
	REQUIRE_OK(fd);
	REQUIRE_OK(futimens(fd, old));
	OBSERVE_RET("from nowhere", syscall(SYS_write, fd, 8l, 10));
	REQUIRE_OK(fstat(fd, &s));
	OBSERVE("renewed", "%ld", (long)(s.st_mtim.tv_sec != 1000000000));
	OBSERVE("size", "%ld", (long)(s.st_size));
}
