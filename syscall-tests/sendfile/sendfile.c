// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendfile: from a file to anything, by its position or by an offset of one's own
#include "../harness/inets.h"
#include "../harness/rw.h"
#include "../harness/mounts.h"
#include <sys/eventfd.h>
#include <sys/resource.h>

static long call(int out, int in, off_t *off, size_t n) { return syscall(SYS_sendfile, out, in, off, n); }

CASE(by_position) {
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	REQUIRE_OK(lseek(in, 2, SEEK_SET));
	CHECK_EQ(call(out, in, NULL, 3), 3);
	CHECK_EQ(lseek(in, 0, SEEK_CUR), 5);
	CHECK_EQ(lseek(out, 0, SEEK_CUR), 3);
	CHECK_EQ(call(out, in, NULL, 100), 5);
	CHECK_EQ(call(out, in, NULL, 100), 0);
	CHECK_STR(read_file("out"), "23456789");
}

CASE(by_offset) {
	off_t off = 4;
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	CHECK_EQ(call(out, in, &off, 3), 3);
	CHECK_EQ(off, 7);
	CHECK_EQ(lseek(in, 0, SEEK_CUR), 0);
	CHECK_STR(read_file("out"), "456");
	off = 100;
	CHECK_EQ(call(out, in, &off, 3), 0);
	CHECK_EQ(off, 100);
	off = -1;
	OBSERVE_RET("-1", call(out, in, &off, 3));
	off = LLONG_MAX;
	OBSERVE_RET("LLONG_MAX", call(out, in, &off, 3));
}

CASE(offset_pointers) {
	off_t off = 1;
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, call(out, in, b->p, 1));
	OBSERVE_RET("read-only", call(out, in, readonly_page(), 1));
	OBSERVE_RET("ends with memory", call(out, in, guard_copy(&off, 8), 1));
	OBSERVE_RET("ends beyond", call(out, in, guard_copy(&off, 4), 1));
	OBSERVE("out", "%s", entry_text("out"));
	OBSERVE_RET("bad fds, bad pointer", call(-1, -1, bad_ptr(), 1));
}

CASE(counts) {
	static const size_t counts[] = {0, 1, SIZE_MAX, 1ul << 63, SIZE_MAX / 2};
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		int in = make_file("in", "0123456789"), out = make_file("out", "");
		OBSERVE_RET(name("%#zx", counts[i]), call(out, in, NULL, counts[i]));
		OBSERVE_RET(name("%#zx, bad fd", counts[i]), call(-1, in, NULL, counts[i]));
		close(in);
		close(out);
	}
}

CASE(input_kinds) {
	int p[2], out = make_file("out", "");
	off_t zero = 0;
	put_file("f", "content", 0644);
	REQUIRE_OK(pipe(p));
	REQUIRE(write(p[1], "abc", 3) == 3);
	OBSERVE_RET("-1", call(out, -1, NULL, 1));
	OBSERVE_RET("O_WRONLY", call(out, open("f", O_WRONLY), NULL, 1));
	OBSERVE_RET("O_PATH", call(out, open("f", O_PATH), NULL, 1));
	OBSERVE_RET("directory", call(out, open(".", O_RDONLY), NULL, 1));
	OBSERVE_RET("pipe", call(out, p[0], NULL, 1));
	OBSERVE_RET("pipe by offset", call(out, p[0], &zero, 1));
	OBSERVE_RET("/dev/null", call(out, open("/dev/null", O_RDONLY), NULL, 1));
	OBSERVE_RET("/dev/zero", call(out, open("/dev/zero", O_RDONLY), NULL, 5));
}

CASE(output_kinds) {
	int p[2], in = make_file("in", "0123456789");
	char buf[8] = "";
	put_file("f", "content", 0644);
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", call(-1, in, NULL, 1));
	OBSERVE_RET("O_RDONLY", call(open("f", O_RDONLY), in, NULL, 1));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH), in, NULL, 1));
	OBSERVE_RET("O_APPEND", call(open("f", O_WRONLY | O_APPEND), in, NULL, 1));
	OBSERVE_RET("pipe", call(p[1], in, NULL, 3));
	OBSERVE_RET("read from the pipe", read(p[0], buf, 8));
	OBSERVE_RET("reading end", call(p[0], in, NULL, 1));
	OBSERVE_RET("/dev/null", call(open("/dev/null", O_WRONLY), in, NULL, 1));
	OBSERVE_RET("/dev/full", call(open("/dev/full", O_WRONLY), in, NULL, 1));
	OBSERVE_RET("itself", call(in, in, NULL, 1));
	OBSERVE_RET("position", lseek(in, 0, SEEK_CUR));
	close(p[0]);
	sig_catch(SIGPIPE, 0);
	OBSERVE_RET("no reader", call(p[1], in, NULL, 1));
	OBSERVE("signals", "%d", sig_count[SIGPIPE]);
}

CASE(full_pipe) {
	int p[2], in = make_file("in", repeat("0123456789", 8000, ""));
	static char big[65536];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE(write(p[1], big, 65536) == 65536);
	CHECK_ERR(call(p[1], in, NULL, 100), EAGAIN);
	REQUIRE(read(p[0], big, 4096) == 4096);
	OBSERVE_RET("one page free", call(p[1], in, NULL, 8000));
	OBSERVE_RET("position", lseek(in, 0, SEEK_CUR));
}

CASE(file_size_limit) {
	int in = make_file("in", "0123456789"), out = make_file("out", "");
	sig_catch(SIGXFSZ, 0);
	limit_fsize(4);
	OBSERVE_RET("across", call(out, in, NULL, 10));
	OBSERVE_RET("at the limit", call(out, in, NULL, 10));
	OBSERVE("signals", "%d", sig_count[SIGXFSZ]);
	OBSERVE_RET("position", lseek(in, 0, SEEK_CUR));
}

CASE(to_a_stream_of_tcp) {
	int p[2], in = make_file("big", "");
	static char block[100000], got[100000];
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = i % 251;
	for (int i = 0; i < 10; i++)
		REQUIRE(write(in, block, sizeof block) == sizeof block);
	in_pair(AF_INET, p);
	pid_t child = harness_fork();
	if (child == 0) {
		close(p[0]);
		long total = 0, n;
		while ((n = recv(p[1], got, sizeof got, MSG_WAITALL)) > 0) {
			if (memcmp(got, block, n))
				_exit(1);
			total += n;
		}
		_exit(total == 10 * (long)sizeof block ? 0 : 2);
	}
	close(p[1]);
	off_t off = 0;
	while (off < 10 * (off_t)sizeof block)
		REQUIRE(call(p[0], in, &off, 10 * sizeof block - off) > 0);
	close(p[0]);
	OBSERVE_STATUS("reader", wait_for(child));
}

CASE(to_an_eventfd) {
	put_file("f", "12345678", 0644);
	int fd = open("f", O_RDONLY);
	REQUIRE_OK(fd);
	OBSERVE_RET("eventfd", sendfile(eventfd(0, EFD_NONBLOCK), fd, NULL, 8));
	OBSERVE_RET("nothing", sendfile(eventfd(0, EFD_NONBLOCK), fd, NULL, 0));
	OBSERVE_RET("at the end", sendfile(eventfd(0, EFD_NONBLOCK), fd, (off_t[]){8}, 8));
	OBSERVE_RET("position", lseek(fd, 0, SEEK_CUR));
}

static void observe_atime(const char *what, int out, int in, size_t n) {
	struct timespec old[2] = {{1000000000, 1}, {1000000001, 2}};
	struct stat st;
	REQUIRE_OK(futimens(in, old));
	long r = call(out, in, NULL, n);
	REQUIRE_OK(fstat(in, &st));
	OBSERVE(what, "%ld, %s", r < 0 ? -(long)errno : r, st.st_atim.tv_sec == 1000000000 ? "as before" : "accessed");
}

// The time of access moves with whatever comes of it, but for what is refused before.
CASE(time_of_access, "root cap:21") {
	int p[2];
	own_mounts();
	int in = make_file("in", "0123456789"), out = make_file("out", ""), append = REQUIRE_OK(open("out", O_WRONLY | O_APPEND));
	REQUIRE_OK(pipe(p));
	observe_atime("nothing", out, in, 0);
	observe_atime("some", out, in, 4);
	REQUIRE_OK(lseek(in, 0, SEEK_END));
	observe_atime("at the end", out, in, 4);
	observe_atime("nothing into a pipe", p[1], in, 0);
	observe_atime("at the end, into a pipe", p[1], in, 4);
	observe_atime("appending", append, in, 0);
	observe_atime("to an eventfd, at the end", REQUIRE_OK(eventfd(0, EFD_NONBLOCK)), in, 4);
	observe_atime("nothing to an eventfd", REQUIRE_OK(eventfd(0, EFD_NONBLOCK)), in, 0);
	REQUIRE_OK(lseek(in, 0, SEEK_SET));
	observe_atime("some to an eventfd", REQUIRE_OK(eventfd(0, EFD_NONBLOCK)), in, 4);
	observe_atime("by one's own that is not for it", out, REQUIRE_OK(open("in", O_RDONLY | O_NOATIME)), 4);
	REQUIRE_OK(fchmod(out, 0600));
	struct rlimit least = {0, 0};
	signal(SIGXFSZ, SIG_IGN);
	REQUIRE_OK(setrlimit(RLIMIT_FSIZE, &least));
	REQUIRE_OK(lseek(out, 0, SEEK_END));
	observe_atime("more than may be written", out, in, 4);
}

// Of nothing a file needs no operation that could send it.
CASE(nothing_from_and_to_anything) {
	static const char *const paths[] = {".", "/dev/null", "/dev/zero", "/dev/full", "file"};
	int p[2], out = make_file("out", ""), in = make_file("file", "x");
	REQUIRE_OK(pipe(p));
	for (int i = 0; i < 5; i++) {
		int fd = REQUIRE_OK(open(paths[i], O_RDONLY)), event = REQUIRE_OK(eventfd(0, EFD_NONBLOCK));
		OBSERVE_RET(name("%s to a file", paths[i]), call(out, fd, NULL, 0));
		OBSERVE_RET(name("%s to a pipe", paths[i]), call(p[1], fd, NULL, 0));
		OBSERVE_RET(name("%s to an eventfd", paths[i]), call(event, fd, NULL, 0));
		if (i == 0)
			continue;
		OBSERVE_RET(name("a file to %s", paths[i]), call(REQUIRE_OK(open(paths[i], O_WRONLY)), in, NULL, 0));
	}
	OBSERVE_RET("a pipe to a file", call(out, p[0], NULL, 0));
}

// A file into itself, further on: the pages that are on their way are written meanwhile, so that the bytes between repeat. It is
// so where a page is copied at a time, as on tmpfs, and nothing is copied to where it comes from.
CASE(into_itself, "root cap:21") {
	static const long distances[] = {4096, 8192, 5000, 65536, 69632, 100000, -1, -4096, -5000};
	static unsigned char was[400000], is[400000];
	own_mounts();
	for (int i = 0; i < 9; i++) {
		long d = distances[i], from = d < 0 ? -d : 0, size = 100000, wrong = 0;
		for (long k = 0; k < size; k++)
			was[k] = k * 7 + k / 251 + k / 4096;
		int in = REQUIRE_OK(open("file", O_RDWR | O_CREAT | O_TRUNC, 0600)), out = REQUIRE_OK(open("file", O_RDWR));
		REQUIRE(write(in, was, size) == size);
		REQUIRE_OK(lseek(in, from, SEEK_SET));
		REQUIRE_OK(lseek(out, from + d, SEEK_SET));
		long n = OBSERVE_RET(name("%ld", d), call(out, in, NULL, 150000));
		for (long k = 0; k < n; k++)
			was[from + d + k] = was[from + k];
		OBSERVE(name("%ld, size", d), "%ld", (long)lseek(in, 0, SEEK_END));
		n = REQUIRE_OK(pread(in, is, sizeof is, 0));
		for (long k = 0; k < n; k++)
			wrong += is[k] != was[k];
		OBSERVE(name("%ld, bytes that are no repetition", d), "%ld", wrong);
		close(in);
		close(out);
	}
}

// A page of the file takes a slot of the pipe, however little of it is wanted; and what a pipe has no room for waits for nobody.
CASE(pages_into_a_pipe) {
	static const off_t offsets[] = {0, 1, 4095, 4096, 4097, 65535};
	static char sink[1 << 20];
	int in = make_file("in", repeat("0123456789", 20000, "")), p[2], q[2];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE_OK(pipe(q));
	for (int i = 0; i < 6; i++) {
		off_t off = offsets[i];
		OBSERVE_RET(name("from %ld", (long)offsets[i]), call(p[1], in, &off, 100000));
		OBSERVE(name("from %ld, offset", (long)offsets[i]), "%ld", (long)off);
		OBSERVE_RET(name("from %ld, read", (long)offsets[i]), read(p[0], sink, sizeof sink));
		OBSERVE(name("from %ld, bytes", (long)offsets[i]), "%c%c", sink[0], sink[1]);
		loff_t at = offsets[i];
		OBSERVE_RET(name("splice from %ld", (long)offsets[i]), splice(in, &at, p[1], NULL, 100000, 0));
		OBSERVE_RET(name("splice from %ld, read", (long)offsets[i]), read(p[0], sink, sizeof sink));
	}
	OBSERVE_RET("to a pipe that may be waited for", call(q[1], in, NULL, 100000));
	OBSERVE_RET("position", lseek(in, 0, SEEK_CUR));
	OBSERVE_RET("read of it", read(q[0], sink, sizeof sink));
	// Nothing is written behind what was spliced.
	REQUIRE_OK(lseek(in, 0, SEEK_SET));
	REQUIRE(call(p[1], in, NULL, 1) == 1);
	REQUIRE_OK(fcntl(p[1], F_SETPIPE_SZ, 4096));
	OBSERVE_RET("write behind it", write(p[1], "x", 1));
}

// A pipe is asked for room before the file it comes from is looked at, and may be one that appends.
CASE(what_is_looked_at_first) {
	static char big[65536];
	int p[2], empty[2], dir = REQUIRE_OK(open(".", O_RDONLY)), in = make_file("in", "0123456789");
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE_OK(pipe2(empty, O_NONBLOCK));
	REQUIRE_OK(mkfifo("fifo", 0600));
	int append = REQUIRE_OK(open("fifo", O_RDWR | O_NONBLOCK | O_APPEND));
	OBSERVE_RET("a pipe to a pipe", call(empty[1], p[0], NULL, 5));
	OBSERVE_RET("nothing of a pipe to a pipe", call(empty[1], p[0], NULL, 0));
	OBSERVE_RET("to a FIFO that appends", call(append, in, NULL, 5));
	REQUIRE(write(p[1], big, 65536) == 65536);
	OBSERVE_RET("a pipe to a full one", call(p[1], p[0], NULL, 5));
	OBSERVE_RET("nothing of a pipe to a full one", call(p[1], p[0], NULL, 0));
	OBSERVE_RET("a directory to a full one", call(p[1], dir, NULL, 5));
	OBSERVE_RET("nothing of a file to a full one", call(p[1], in, NULL, 0));
}

CASE(to_the_end_of_all_positions, "root cap:21") {
	own_mounts();
	int in = make_file("in", ""), out = make_file("out", "");
	REQUIRE_OK(lseek(out, LLONG_MAX, SEEK_SET));
	OBSERVE_RET("of an empty file", call(out, in, NULL, 100));
	OBSERVE_RET("nothing", call(out, in, NULL, 0));
	REQUIRE_OK(lseek(out, LLONG_MAX - 100, SEEK_SET));
	OBSERVE_RET("as much as fits", call(out, in, NULL, 100));
	OBSERVE_RET("one more", call(out, in, NULL, 101));
}
