// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendfile: which kinds of files does it send from, to a file and to a pipe?
#include "../harness/ready.h"

#include <arpa/inet.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static long call(int out, int in, off_t *off, size_t n) { return syscall(SYS_sendfile, out, in, off, n); }

struct source {
	const char *name;
	int fd;
};

static int sent_pair(int type) {
	int s[2];
	REQUIRE_OK(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s));
	REQUIRE(write(s[1], "abcdef", 6) == 6);
	return s[0];
}

static int bound_datagrams(void) {
	struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
	REQUIRE_OK(bind(s, (struct sockaddr *)&a, len));
	REQUIRE_OK(getsockname(s, (struct sockaddr *)&a, &len));
	REQUIRE(sendto(s, "datagram", 8, 0, (struct sockaddr *)&a, len) == 8);
	return s;
}

static int connection(void) {
	struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	int l = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), c = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	REQUIRE_OK(bind(l, (struct sockaddr *)&a, len));
	REQUIRE_OK(listen(l, 1));
	REQUIRE_OK(getsockname(l, (struct sockaddr *)&a, &len));
	REQUIRE_OK(connect(c, (struct sockaddr *)&a, len));
	int s = REQUIRE_OK(accept4(l, NULL, NULL, SOCK_NONBLOCK));
	REQUIRE(write(c, "stream", 6) == 6);
	struct pollfd p = {s, POLLIN, 0};
	REQUIRE(poll(&p, 1, 10000) == 1);
	return s;
}

static int empty_pair(int type) {
	int s[2];
	REQUIRE_OK(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s));
	return s[0];
}

static int closed_pair(int type) {
	int s[2];
	REQUIRE_OK(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s));
	close(s[1]);
	return s[0];
}

static int listener(int family) {
	int s = REQUIRE_OK(socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0));
	if (family == AF_INET)
		REQUIRE_OK(listen(s, 1));
	return s;
}

static int event(void) {
	sigset_t set;
	sigemptyset(&set);
	return REQUIRE_OK(signalfd(-1, &set, SFD_NONBLOCK));
}

static int queue(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
	int q = REQUIRE_OK(mq_open("/sendfile", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr));
	mq_unlink("/sendfile");
	return q;
}

#define MAX_SOURCES 40
static int sources(struct source *s) {
	int n = 0;
	s[n++] = (struct source){"stream", sent_pair(SOCK_STREAM)};
	s[n++] = (struct source){"datagrams", sent_pair(SOCK_DGRAM)};
	s[n++] = (struct source){"packets", sent_pair(SOCK_SEQPACKET)};
	s[n++] = (struct source){"empty stream", empty_pair(SOCK_STREAM)};
	s[n++] = (struct source){"empty datagrams", empty_pair(SOCK_DGRAM)};
	s[n++] = (struct source){"closed stream", closed_pair(SOCK_STREAM)};
	s[n++] = (struct source){"closed packets", closed_pair(SOCK_SEQPACKET)};
	s[n++] = (struct source){"UDP", bound_datagrams()};
	s[n++] = (struct source){"TCP", connection()};
	s[n++] = (struct source){"TCP that listens", listener(AF_INET)};
	s[n++] = (struct source){"TCP of no one", REQUIRE_OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0))};
	s[n++] = (struct source){"stream of no one", listener(AF_UNIX)};
	s[n++] = (struct source){"eventfd", REQUIRE_OK(eventfd(1, EFD_NONBLOCK))};
	s[n++] = (struct source){"timerfd", REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK))};
	s[n++] = (struct source){"signalfd", event()};
	s[n++] = (struct source){"inotify", REQUIRE_OK(inotify_init1(IN_NONBLOCK))};
	s[n++] = (struct source){"epoll", REQUIRE_OK(epoll_create1(0))};
	s[n++] = (struct source){"message queue", queue()};
	s[n++] = (struct source){"pidfd", REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0))};
	s[n++] = (struct source){"memfd", REQUIRE_OK(syscall(SYS_memfd_create, "m", 0))};
	s[n++] = (struct source){"secret memory", REQUIRE_OK(syscall(SYS_memfd_secret, 0))};
	s[n++] = (struct source){"/proc/self/comm", REQUIRE_OK(open("/proc/self/comm", O_RDONLY))};
	s[n++] = (struct source){"/proc/self/mounts", REQUIRE_OK(open("/proc/self/mounts", O_RDONLY))};
	s[n++] = (struct source){"/proc/self/coredump_filter", REQUIRE_OK(open("/proc/self/coredump_filter", O_RDONLY))};
	s[n++] = (struct source){"/proc/self/uid_map", REQUIRE_OK(open("/proc/self/uid_map", O_RDONLY))};
	s[n++] = (struct source){"/proc/self/mem", REQUIRE_OK(open("/proc/self/mem", O_RDONLY))};
	s[n++] = (struct source){"/proc/self/fdinfo/1", REQUIRE_OK(open("/proc/self/fdinfo/1", O_RDONLY))};
	s[n++] = (struct source){"/proc/self/net/dev", REQUIRE_OK(open("/proc/self/net/dev", O_RDONLY))};
	s[n++] = (struct source){"/proc/uptime", REQUIRE_OK(open("/proc/uptime", O_RDONLY))};
	s[n++] = (struct source){"/proc/sys/kernel/ostype", REQUIRE_OK(open("/proc/sys/kernel/ostype", O_RDONLY))};
	s[n++] = (struct source){"/dev/zero", REQUIRE_OK(open("/dev/zero", O_RDONLY))};
	s[n++] = (struct source){"/dev/full", REQUIRE_OK(open("/dev/full", O_RDONLY))};
	s[n++] = (struct source){"/dev/urandom", REQUIRE_OK(open("/dev/urandom", O_RDONLY))};
	return n;
}

static void observe_sources(int out, int drain) {
	struct source s[MAX_SOURCES];
	char sink[4096];
	off_t zero = 0;
	int n = sources(s);
	for (int i = 0; i < n; i++) {
		OBSERVE_RET(name("nothing of %s", s[i].name), call(out, s[i].fd, NULL, 0));
		OBSERVE_RET(name("%s", s[i].name), call(out, s[i].fd, NULL, 4));
		zero = 0;
		OBSERVE_RET(name("%s by offset", s[i].name), call(out, s[i].fd, &zero, 4));
		OBSERVE(name("%s, the offset", s[i].name), "%ld", (long)zero);
		if (drain >= 0)
			OBSERVE_RET(name("%s, arrived", s[i].name), read(drain, sink, sizeof sink));
	}
}

CASE(sources_to_a_file, "root kernel>=6.5") { observe_sources(make_file("out", ""), -1); }

CASE(sources_to_a_pipe, "root kernel>=6.5") {
	int p[2];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	observe_sources(p[1], p[0]);
}

CASE(sources_to_a_full_pipe, "root kernel>=6.5") {
	static char big[65536];
	int p[2];
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE(write(p[1], big, sizeof big) == sizeof big);
	observe_sources(p[1], -1);
}

CASE(spliced_sources, "root kernel>=6.5") {
	struct source s[MAX_SOURCES];
	char sink[4096];
	int p[2], n = sources(s);
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	for (int i = 0; i < n; i++) {
		OBSERVE_OK(name("%s", s[i].name), splice(s[i].fd, NULL, p[1], NULL, 300, 0));
		loff_t zero = 0;
		OBSERVE_OK(name("%s by offset", s[i].name), splice(s[i].fd, &zero, p[1], NULL, 300, 0));
		OBSERVE_OK(name("%s, arrived", s[i].name), read(p[0], sink, sizeof sink));
	}
}

// Who is told that it must not wait is the stream of AF_UNIX only; the others go by the socket's own flag.
CASE(sources_with_nothing_to_say) {
	struct sockaddr_in a = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
	int p[2], s[2][2], udp = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	REQUIRE_OK(bind(udp, (struct sockaddr *)&a, sizeof a));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s[0]));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s[1]));
	int tcp = connection();
	char b[8];
	REQUIRE(read(tcp, b, 8) == 6);
	REQUIRE_OK(fcntl(tcp, F_SETFL, 0));
	sig_catch(SIGUSR1, 0);
	struct source from[] = {{"stream", s[0][0]}, {"datagrams", s[1][0]}, {"UDP", udp}, {"TCP", tcp}};
	for (int i = 0; i < 4; i++)
		for (int how = 0; how < 2; how++) {
			struct interrupter it = interrupt_me(SIGUSR1);
			long ret = how ? splice(from[i].fd, NULL, p[1], NULL, 8, SPLICE_F_NONBLOCK) : call(p[1], from[i].fd, NULL, 8);
			OBSERVE_RET(name("%s, %s", from[i].name, how ? "splice" : "sendfile"), ret);
			interrupt_done(&it);
		}
}
