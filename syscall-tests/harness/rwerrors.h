// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that read and write: each kind of descriptor whose reader or writer is told what is wrong
// with it. The call is put into the form (fd, buffer, length), with the offset 0 or the current one.
#ifndef DITTO_HARNESS_RWERRORS_H
#define DITTO_HARNESS_RWERRORS_H

#include "terminals.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

typedef long (*rwe_call)(int fd, void *buf, size_t n);

static inline long rwe_vec(int nr, int fd, void *buf, size_t n, long off, int flags) {
	struct iovec v = {buf, n};
	return syscall(nr, fd, &v, 1L, off, off < 0 ? -1L : 0L, flags);
}

// The other end of a terminal is gone.
static inline int rwe_lost_master(void) {
	struct terminal t = terminal_open();
	close(t.slave);
	return t.master;
}

static inline int rwe_lost_slave(void) {
	struct terminal t = terminal_open();
	close(t.master);
	return t.slave;
}

static inline int rwe_full_pipe(void) {
	static char page[4096];
	int p[2];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	while (write(p[1], page, sizeof page) > 0)
		;
	return p[1];
}

static inline int rwe_closed_pipe(void) {
	int p[2];
	REQUIRE_OK(pipe(p));
	close(p[0]);
	return p[1];
}

static inline int rwe_closed_socket(void) {
	int s[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	close(s[0]);
	return s[1];
}

static inline int rwe_sealed(int seals) {
	int fd = REQUIRE_OK(memfd_create("sealed", MFD_ALLOW_SEALING));
	REQUIRE(write(fd, "content", 7) == 7);
	REQUIRE_OK(fcntl(fd, F_ADD_SEALS, seals));
	return fd;
}

static inline void observe_read_errors(rwe_call call) {
	char buf[16];
	int p[2], q[2];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, q));
	OBSERVE_RET("empty pipe, nonblocking", call(p[0], buf, 1));
	OBSERVE_RET("empty eventfd, nonblocking", call(eventfd(0, EFD_NONBLOCK), buf, 8));
	OBSERVE_RET("eventfd, too few bytes", call(eventfd(1, EFD_NONBLOCK), buf, 4));
	fcntl(q[0], F_SETFL, O_NONBLOCK);
	OBSERVE_RET("empty socket, nonblocking", call(q[0], buf, 1));
	OBSERVE_RET("unconnected stream", call(REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), buf, 1));
	OBSERVE_RET("unconnected Unix stream", call(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), buf, 1));
	OBSERVE_RET("terminal without an other end, master", call(rwe_lost_master(), buf, 1));
	OBSERVE_RET("terminal without an other end, slave", call(rwe_lost_slave(), buf, 1));
	struct terminal t = terminal_open();
	fcntl(t.slave, F_SETFL, O_NONBLOCK);
	OBSERVE_RET("terminal without input, nonblocking", call(t.slave, buf, 1));
	OBSERVE_RET("own memory at 0", call(REQUIRE_OK(open("/proc/self/mem", O_RDONLY)), buf, 1));
	OBSERVE_RET("directory in /proc", call(REQUIRE_OK(open("/proc/self", O_RDONLY)), buf, 1));
	OBSERVE_RET("file in /proc, for writing", call(REQUIRE_OK(open("/proc/self/comm", O_WRONLY)), buf, 1));
	OBSERVE_RET("sealed memory", call(rwe_sealed(F_SEAL_WRITE), buf, 1) >= 0 ? 0 : -1);
}

static inline void observe_write_errors(rwe_call call) {
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	char buf[16] = "content";
	int q[2];
	OBSERVE_RET("full pipe, nonblocking", call(rwe_full_pipe(), buf, 1));
	OBSERVE_RET("full eventfd, nonblocking", call(eventfd(1, EFD_NONBLOCK), &(uint64_t){UINT64_MAX - 1}, 8));
	OBSERVE_RET("eventfd, the number that is none", call(eventfd(0, EFD_NONBLOCK), &(uint64_t){UINT64_MAX}, 8));
	OBSERVE_RET("pipe without readers", call(rwe_closed_pipe(), buf, 1));
	OBSERVE_RET("socket without its peer", call(rwe_closed_socket(), buf, 1));
	OBSERVE_RET("unconnected stream", call(REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), buf, 1));
	OBSERVE_RET("unconnected datagram", call(REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)), buf, 1));
	OBSERVE_RET("unconnected datagram, v6", call(REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0)), buf, 1));
	OBSERVE_RET("unconnected Unix datagram", call(REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM, 0)), buf, 1));
	OBSERVE_RET("unconnected Unix stream", call(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), buf, 1));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, q));
	REQUIRE_OK(setsockopt(q[0], SOL_SOCKET, SO_SNDBUF, &(int){4608}, sizeof(int)));
	static char big[1 << 20];
	OBSERVE_RET("datagram that is too large", call(q[0], big, sizeof big));
	OBSERVE_RET("terminal without an other end, slave", call(rwe_lost_slave(), buf, 1));
	OBSERVE_RET("sealed memory", call(rwe_sealed(F_SEAL_WRITE), buf, 1));
	OBSERVE_RET("memory sealed for the future", call(rwe_sealed(F_SEAL_FUTURE_WRITE), buf, 1));
	int grown = rwe_sealed(F_SEAL_GROW);
	OBSERVE_RET("memory that may not grow", call(grown, buf, 16));
	OBSERVE_RET("/dev/full", call(REQUIRE_OK(open("/dev/full", O_WRONLY)), buf, 1));
	OBSERVE_RET("own memory at 0", call(REQUIRE_OK(open("/proc/self/mem", O_WRONLY)), buf, 1));
	OBSERVE_RET("a word that /proc does not know", call(REQUIRE_OK(open("/proc/self/oom_score_adj", O_WRONLY)), "rubbish", 7));
	int file = REQUIRE_OK(open("f", O_RDWR | O_CREAT, 0600)), appended = REQUIRE_OK(open("f", O_WRONLY | O_APPEND));
	REQUIRE(write(file, "12345678", 8) == 8);
	limit_fsize(8);
	OBSERVE_RET("appended beyond the limit of a file's size", call(appended, buf, 1));
	limit_fsize(4);
	REQUIRE_OK(lseek(file, 8, SEEK_SET));
	limit_fsize(0);
	OBSERVE_RET("beyond the limit of a file's size", call(file, buf, 1));
}

#define READ_ERRORS(expr)                                                                                             \
	static long read_errors_call(int fd, void *buf, size_t n) { return (long)(expr); }                            \
	CASE(what_is_wrong_with_the_descriptor) { observe_read_errors(read_errors_call); }
#define WRITE_ERRORS(expr)                                                                                            \
	static long write_errors_call(int fd, void *buf, size_t n) { return (long)(expr); }                           \
	CASE(what_is_wrong_with_the_descriptor) { observe_write_errors(write_errors_call); }

// A file that lacks the operation says so before anything is said of the memory.
static inline void rwe_no_operation(rwe_call call) {
	sigset_t none;
	int p[2];
	char b[16] = "";
	sigemptyset(&none);
	REQUIRE_OK(pipe(p));
	const struct {
		const char *name;
		int fd;
	} kinds[] = {{"timerfd", timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)}, {"signalfd", signalfd(-1, &none, SFD_NONBLOCK)},
		{"inotify", inotify_init1(IN_NONBLOCK)}, {"epoll", epoll_create1(0)}, {"eventfd", eventfd(0, EFD_NONBLOCK)},
		{"pidfd", syscall(SYS_pidfd_open, getpid(), 0)}, {"O_PATH", open(".", O_PATH)}, {"directory", open(".", O_RDONLY)},
		{"namespace", open("/proc/self/ns/uts", O_RDONLY)}, {"udp", socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)},
		{"end for reading", p[0]}, {"end for writing", p[1]}, {"secret memory", syscall(SYS_memfd_secret, 0)}};
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kinds[i].fd < 0)
			continue; // a kernel without secret memory
		OBSERVE_RET(name("%s: memory out of range", kinds[i].name), call(kinds[i].fd, (void *)(1l << 47), 1));
		OBSERVE_RET(name("%s: nothing out of range", kinds[i].name), call(kinds[i].fd, (void *)(1l << 47), 0));
		OBSERVE_RET(name("%s: too much", kinds[i].name), call(kinds[i].fd, b, -1));
		OBSERVE_RET(name("%s: nothing", kinds[i].name), call(kinds[i].fd, b, 0));
	}
}

#endif
