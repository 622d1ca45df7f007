// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of pipe, pipe2, splice, tee and vmsplice: what a fresh pipe is, and pipes to move data between.
#ifndef DITTO_HARNESS_PIPES_H
#define DITTO_HARNESS_PIPES_H

#include "ready.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/uio.h>

typedef long (*pipe_call)(int *fds);

static inline void observe_fresh_pipe(pipe_call make) {
	int p[2] = {-7, -7};
	struct stat st[2];
	OBSERVE_RET("pipe", make(p));
	OBSERVE("numbers", "%d %d", p[0], p[1]);
	for (int i = 0; i < 2; i++) {
		REQUIRE_OK(fstat(p[i], &st[i]));
		OBSERVE(name("end %d", i), "flags %#x fd flags %d mode %#o links %d size %lld block %d rdev %d", fcntl(p[i], F_GETFL),
			fcntl(p[i], F_GETFD), st[i].st_mode, (int)st[i].st_nlink, (long long)st[i].st_size, (int)st[i].st_blksize,
			(int)st[i].st_rdev);
		OBSERVE_RET(name("end %d, lseek", i), lseek(p[i], 0, SEEK_CUR));
		OBSERVE_RET(name("end %d, size", i), fcntl(p[i], F_GETPIPE_SZ));
		OBSERVE_RET(name("end %d, ftruncate", i), ftruncate(p[i], 0));
		OBSERVE_RET(name("end %d, fsync", i), fsync(p[i]));
		OBSERVE_RET(name("end %d, pread", i), pread(p[i], st, 1, 0));
		OBSERVE_RET(name("end %d, pwrite", i), pwrite(p[i], st, 1, 0));
	}
	CHECK(st[0].st_ino == st[1].st_ino && st[0].st_dev == st[1].st_dev);
	OBSERVE_RET("read of the writer", read(p[1], st, 1));
	OBSERVE_RET("write to the reader", write(p[0], "x", 1));
	char link[64] = "", want[64];
	REQUIRE_OK(readlink(name("/proc/self/fd/%d", p[0]), link, 63));
	snprintf(want, sizeof want, "pipe:[%lu]", (unsigned long)st[0].st_ino);
	CHECK_STR(link, want);
}

static inline void observe_pipe_errors(pipe_call make) {
	struct rlimit lim;
	int free_fd = REQUIRE_OK(dup(0));
	close(free_fd);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("%s", b->name), make(b->p));
	CHECK_ERR(make(NULL), EFAULT);
	OBSERVE_RET("read-only", make(readonly_page()));
	OBSERVE_RET("half there", make((int *)((char *)guard_end(4))));
	int again = REQUIRE_OK(dup(0));
	CHECK_EQ(again, free_fd); // none was left open
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &lim));
	for (int left = 0; left < 3; left++) {
		int p[2] = {-7, -7};
		lim.rlim_cur = again + 1 + left;
		REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
		OBSERVE_RET(name("room for %d", left), make(p));
		OBSERVE(name("room for %d, stored", left), "%s", p[0] == -7 && p[1] == -7 ? "nothing" : "both");
	}
}

// A pipe that holds text.
static inline void pipe_with(int *p, const char *text) {
	REQUIRE_OK(pipe(p));
	REQUIRE(write(p[1], text, strlen(text)) == (ssize_t)strlen(text));
}

// What a pipe holds; it is empty afterwards.
static inline const char *drain(int fd) {
	static _Thread_local char b[2][4096];
	static _Thread_local int turn;
	char *t = b[turn++ % 2];
	int fl = fcntl(fd, F_GETFL), n = 0, r;
	fcntl(fd, F_SETFL, fl | O_NONBLOCK);
	while (n < 4095 && (r = read(fd, t + n, 4095 - n)) > 0)
		n += r;
	fcntl(fd, F_SETFL, fl);
	t[n] = 0;
	return t;
}

static inline int queued(int fd) {
	int n = -1;
	REQUIRE_OK(ioctl(fd, FIONREAD, &n));
	return n;
}

#endif
