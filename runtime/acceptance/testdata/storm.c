// SPDX-License-Identifier: Apache-2.0
//
// storm KIND NUMBER: that many connections, in a few waves, to a server that waits for all of them in one epoll, over inet, inet6 or unix.
//
// crowd: all are open at the same time, each is answered, and then the clients' processes are killed.
// storm: each client connects, speaks, hears and closes, in turn with an end, a half-close and a reset.
// What is seen is counted and printed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 4 };

static union {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
} addr;
static socklen_t addr_len;
static int number;

static void need(int ok, const char *what) {
	if (ok)
		return;
	printf("%s: %s\n", what, strerrorname_np(errno));
	fflush(stdout);
	_exit(1);
}

static int server(const char *kind) {
	memset(&addr, 0, sizeof addr);
	if (!strcmp(kind, "inet")) {
		addr.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		addr_len = sizeof addr.v4;
	} else if (!strcmp(kind, "inet6")) {
		addr.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
		addr_len = sizeof addr.v6;
	} else {
		addr.un.sun_family = AF_UNIX;
		strcpy(addr.un.sun_path, "storm");
		unlink("storm");
		addr_len = sizeof addr.un;
	}
	int l = socket(addr.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	need(l >= 0 && bind(l, &addr.sa, addr_len) == 0 && listen(l, 4096) == 0, "listen");
	need(addr.sa.sa_family == AF_UNIX || getsockname(l, &addr.sa, &addr_len) == 0, "getsockname");
	return l;
}

static int dial(void) {
	int c = socket(addr.sa.sa_family, SOCK_STREAM, 0);
	need(c >= 0, "socket");
	need(connect(c, &addr.sa, addr_len) == 0, "connect");
	return c;
}

// One client of the crowd: opens its share, and waits for the answers.
static void crowd_client(int share) {
	int *c = calloc(share, sizeof *c);
	for (int i = 0; i < share; i++) {
		c[i] = dial();
		need(write(c[i], &i, sizeof i) == sizeof i, "write");
	}
	for (int i = 0; i < share; i++) {
		int back = -1;
		need(read(c[i], &back, sizeof back) == sizeof back, "read");
		need(back == i, "another's answer");
	}
}

// One client of the storm.
static void storm_client(int share) {
	for (int i = 0; i < share; i++) {
		int c = dial(), back = -1;
		need(write(c, &i, sizeof i) == sizeof i, "write");
		if (i % 3 == 1)
			need(shutdown(c, SHUT_WR) == 0, "shutdown");
		need(recv(c, &back, sizeof back, MSG_WAITALL) == sizeof back && back == i, "read");
		if (i % 3 == 2) {
			struct linger reset = {1, 0};
			need(setsockopt(c, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0, "SO_LINGER");
		}
		close(c);
	}
}

static pid_t clients[CLIENTS];

static void start(void (*run)(int), int up) {
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = fork();
		need(clients[i] >= 0, "fork");
		if (clients[i] == 0) {
			run(number / CLIENTS);
			need(write(up, "x", 1) == 1, "up");
			if (run == crowd_client)
				for (;;)
					pause();
			_exit(0);
		}
	}
}

struct count {
	int accepted, answered, ends, resets, others;
};

// Something came on a connection: false when it is over.
static int serve(int fd, struct count *n) {
	for (;;) {
		int v;
		ssize_t got = recv(fd, &v, sizeof v, MSG_DONTWAIT);
		if (got == sizeof v && send(fd, &v, sizeof v, MSG_NOSIGNAL) == sizeof v) {
			n->answered++;
			continue;
		}
		if (got < 0 && errno == EAGAIN)
			return 1;
		if (got == 0)
			n->ends++;
		else if (got < 0 && errno == ECONNRESET)
			n->resets++;
		else
			n->others++;
		close(fd);
		return 0;
	}
}

static void wave(const char *name, const char *kind, void (*run)(int)) {
	struct count n = {0};
	int l = server(kind), up[2], open = 0, kills = 0;
	need(pipe(up) == 0, "pipe");
	start(run, up[1]);
	int ep = epoll_create1(0);
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = l}, evs[64];
	need(epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev) == 0, "epoll_ctl");
	ev.data.fd = up[0];
	need(epoll_ctl(ep, EPOLL_CTL_ADD, up[0], &ev) == 0, "epoll_ctl");
	while (n.ends + n.resets + n.others < number) {
		int k = epoll_wait(ep, evs, 64, 60000);
		need(k > 0, "nothing for a minute");
		for (int i = 0; i < k; i++) {
			int fd = evs[i].data.fd;
			if (fd == l) {
				int c;
				while ((c = accept4(l, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
					n.accepted++;
					open++;
					ev = (struct epoll_event){.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = c};
					need(epoll_ctl(ep, EPOLL_CTL_ADD, c, &ev) == 0, "epoll_ctl");
				}
				need(errno == EAGAIN, "accept");
			} else if (fd == up[0]) {
				char b[CLIENTS];
				kills += read(up[0], b, sizeof b);
				if (kills == CLIENTS && run == crowd_client) {
					printf("%s: open at once: %d\n", name, open);
					for (int j = 0; j < CLIENTS; j++)
						kill(clients[j], SIGKILL);
				}
			} else if (!serve(fd, &n)) {
				open--;
			}
		}
	}
	int status, ends = 0, killed = 0;
	while (wait(&status) > 0) {
		ends += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		killed += WIFSIGNALED(status);
	}
	printf("%s: accepted %d, answered %d, ends %d, resets %d, others %d, clients %d and %d\n", name, n.accepted, n.answered, n.ends, n.resets,
	       n.others, ends, killed);
	close(ep);
	close(l);
	close(up[0]);
	close(up[1]);
}

int main(int argc, char **argv) {
	need(argc == 3, "usage");
	number = atoi(argv[2]);
	struct rlimit r;
	need(getrlimit(RLIMIT_NOFILE, &r) == 0, "getrlimit");
	r.rlim_cur = r.rlim_max;
	need(setrlimit(RLIMIT_NOFILE, &r) == 0, "setrlimit");
	setvbuf(stdout, NULL, _IOLBF, 0);
	wave("crowd", argv[1], crowd_client);
	wave("storm", argv[1], storm_client);
	return 0;
}
