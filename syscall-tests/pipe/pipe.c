// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pipe: a fresh pipe, what it holds and how it is read, what ends of it that are gone do to the other, and its capacity.
#include "../harness/pipes.h"

static long make(int *p) { return syscall(SYS_pipe, p); }

CASE(fresh) { observe_fresh_pipe(make); }
CASE(errors) { observe_pipe_errors(make); }

CASE(partial_reads_and_writes) {
	int p[2];
	char b[16] = "";
	REQUIRE_OK(make(p));
	REQUIRE(write(p[1], "abc", 3) == 3);
	REQUIRE(write(p[1], "defg", 4) == 4);
	OBSERVE_RET("FIONREAD", queued(p[0]));
	OBSERVE_RET("FIONREAD of the writer", queued(p[1]));
	OBSERVE_RET("read 0", read(p[0], b, 0));
	OBSERVE_RET("read 2", read(p[0], b, 2));
	OBSERVE_RET("read over a border", read(p[0], b, 4));
	OBSERVE("bytes", "%.4s", b);
	OBSERVE_RET("read more than there is", read(p[0], b, 16));
	OBSERVE_RET("write 0", write(p[1], b, 0));
	OBSERVE_RET("then there is", queued(p[0]));
}

CASE(end_of_file_only_when_the_last_writer_goes) {
	int p[2];
	char c;
	REQUIRE_OK(make(p));
	int other = REQUIRE_OK(dup(p[1]));
	close(p[1]);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	CHECK_ERR(read(p[0], &c, 1), EAGAIN);
	IN_CHILD(NULL) close(other);
	CHECK_ERR(read(p[0], &c, 1), EAGAIN);
	REQUIRE(write(other, "x", 1) == 1);
	close(other);
	CHECK_EQ(read(p[0], &c, 1), 1);
	CHECK_EQ(read(p[0], &c, 1), 0);
	CHECK_EQ(read(p[0], &c, 1), 0);
}

CASE(sigpipe) {
	int p[2];
	REQUIRE_OK(make(p));
	close(p[0]);
	int st;
	IN_CHILD(&st) {
		(void)!write(p[1], "x", 1);
		_exit(3);
	}
	OBSERVE_STATUS("default", st);
	sig_catch(SIGPIPE, 0);
	OBSERVE_RET("write", write(p[1], "x", 1));
	OBSERVE("caught", "%d code %d pid %s", (int)sig_count[SIGPIPE], sig_info[SIGPIPE].si_code, pid_name(sig_info[SIGPIPE].si_pid));
	OBSERVE_RET("write nothing", write(p[1], "x", 0));
	OBSERVE_RET("write from a bad pointer", write(p[1], bad_ptr(), 1));
	OBSERVE("caught in all", "%d", (int)sig_count[SIGPIPE]);
	signal(SIGPIPE, SIG_IGN);
	OBSERVE_RET("ignored", write(p[1], "x", 1));
	sig_block(SIGPIPE);
	signal(SIGPIPE, SIG_DFL);
	OBSERVE_RET("blocked", write(p[1], "x", 1));
	OBSERVE("pending", "%d", sig_pending(SIGPIPE));
}

// The reader leaves while the writer waits for room: what was written already is told before the signal kills.
CASE(reader_leaves_a_waiting_writer) {
	int p[2];
	static char big[100000];
	REQUIRE_OK(make(p));
	pid_t writer = harness_fork();
	if (writer == 0) {
		close(p[0]);
		sig_catch(SIGPIPE, 0);
		OBSERVE_RET("a part", write(p[1], big, sizeof big));
		OBSERVE("signals", "%d", (int)sig_count[SIGPIPE]);
		_exit(0);
	}
	REQUIRE(wait_blocked(writer, writer));
	close(p[0]);
	OBSERVE_STATUS("writer", wait_for(writer));
}

CASE(capacity) {
	int p[2];
	REQUIRE_OK(make(p));
	OBSERVE_RET("holds", fill(p[1]));
	static const long sizes[] = {0, 1, 4096, 4097, 8192, 65536, 65537, 131072, 1 << 20, -1, 1L << 31};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		int q[2];
		REQUIRE_OK(make(q));
		OBSERVE_RET(name("F_SETPIPE_SZ %ld", sizes[i]), fcntl(q[1], F_SETPIPE_SZ, sizes[i]));
		OBSERVE_RET(name("after %ld", sizes[i]), fcntl(q[0], F_GETPIPE_SZ));
		if (sizes[i] > 0 && sizes[i] <= 131072)
			OBSERVE_RET(name("of %ld holds", sizes[i]), fill(q[1]));
		close(q[0]);
		close(q[1]);
	}
	OBSERVE_RET("smaller than what it holds", fcntl(p[0], F_SETPIPE_SZ, 4096));
	OBSERVE_RET("larger", fcntl(p[0], F_SETPIPE_SZ, 131072));
	OBSERVE_RET("holds more", fill(p[1]));
	CHECK_ERR(fcntl(0, F_GETPIPE_SZ), EBADF);
	IN_CHILD(NULL) {
		REQUIRE_OK(make(p));
		become_nobody();
		OBSERVE_RET("nobody, 1 MiB", fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
		OBSERVE_RET("nobody, 2 MiB", fcntl(p[1], F_SETPIPE_SZ, 2 << 20));
	}
}

// Each write of at most PIPE_BUF is one piece, whatever others write.
CASE(writes_of_pipe_buf_are_atomic) {
	int p[2];
	pid_t w[4];
	static char block[4096];
	REQUIRE_OK(make(p));
	for (int i = 0; i < 4; i++)
		if ((w[i] = harness_fork()) == 0) {
			static char mine[4096];
			memset(mine, 'a' + i, sizeof mine);
			for (int k = 0; k < 50; k++)
				REQUIRE(write(p[1], mine, sizeof mine) == sizeof mine);
			_exit(0);
		}
	close(p[1]);
	int mixed = 0, total = 0;
	for (;;) {
		size_t n = 0;
		ssize_t r;
		while (n < 4096 && (r = read(p[0], block + n, 4096 - n)) > 0)
			n += r;
		if (n < 4096) {
			CHECK_EQ(n, 0);
			break;
		}
		total++;
		for (int i = 1; i < 4096; i++)
			mixed += block[i] != block[0];
	}
	CHECK_EQ(total, 200);
	CHECK_EQ(mixed, 0);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(wait_for(w[i]), 0);
}

// O_NONBLOCK: at most PIPE_BUF goes whole or not at all, more goes in part.
CASE(nonblocking_writes_near_the_end) {
	int p[2];
	static char big[70000];
	REQUIRE_OK(make(p));
	REQUIRE_OK(fcntl(p[1], F_SETFL, O_NONBLOCK));
	REQUIRE(write(p[1], big, 65536 - 4096) == 65536 - 4096);
	OBSERVE_RET("4097 into 4096", write(p[1], big, 4097));
	OBSERVE_RET("into none", write(p[1], big, 1));
	REQUIRE(read(p[0], big, 4095) == 4095);
	OBSERVE_RET("part of a page was read", write(p[1], big, 1));
	REQUIRE(read(p[0], big, 1) == 1);
	OBSERVE_RET("4096 into a page", write(p[1], big, 4096));
	OBSERVE("holds", "%d", queued(p[0]));
	REQUIRE(read(p[0], big, 65536) == 65536);
	OBSERVE_RET("70000 into 65536", write(p[1], big, 70000));
}

CASE(interrupted) {
	static const int flags[] = {0, SA_RESTART};
	static char big[200000];
	for (int i = 0; i < 2; i++) {
		int p[2];
		REQUIRE_OK(make(p));
		sig_catch(SIGUSR1, flags[i]);
		if (!i) {
			struct interrupter it = interrupt_me(SIGUSR1);
			CHECK_ERR(read(p[0], big, 1), EINTR);
			CHECK(interrupt_done(&it));
		}
		struct interrupter it = interrupt_me(SIGUSR1);
		OBSERVE_RET(name("write, flags %#x", flags[i]), write(p[1], big, sizeof big));
		CHECK(interrupt_done(&it));
	}
	// With SA_RESTART the read goes on.
	int p[2];
	REQUIRE_OK(make(p));
	pid_t me = harness_fork();
	if (me == 0) {
		char c;
		_exit(read(p[0], &c, 1) == 1 && sig_count[SIGUSR1] > 0 ? 5 : 6);
	}
	sig_catch(SIGUSR1, SA_RESTART);
	REQUIRE(wait_blocked(me, me));
	kill(me, SIGUSR1);
	REQUIRE(wait_blocked(me, me));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_STATUS("restarted reader", wait_for(me));
}

CASE(opened_again_through_proc) {
	int p[2];
	char c;
	REQUIRE_OK(make(p));
	int w = REQUIRE_OK(open(name("/proc/self/fd/%d", p[0]), O_WRONLY | O_NONBLOCK));
	OBSERVE_RET("write", write(w, "x", 1));
	OBSERVE_RET("read", read(p[0], &c, 1));
	int r = REQUIRE_OK(open(name("/proc/self/fd/%d", p[1]), O_RDONLY | O_NONBLOCK));
	OBSERVE_RET("read of nothing", read(r, &c, 1));
	close(p[1]);
	close(w);
	OBSERVE_RET("no writer", read(r, &c, 1));
}

// Unlike a FIFO one that is opened again waits for no other side: what is in it can be read when its writers are gone.
CASE(opened_again_alone) {
	static const int waits[] = {0, O_NONBLOCK};
	for (int i = 0; i < 2; i++) {
		int p[2];
		char b[8];
		REQUIRE_OK(pipe(p));
		REQUIRE(write(p[1], "abc", 3) == 3);
		close(p[1]);
		int r = REQUIRE_OK(open(name("/proc/self/fd/%d", p[0]), O_RDONLY | waits[i]));
		struct pollfd f = {r, POLLIN, 0};
		OBSERVE(name("%x: full", waits[i]), "%d %x", poll(&f, 1, 0), f.revents);
		OBSERVE_RET(name("%x: read", waits[i]), read(r, b, sizeof b));
		OBSERVE_RET(name("%x: the end", waits[i]), read(r, b, sizeof b));
		OBSERVE(name("%x: empty", waits[i]), "%d %x", poll(&f, 1, 0), f.revents);
		close(r), close(p[0]);

		REQUIRE_OK(pipe(p));
		close(p[0]);
		signal(SIGPIPE, SIG_IGN);
		OBSERVE_RET(name("%x: write, nobody reads", waits[i]), write(p[1], b, 1));
		int w = REQUIRE_OK(open(name("/proc/self/fd/%d", p[1]), O_WRONLY | waits[i]));
		OBSERVE_RET(name("%x: write again", waits[i]), write(w, b, 1));
		f = (struct pollfd){w, POLLOUT, 0};
		OBSERVE(name("%x: poll", waits[i]), "%d %x", poll(&f, 1, 0), f.revents);
		close(w), close(p[1]);
	}
}
