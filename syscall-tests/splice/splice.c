// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// splice: moves between pipes, files and sockets: offsets, flags, ends that are gone, and what it refuses.
#include "../harness/pipes.h"

#include <sys/ioctl.h>

static long ksplice(int in, void *offin, int out, void *offout, size_t n, unsigned flags) {
	return syscall(SYS_splice, in, offin, out, offout, n, flags);
}

CASE(pipe_to_pipe) {
	int p[2], q[2];
	pipe_with(p, "hello world");
	REQUIRE_OK(pipe(q));
	OBSERVE_RET("5 of 11", ksplice(p[0], NULL, q[1], NULL, 5, 0));
	OBSERVE("moved", "%s", drain(q[0]));
	OBSERVE_RET("the rest", ksplice(p[0], NULL, q[1], NULL, 100, 0));
	OBSERVE("then moved", "%s", drain(q[0]));
	OBSERVE_RET("nothing asked", ksplice(p[0], NULL, q[1], NULL, 0, 0));
	OBSERVE_RET("nothing there", ksplice(p[0], NULL, q[1], NULL, 1, SPLICE_F_NONBLOCK));
	close(p[1]);
	OBSERVE_RET("no writer", ksplice(p[0], NULL, q[1], NULL, 1, 0));
}

CASE(files_and_offsets) {
	int p[2], f = make_file("f", "0123456789"), g = make_file("g", "abcdefghij");
	int64_t off = 3, out = 2;
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("file with offset to pipe", ksplice(f, &off, p[1], NULL, 4, 0));
	OBSERVE("offset and position", "%d %d", (int)off, (int)lseek(f, 0, SEEK_CUR));
	OBSERVE_RET("pipe to file with offset", ksplice(p[0], NULL, g, &out, 100, 0));
	OBSERVE("offset and position then", "%d %d", (int)out, (int)lseek(g, 0, SEEK_CUR));
	OBSERVE("file", "%s", read_file("g"));
	lseek(f, 7, SEEK_SET);
	OBSERVE_RET("from the position", ksplice(f, NULL, p[1], NULL, 100, 0));
	OBSERVE("position", "%d", (int)lseek(f, 0, SEEK_CUR));
	OBSERVE_RET("at the end", ksplice(f, NULL, p[1], NULL, 100, 0));
	OBSERVE("in the pipe", "%s", drain(p[0]));
	off = 100;
	OBSERVE_RET("beyond the end", ksplice(f, &off, p[1], NULL, 100, 0));
	off = -1;
	OBSERVE_RET("negative offset", ksplice(f, &off, p[1], NULL, 100, 0));
	OBSERVE_RET("file to file", ksplice(f, NULL, g, NULL, 1, 0));
	int app = REQUIRE_OK(open("g", O_WRONLY | O_APPEND));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_RET("to O_APPEND", ksplice(p[0], NULL, app, NULL, 1, 0));
}

CASE(errors) {
	int p[2], q[2], f = make_file("f", "0123456789"), d = REQUIRE_OK(open(".", O_RDONLY));
	int64_t off = 0;
	pipe_with(p, "data");
	REQUIRE_OK(pipe(q));
	CHECK_ERR(ksplice(99, NULL, q[1], NULL, 1, 0), EBADF);
	CHECK_ERR(ksplice(p[0], NULL, 99, NULL, 1, 0), EBADF);
	OBSERVE_RET("nothing, bad descriptors", ksplice(99, NULL, 98, NULL, 0, 0));
	OBSERVE_RET("from the writing end", ksplice(p[1], NULL, q[1], NULL, 1, 0));
	OBSERVE_RET("to the reading end", ksplice(p[0], NULL, q[0], NULL, 1, 0));
	OBSERVE_RET("to itself", ksplice(p[0], NULL, p[1], NULL, 1, 0));
	CHECK_ERR(ksplice(p[0], &off, q[1], NULL, 1, 0), ESPIPE);
	CHECK_ERR(ksplice(p[0], NULL, q[1], &off, 1, 0), ESPIPE);
	OBSERVE_RET("directory", ksplice(d, NULL, q[1], NULL, 1, 0));
	OBSERVE_RET("to a read-only file", ksplice(p[0], NULL, open("f", O_RDONLY), NULL, 1, 0));
	OBSERVE_RET("from a write-only file", ksplice(open("f", O_WRONLY), NULL, q[1], NULL, 1, 0));
	OBSERVE_RET("from eventfd", ksplice(eventfd(1, 0), NULL, q[1], NULL, 8, 0));
	OBSERVE_RET("to eventfd", ksplice(p[0], NULL, eventfd(1, 0), NULL, 8, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("offset %s", b->name), ksplice(f, b->p, q[1], NULL, 1, 0));
	for (int bit = 0; bit < 32; bit++) {
		OBSERVE_RET(name("flag %#x", 1U << bit), ksplice(f, NULL, q[1], NULL, 1, 1U << bit));
		lseek(f, 0, SEEK_SET);
	}
	OBSERVE_RET("bad flag, nothing", ksplice(f, NULL, q[1], NULL, 0, 16));
}

CASE(full_and_broken) {
	int p[2], q[2];
	pipe_with(p, "data");
	REQUIRE_OK(pipe(q));
	fill(q[1]);
	OBSERVE_RET("full, SPLICE_F_NONBLOCK", ksplice(p[0], NULL, q[1], NULL, 4, SPLICE_F_NONBLOCK));
	REQUIRE_OK(fcntl(q[1], F_SETFL, O_NONBLOCK));
	OBSERVE_RET("full, O_NONBLOCK", ksplice(p[0], NULL, q[1], NULL, 4, 0));
	close(q[0]);
	sig_catch(SIGPIPE, 0);
	OBSERVE_RET("no reader", ksplice(p[0], NULL, q[1], NULL, 4, 0));
	OBSERVE("SIGPIPE", "%d", (int)sig_count[SIGPIPE]);
	OBSERVE("kept", "%s", drain(p[0]));
}

CASE(blocking_and_interrupted) {
	int p[2], q[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(q));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(ksplice(p[0], NULL, q[1], NULL, 4, 0), EINTR);
	CHECK(interrupt_done(&it));
	struct waker w;
	wake_me(&w, p[1]);
	OBSERVE_RET("woken", ksplice(p[0], NULL, q[1], NULL, 100, 0));
	thread_join(w.thread);
}

CASE(sockets) {
	int p[2], s[2];
	char b[16];
	pipe_with(p, "hello");
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	OBSERVE_RET("pipe to socket", ksplice(p[0], NULL, s[0], NULL, 100, 0));
	OBSERVE_RET("received", recv(s[1], b, sizeof b, 0));
	REQUIRE(write(s[1], "back", 4) == 4);
	OBSERVE_RET("socket to pipe", ksplice(s[0], NULL, p[1], NULL, 100, 0));
	OBSERVE("in the pipe", "%s", drain(p[0]));
	OBSERVE_RET("socket, nothing there", ksplice(s[0], NULL, p[1], NULL, 100, SPLICE_F_NONBLOCK));
	close(s[1]);
	OBSERVE_RET("socket, peer gone", ksplice(s[0], NULL, p[1], NULL, 100, 0));
}

// An empty pipe that was opened O_NONBLOCK makes nobody wait, whatever it is spliced to.
CASE(nonblocking_pipe_to_file) {
	int p[2];
	int file = REQUIRE_OK(open("out", O_CREAT | O_RDWR | O_CLOEXEC, 0644));
	REQUIRE_OK(pipe2(p, O_NONBLOCK | O_CLOEXEC));
	OBSERVE_RET("empty", ksplice(p[0], NULL, file, NULL, 100, 0));
	REQUIRE(write(p[1], "abc", 3) == 3);
	OBSERVE_RET("some", ksplice(p[0], NULL, file, NULL, 100, 0));
	OBSERVE_RET("empty again", ksplice(p[0], NULL, file, NULL, 100, 0));
}

// That a pipe has no offset is said before that it is open the other way.
CASE(offset_of_the_wrong_end) {
	int p[2], q[2];
	loff_t off = 0;
	REQUIRE_OK(pipe2(p, O_NONBLOCK | O_CLOEXEC));
	REQUIRE_OK(pipe2(q, O_NONBLOCK | O_CLOEXEC));
	OBSERVE_RET("to a reading end", ksplice(p[0], NULL, q[0], NULL, 1, 0));
	OBSERVE_RET("to a reading end, at an offset", ksplice(p[0], NULL, q[0], &off, 1, 0));
	OBSERVE_RET("from a writing end, at an offset", ksplice(p[1], &off, q[1], NULL, 1, 0));
}

// Offsets that can't be read count before what is wrong with the files.
CASE(bad_offsets_first) {
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	off_t at = 0;
	REQUIRE_OK(fd);
	OBSERVE_RET("from", syscall(SYS_splice, fd, 8l, fd, 0l, 10, 0));
	OBSERVE_RET("to", syscall(SYS_splice, fd, &at, fd, 8l, 10, 0));
	OBSERVE_RET("neither", syscall(SYS_splice, fd, &at, fd, &at, 10, 0));
}

// What a socket gets of many pages is one message, as far as sixteen pages go.
CASE(packets_of_many_pages) {
	static char b[70000], got[70000];
	static const int sizes[] = {100, 4096, 8292, 65536};
	for (unsigned i = 0; i < 4; i++) {
		int p[2], s[2];
		REQUIRE_OK(pipe(p));
		REQUIRE_OK(fcntl(p[1], F_SETPIPE_SZ, 1 << 17));
		REQUIRE_OK(socketpair(AF_UNIX, i % 2 ? SOCK_SEQPACKET : SOCK_DGRAM, 0, s));
		for (int at = 0; at < sizes[i]; at++)
			b[at] = at % 251;
		REQUIRE(write(p[1], b, sizes[i]) == sizes[i]);
		OBSERVE_RET(name("%d bytes", sizes[i]), splice(p[0], 0, s[0], 0, sizes[i], 0));
		long n = recv(s[1], got, sizeof got, MSG_DONTWAIT);
		OBSERVE(name("%d bytes: a packet of", sizes[i]), "%ld", n);
		CHECK(n < 0 || !memcmp(b, got, n));
		OBSERVE_RET(name("%d bytes: another", sizes[i]), recv(s[1], got, sizeof got, MSG_DONTWAIT));
		close(p[0]), close(p[1]), close(s[0]), close(s[1]);
	}
}

// What comes out of another pipe whole is written on, what comes from a file is not.
CASE(write_behind_what_was_spliced) {
	static char big[70000];
	int p[2], q[2], file = REQUIRE_OK(open("spliced", O_RDWR | O_CREAT | O_TRUNC, 0600));
	loff_t at = 0;
	REQUIRE(write(file, big, 100) == 100);
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE_OK(pipe2(q, O_NONBLOCK));
	REQUIRE(write(p[1], big, 100) == 100);
	REQUIRE(syscall(SYS_splice, p[0], NULL, q[1], NULL, 5000, 0) == 100);
	OBSERVE_RET("behind a pipe's", write(q[1], big, sizeof big));
	REQUIRE(syscall(SYS_splice, file, &at, p[1], NULL, 100, 0) == 100);
	OBSERVE_RET("behind a file's", write(p[1], big, sizeof big));
}

// Buffers go from pipe to pipe as they are: where they lie in their page, whole or in part, and none together with another.
CASE(buffers_of_another_pipe) {
	static char big[70000];
	static const struct {
		const char *what;
		int flags, sizes[3], before, length; // read before, then spliced
	} tries[] = {{"part", 0, {100}, 0, 50}, {"the rest", 0, {100}, 60, 5000}, {"a full page's rest", 0, {4096}, 4000, 5000},
		{"a page and part", 0, {5000}, 0, 4500}, {"two pages", 0, {5000}, 0, 5000}, {"packets", O_DIRECT, {10, 20, 30}, 0, 5000},
		{"a packet's part", O_DIRECT, {10, 20, 30}, 0, 25}};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		int p[2], q[2], left = 0;
		REQUIRE_OK(pipe2(p, O_NONBLOCK | tries[i].flags));
		REQUIRE_OK(pipe2(q, O_NONBLOCK));
		for (int k = 0; k < 3 && tries[i].sizes[k]; k++)
			REQUIRE(write(p[1], big, tries[i].sizes[k]) == tries[i].sizes[k]);
		REQUIRE(read(p[0], big, tries[i].before) == tries[i].before);
		OBSERVE_RET(name("%s: splice", tries[i].what), syscall(SYS_splice, p[0], NULL, q[1], NULL, tries[i].length, 0));
		REQUIRE_OK(ioctl(p[0], FIONREAD, &left));
		OBSERVE(name("%s: left", tries[i].what), "%d", left);
		OBSERVE_RET(name("%s: write behind", tries[i].what), write(q[1], big, sizeof big));
		OBSERVE_RET(name("%s: read", tries[i].what), read(q[0], big, sizeof big));
		close(p[0]), close(p[1]), close(q[0]), close(q[1]);
	}
}

// What would end beyond the last position that there is.
CASE(ranges_beyond_the_end) {
	int p[2], f = make_file("f", "abc");
	loff_t off;
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	for (int i = 0; i < 2; i++) {
		const size_t length = (const size_t[]){5000, 1ul << 63}[i];
		off = 0x7ffffffffffff000;
		OBSERVE_RET(name("from there, %d", i), splice(f, &off, p[1], NULL, length, 0));
		OBSERVE_RET(name("to there, %d", i), splice(p[0], NULL, f, &off, length, 0));
	}
	REQUIRE_OK(write(p[1], "abc", 3));
	off = 0;
	OBSERVE_RET("from the start, a negative length", splice(f, &off, p[1], NULL, 1ul << 63, 0));
	OBSERVE_RET("to the start, a negative length", splice(p[0], NULL, f, &off, 1ul << 63, 0));
	OBSERVE_RET("from the position, a negative length", splice(f, NULL, p[1], NULL, -1, 0));
	OBSERVE_RET("to the position, a negative length", splice(p[0], NULL, f, NULL, -1, 0));
	int null = REQUIRE_OK(open("/dev/null", O_WRONLY));
	OBSERVE_RET("to nothing, a negative length", splice(p[0], NULL, null, NULL, -1, 0));
	OBSERVE_RET("to nothing", splice(p[0], NULL, null, NULL, 100, 0));
}
