// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of poll, select, epoll and of what they wait for: the same states of pipes, sockets and other
// descriptors, looked at through each of the calls.
#ifndef DITTO_HARNESS_READY_H
#define DITTO_HARNESS_READY_H

#include "harness.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

// Events of poll and epoll (which agree on the bits) in words.
static inline const char *events_text(unsigned ev) {
	static const struct {
		unsigned bit;
		const char *name;
	} bits[] = {{POLLIN, "IN"}, {POLLPRI, "PRI"}, {POLLOUT, "OUT"}, {POLLERR, "ERR"}, {POLLHUP, "HUP"}, {POLLNVAL, "NVAL"},
		    {POLLRDNORM, "RDNORM"}, {POLLRDBAND, "RDBAND"}, {POLLWRNORM, "WRNORM"}, {POLLWRBAND, "WRBAND"},
		    {POLLMSG, "MSG"}, {POLLRDHUP, "RDHUP"}};
	static _Thread_local char text[8][128];
	static _Thread_local int turn;
	char *t = text[turn++ % 8];
	int n = 0;
	t[0] = 0;
	for (size_t i = 0; i < COUNT(bits); i++)
		if (ev & bits[i].bit)
			n += snprintf(t + n, 128 - n, "%s%s", n ? "|" : "", bits[i].name);
	return n ? t : "none";
}

#define ALL_EVENTS                                                                                                    \
	(POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND | POLLMSG | POLLRDHUP)

// What poll says of a descriptor now.
static inline const char *poll_text(int fd) {
	struct pollfd p = {fd, ALL_EVENTS, 0};
	REQUIRE_OK(poll(&p, 1, 0));
	return events_text((unsigned short)p.revents);
}

// Waits for an event, however long it takes.
static inline void await(int fd, int events) {
	struct pollfd p = {fd, events, 0};
	while (poll(&p, 1, -1) < 0)
		REQUIRE(errno == EINTR);
}

// Writes until no more fits; how much that was.
static inline long fill(int fd) {
	static char block[4096];
	int fl = fcntl(fd, F_GETFL);
	long total = 0, n;
	fcntl(fd, F_SETFL, fl | O_NONBLOCK);
	for (size_t size = sizeof block; size; size = size > 1 ? size / 16 : 0)
		while ((n = write(fd, block, size)) > 0)
			total += n;
	fcntl(fd, F_SETFL, fl);
	return total;
}

static inline int64_t now_ns(int clock) {
	struct timespec t;
	REQUIRE_OK(clock_gettime(clock, &t));
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// A timerfd that has expired.
static inline int expired_timerfd(void) {
	struct itimerspec it = {.it_value = {0, 1}};
	int fd = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, 0));
	REQUIRE_OK(timerfd_settime(fd, 0, &it, NULL));
	await(fd, POLLIN);
	return fd;
}

// --- The battery: states of descriptors, each looked at by the call under test, which answers in words ----------------------

typedef const char *(*ready_call)(int fd);

static inline void observe_ready_pipes(ready_call look) {
	int p[2], q[2];
	REQUIRE_OK(pipe(p));
	OBSERVE("pipe, empty, reader", "%s", look(p[0]));
	OBSERVE("pipe, empty, writer", "%s", look(p[1]));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE("pipe, one byte, reader", "%s", look(p[0]));
	OBSERVE("pipe, one byte, writer", "%s", look(p[1]));
	fill(p[1]);
	OBSERVE("pipe, full, reader", "%s", look(p[0]));
	OBSERVE("pipe, full, writer", "%s", look(p[1]));
	close(p[1]);
	OBSERVE("pipe, data, writer closed", "%s", look(p[0]));
	close(p[0]);
	REQUIRE_OK(pipe(p));
	close(p[1]);
	OBSERVE("pipe, empty, writer closed", "%s", look(p[0]));
	REQUIRE_OK(pipe(q));
	close(q[0]);
	OBSERVE("pipe, empty, reader closed", "%s", look(q[1]));
	REQUIRE_OK(pipe(q));
	fill(q[1]);
	close(q[0]);
	OBSERVE("pipe, full, reader closed", "%s", look(q[1]));
	REQUIRE_OK(mkfifo("fifo", 0600));
	int rw = REQUIRE_OK(open("fifo", O_RDWR)), rd = REQUIRE_OK(open("fifo", O_RDONLY | O_NONBLOCK));
	OBSERVE("fifo, O_RDWR", "%s", look(rw));
	OBSERVE("fifo, reader", "%s", look(rd));
	close(rw);
	OBSERVE("fifo, reader, writer closed", "%s", look(rd));
	int fresh = REQUIRE_OK(open("fifo", O_RDONLY | O_NONBLOCK));
	OBSERVE("fifo, fresh reader, never a writer", "%s", look(fresh));
}

static inline void observe_ready_sockets(ready_call look) {
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	static const char *const names[] = {"stream", "dgram", "seqpacket"};
	for (int i = 0; i < 3; i++) {
		int s[2], alone = REQUIRE_OK(socket(AF_UNIX, types[i], 0));
		const char *n = names[i];
		OBSERVE(name("%s, unconnected", n), "%s", look(alone));
		REQUIRE_OK(socketpair(AF_UNIX, types[i], 0, s));
		OBSERVE(name("%s, fresh", n), "%s", look(s[0]));
		REQUIRE(write(s[1], "x", 1) == 1);
		OBSERVE(name("%s, data", n), "%s", look(s[0]));
		shutdown(s[1], SHUT_WR);
		OBSERVE(name("%s, data, peer SHUT_WR", n), "%s", look(s[0]));
		OBSERVE(name("%s, own SHUT_WR", n), "%s", look(s[1]));
		shutdown(s[0], SHUT_RD);
		OBSERVE(name("%s, own SHUT_RD", n), "%s", look(s[0]));
		shutdown(s[0], SHUT_RDWR);
		OBSERVE(name("%s, own SHUT_RDWR", n), "%s", look(s[0]));
		OBSERVE(name("%s, peer SHUT_RDWR", n), "%s", look(s[1]));
		REQUIRE_OK(socketpair(AF_UNIX, types[i], 0, s));
		fill(s[0]);
		OBSERVE(name("%s, full", n), "%s", look(s[0]));
		close(s[1]);
		OBSERVE(name("%s, peer closed with unread data", n), "%s", look(s[0]));
		REQUIRE_OK(socketpair(AF_UNIX, types[i], 0, s));
		close(s[1]);
		OBSERVE(name("%s, peer closed", n), "%s", look(s[0]));
	}
}

static inline void observe_ready_listener(ready_call look) {
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
	int l = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), c = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	REQUIRE_OK(bind(l, (void *)&a, sizeof a));
	OBSERVE("bound", "%s", look(l));
	REQUIRE_OK(listen(l, 1));
	OBSERVE("listening", "%s", look(l));
	REQUIRE_OK(connect(c, (void *)&a, sizeof a));
	OBSERVE("listening, a connection waits", "%s", look(l));
	OBSERVE("connected, not accepted", "%s", look(c));
	int s = REQUIRE_OK(accept(l, NULL, NULL));
	OBSERVE("listening, accepted", "%s", look(l));
	OBSERVE("accepted", "%s", look(s));
	close(l);
	OBSERVE("connected, listener closed", "%s", look(c));
}

static inline void observe_ready_others(ready_call look) {
	int e = REQUIRE_OK(eventfd(0, EFD_NONBLOCK)), ep = REQUIRE_OK(epoll_create1(0)), p[2];
	uint64_t v = UINT64_MAX - 1;
	sigset_t set;
	struct epoll_event ev = {.events = EPOLLIN};
	OBSERVE("eventfd 0", "%s", look(e));
	OBSERVE("eventfd 1", "%s", look(REQUIRE_OK(eventfd(1, 0))));
	REQUIRE(write(e, &v, 8) == 8);
	OBSERVE("eventfd full", "%s", look(e));
	OBSERVE("timerfd, not armed", "%s", look(REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, 0))));
	OBSERVE("timerfd, expired", "%s", look(expired_timerfd()));
	OBSERVE("epoll, empty", "%s", look(ep));
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	OBSERVE("epoll, nothing ready", "%s", look(ep));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE("epoll, something ready", "%s", look(ep));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sig_block(SIGUSR1);
	int sfd = REQUIRE_OK(signalfd(-1, &set, 0));
	OBSERVE("signalfd, nothing pending", "%s", look(sfd));
	raise(SIGUSR1);
	OBSERVE("signalfd, pending", "%s", look(sfd));
	REQUIRE_OK(close(make_file("f", "content")));
	OBSERVE("file", "%s", look(REQUIRE_OK(open("f", O_RDONLY))));
	OBSERVE("directory", "%s", look(REQUIRE_OK(open(".", O_RDONLY))));
	OBSERVE("O_PATH", "%s", look(REQUIRE_OK(open("f", O_PATH))));
	OBSERVE("/dev/null", "%s", look(REQUIRE_OK(open("/dev/null", O_RDWR))));
	OBSERVE("/dev/zero", "%s", look(REQUIRE_OK(open("/dev/zero", O_RDWR))));
	pid_t child = harness_fork();
	if (child == 0)
		for (;;)
			pause();
	int pidfd = REQUIRE_OK(syscall(SYS_pidfd_open, child, 0));
	OBSERVE("pidfd, alive", "%s", look(pidfd));
	kill(child, SIGKILL);
	siginfo_t si;
	REQUIRE_OK(waitid(P_PID, child, &si, WEXITED | WNOWAIT));
	OBSERVE("pidfd, zombie", "%s", look(pidfd));
	wait_for(child);
	OBSERVE("pidfd, reaped", "%s", look(pidfd));
}

// The cases of the battery for one call.
#define READY_CASES(look)                                                                                             \
	CASE(states_of_pipes) { observe_ready_pipes(look); }                                                          \
	CASE(states_of_sockets) { observe_ready_sockets(look); }                                                      \
	CASE(states_of_listeners) { observe_ready_listener(look); }                                                   \
	CASE(states_of_others) { observe_ready_others(look); }

// A thread that makes a descriptor readable once the given thread sleeps.
struct waker {
	int fd;
	pid_t tid;
	pthread_t thread;
};
static inline void *waker_run(void *arg) {
	struct waker *w = arg;
	CHECK(wait_blocked(getpid(), w->tid));
	CHECK_EQ(write(w->fd, "\1\0\0\0\0\0\0", 8), 8);
	return NULL;
}
static inline void wake_me(struct waker *w, int fd) {
	w->fd = fd;
	w->tid = tid_self();
	w->thread = thread_start(waker_run, w);
}

#endif
