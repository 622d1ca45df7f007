// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// eventfd: the counter: what reads and writes do with it, how full it gets, and who waits.
#include "../harness/ready.h"

static int make(unsigned v) { return REQUIRE_OK(syscall(SYS_eventfd, v)); }

CASE(counts) {
	static const unsigned starts[] = {0, 1, 7, INT32_MAX, UINT32_MAX};
	for (size_t i = 0; i < COUNT(starts); i++) {
		int fd = make(starts[i]);
		uint64_t v = 5, got = 0;
		OBSERVE(name("%u, flags", starts[i]), "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
		OBSERVE_RET(name("%u, write", starts[i]), write(fd, &v, 8));
		OBSERVE_RET(name("%u, read", starts[i]), read(fd, &got, 8));
		OBSERVE(name("%u, value", starts[i]), "%llu", (unsigned long long)got);
	}
}

CASE(sizes_and_values) {
	int fd = make(0);
	char b[64] = {1};
	uint64_t v;
	REQUIRE_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	for (int n = 0; n <= 16; n++)
		OBSERVE_RET(name("write %d bytes", n), write(fd, b, n));
	for (int n = 0; n <= 16; n++)
		OBSERVE_RET(name("read %d bytes", n), read(fd, b, n));
	v = UINT64_MAX;
	OBSERVE_RET("write 2^64-1", write(fd, &v, 8));
	v = UINT64_MAX - 1;
	OBSERVE_RET("write 2^64-2", write(fd, &v, 8));
	v = 1;
	OBSERVE_RET("one more", write(fd, &v, 8));
	v = 0;
	OBSERVE_RET("none more", write(fd, &v, 8));
	OBSERVE("full", "%s", poll_text(fd));
	OBSERVE_RET("read", read(fd, &v, 8));
	OBSERVE("value", "%llx", (unsigned long long)v);
	OBSERVE_RET("empty", read(fd, &v, 8));
	v = 0;
	OBSERVE_RET("write 0", write(fd, &v, 8));
	OBSERVE_RET("is still empty", read(fd, &v, 8));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(name("write %s", p->name), write(fd, p->p, 8));
		OBSERVE_RET(name("read, empty, %s", p->name), read(fd, p->p, 8));
	}
	v = 3;
	REQUIRE(write(fd, &v, 8) == 8);
	OBSERVE_RET("read to a bad pointer", read(fd, bad_ptr(), 8));
	OBSERVE_RET("what that left", read(fd, &v, 8));
	OBSERVE_RET("lseek", lseek(fd, 1, SEEK_SET));
	OBSERVE_RET("pread", pread(fd, &v, 8, 0));
	OBSERVE_RET("ftruncate", ftruncate(fd, 0));
}

CASE(blocks_and_is_woken) {
	int fd = make(0);
	uint64_t v = 0;
	struct waker w;
	wake_me(&w, fd);
	OBSERVE_RET("read", read(fd, &v, 8));
	thread_join(w.thread);
	OBSERVE("value", "%d", (int)v);
	v = UINT64_MAX - 1;
	REQUIRE(write(fd, &v, 8) == 8);
	pid_t child = harness_fork();
	if (child == 0) {
		v = 4;
		_exit(write(fd, &v, 8) == 8 ? 0 : 1);
	}
	REQUIRE(wait_blocked(child, child));
	OBSERVE_RET("read makes room", read(fd, &v, 8));
	OBSERVE_STATUS("writer", wait_for(child));
	OBSERVE_RET("read what it wrote", read(fd, &v, 8));
	OBSERVE("which is", "%d", (int)v);
}

CASE(interrupted) {
	int fd = make(0);
	uint64_t v;
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(read(fd, &v, 8), EINTR);
	CHECK(interrupt_done(&it));
	v = UINT64_MAX - 1;
	REQUIRE(write(fd, &v, 8) == 8);
	it = interrupt_me(SIGUSR1);
	CHECK_ERR(write(fd, &v, 8), EINTR);
	CHECK(interrupt_done(&it));
	// With SA_RESTART the read goes on.
	fd = make(0);
	sig_catch(SIGUSR1, SA_RESTART);
	pid_t child = harness_fork();
	if (child == 0)
		_exit(read(fd, &v, 8) == 8 && v == 1 ? 10 + (int)sig_count[SIGUSR1] : 1);
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGUSR1);
	REQUIRE(wait_blocked(child, child));
	v = 1;
	REQUIRE(write(fd, &v, 8) == 8);
	OBSERVE_STATUS("restarted", wait_for(child));
}

CASE(shared_over_fork) {
	int fd = make(0);
	for (int i = 1; i <= 3; i++)
		IN_CHILD(NULL) {
			uint64_t v = i;
			CHECK_EQ(write(fd, &v, 8), 8);
		}
	uint64_t v = 0;
	CHECK_EQ(read(fd, &v, 8), 8);
	CHECK_EQ(v, 6);
}
