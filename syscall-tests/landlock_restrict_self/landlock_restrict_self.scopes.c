// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// landlock_restrict_self: TCP ports, abstract Unix sockets, and signals: what may be reached.
#include "../harness/landlocks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { BIND = 1, CONNECT = 2, ABSTRACT = 1, SIGNAL = 2 };

static void addresses(const char *kind, int rights, int family, int type, uint16_t port) {
	char what[32];
	snprintf(what, sizeof what, "%s, %d", kind, rights);
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in any = {.sin_family = AF_UNSPEC, .sin_port = htons(port)}, some = in;
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un un = {AF_UNIX, "s"};
	struct sockaddr_in6 none6 = in6;
	none6.sin6_family = some.sin_family = AF_UNSPEC;
	const struct { const char *what; void *addr; int len; } list[] = {
		{"IPv4", &in, sizeof in}, {"IPv4, short", &in, 15}, {"IPv4, a byte", &in, 1}, {"IPv4, nothing", &in, 0}, {"IPv6", &in6, sizeof in6}, {"IPv6, without a scope", &in6, 24},
		{"IPv6, short", &in6, 23}, {"none, any", &any, sizeof any}, {"none, some", &some, sizeof some}, {"none, short", &any, 8}, {"none, long", &none6, sizeof none6}, {"Unix", &un, sizeof un},
	};
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		int s = socket(family, type | SOCK_NONBLOCK, 0);
		REQUIRE_OK(s);
		OBSERVE_RET(name("%s: bind to %s", what, list[i].what), bind(s, list[i].addr, list[i].len));
		close(s);
		s = REQUIRE_OK(socket(family, type, 0));
		OBSERVE_RET(name("%s: connect to %s", what, list[i].what), connect(s, list[i].addr, list[i].len));
		close(s);
	}
}

CASE(each_address, "kernel>=6.7") {
	static const int rights[] = {BIND, CONNECT, BIND | CONNECT};
	uint16_t port = free_port();
	for (int i = 0; i < 3; i++)
		IN_CHILD(NULL) {
			REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, rights[i], 0))));
			addresses("TCP", rights[i], AF_INET, SOCK_STREAM, port);
			addresses("TCP of IPv6", rights[i], AF_INET6, SOCK_STREAM, port);
			addresses("UDP", rights[i], AF_INET, SOCK_DGRAM, port);
		}
}

CASE(ports_in_layers, "kernel>=6.7") {
	uint16_t port = free_port();
	int a = REQUIRE_OK(ruleset(0, BIND, 0)), b = REQUIRE_OK(ruleset(0, BIND | CONNECT, 0));
	REQUIRE_OK(syscall(SYS_landlock_add_rule, a, 2, &(struct port_rule){BIND, 0}, 0));
	REQUIRE_OK(syscall(SYS_landlock_add_rule, a, 2, &(struct port_rule){BIND, port}, 0));
	REQUIRE_OK(syscall(SYS_landlock_add_rule, b, 2, &(struct port_rule){CONNECT, port}, 0));
	REQUIRE_OK(syscall(SYS_landlock_add_rule, b, 2, &(struct port_rule){BIND, 0}, 0));
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (int layer = 0; layer < 2; layer++) {
		REQUIRE_OK(restrict_self(layer ? b : a));
		for (int any = 1; any >= 0; any--) {
			const char *where = any ? "any" : "the one";
			to.sin_port = htons(any ? 0 : port);
			int s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
			OBSERVE_RET(name("%d layers: bind to %s", layer + 1, where), bind(s, (void *)&to, sizeof to));
			close(s);
			s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
			OBSERVE_RET(name("%d layers: connect to %s", layer + 1, where), connect(s, (void *)&to, sizeof to));
			close(s);
		}
	}
	int s = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0));
	OBSERVE_RET("listen without a port", listen(s, 1));
}

// An abstract address that only this process has.
static struct sockaddr_un own_name(char which) {
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "landlock-%d-%c", getpid(), which);
	return a;
}

static int named(int type, struct sockaddr_un *a) {
	int s = REQUIRE_OK(socket(AF_UNIX, type, 0));
	REQUIRE_OK(bind(s, (void *)a, sizeof *a));
	return s;
}

CASE(abstract_sockets, "kernel>=6.12") {
	static const struct { const char *what; int type; } types[] = {{"stream", SOCK_STREAM}, {"datagram", SOCK_DGRAM}, {"packets", SOCK_SEQPACKET}};
	for (int i = 0; i < 3; i++)
		IN_CHILD(NULL) {
			const char *w = types[i].what;
			int type = types[i].type, quiet = type == SOCK_DGRAM;
			struct sockaddr_un a = own_name('a'), b = own_name('b'), c = own_name('c'), path = {AF_UNIX, "path"}, none = own_name('n');
			strcat(path.sun_path, w);
			int sa = named(type, &a), sp = named(type, &path), early = REQUIRE_OK(socket(AF_UNIX, type, 0)), deaf = named(type, &c);
			if (!quiet)
				REQUIRE(listen(sa, 5) == 0 && listen(sp, 5) == 0);
			REQUIRE_OK(connect(early, (void *)&a, sizeof a));
			REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 0, ABSTRACT))));
			int sb = named(type, &b);
			if (!quiet)
				REQUIRE_OK(listen(sb, 5));
			OBSERVE_RET(name("%s: one made before", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&a, sizeof a));
			OBSERVE_RET(name("%s: one made before that is deaf", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&c, sizeof c));
			OBSERVE_RET(name("%s: one made behind", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&b, sizeof b));
			OBSERVE_RET(name("%s: one with a path", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&path, sizeof path));
			OBSERVE_RET(name("%s: none", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&none, sizeof none));
			OBSERVE_RET(name("%s: connected before", w), send(early, "x", 1, 0));
			if (quiet) {
				int s = REQUIRE_OK(socket(AF_UNIX, type, 0));
				OBSERVE_RET("sent to one made before", sendto(s, "x", 1, 0, (void *)&a, sizeof a));
				OBSERVE_RET("sent to one made behind", sendto(s, "x", 1, 0, (void *)&b, sizeof b));
				OBSERVE_RET("sent to its peer by name", sendto(early, "x", 1, 0, (void *)&a, sizeof a));
				OBSERVE_RET("sent to another than its peer", sendto(early, "x", 1, 0, (void *)&c, sizeof c));
			}
			IN_CHILD(NULL) { OBSERVE_RET(name("%s: a child, to the parent's", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&b, sizeof b)); }
			IN_CHILD(NULL) {
				REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 1, 0))));
				OBSERVE_RET(name("%s: one more layer without the scope", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&b, sizeof b));
				REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 0, ABSTRACT))));
				OBSERVE_RET(name("%s: one more layer with the scope", w), connect(REQUIRE_OK(socket(AF_UNIX, type, 0)), (void *)&b, sizeof b));
			}
			(void)deaf;
		}
}

CASE(each_way_to_signal, "kernel>=6.12") {
	pid_t outside = harness_fork();
	if (outside == 0)
		for (;;)
			pause();
	int fd = REQUIRE_OK(syscall(SYS_pidfd_open, outside, 0));
	REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 0, SIGNAL))));
	siginfo_t si = {.si_signo = SIGURG, .si_code = SI_QUEUE};
	OBSERVE_RET("kill", kill(outside, SIGURG));
	OBSERVE_RET("tgkill", syscall(SYS_tgkill, outside, outside, SIGURG));
	OBSERVE_RET("tkill", syscall(SYS_tkill, outside, SIGURG));
	OBSERVE_RET("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, outside, SIGURG, &si));
	OBSERVE_RET("rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, outside, outside, SIGURG, &si));
	OBSERVE_RET("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, SIGURG, NULL, 0));
	OBSERVE_RET("signal 0", kill(outside, 0));
	OBSERVE_RET("SIGCONT", kill(outside, SIGCONT));
	OBSERVE_RET("no such signal", kill(outside, 65));
	IN_CHILD(NULL) {
		OBSERVE_RET("a child, to its parent", kill(getppid(), SIGURG));
		REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 1, 0))));
		OBSERVE_RET("restricted in something else", kill(getppid(), SIGURG));
		REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 0, SIGNAL))));
		OBSERVE_RET("restricted more", kill(getppid(), SIGURG));
	}
	kill(outside, SIGKILL);
}

// A descriptor's owner gets signals as if from who named it.
CASE(owners_of_descriptors, "kernel>=6.12") {
	int p[2];
	REQUIRE_OK(pipe(p));
	for (int restricted = 0; restricted < 2; restricted++) {
		int q[2], st;
		pid_t outside = harness_fork();
		if (outside == 0) {
			sigset_t set;
			sigemptyset(&set), sigaddset(&set, SIGUSR1), sigaddset(&set, SIGUSR2);
			sigprocmask(SIG_BLOCK, &set, NULL);
			REQUIRE(write(p[1], "r", 1) == 1);
			_exit(sigwaitinfo(&set, NULL)); // the lower comes first if both are there
		}
		char c;
		REQUIRE(read(p[0], &c, 1) == 1);
		REQUIRE_OK(pipe(q));
		IN_CHILD(&st) {
			if (restricted)
				REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 0, SIGNAL))));
			REQUIRE_OK(fcntl(q[0], F_SETSIG, SIGUSR1));
			OBSERVE_RET(name("restricted %d: F_SETOWN", restricted), fcntl(q[0], F_SETOWN, outside));
			REQUIRE_OK(fcntl(q[0], F_SETFL, O_ASYNC));
		}
		REQUIRE(write(q[1], "x", 1) == 1);
		kill(outside, SIGUSR2);
		REQUIRE(waitpid(outside, &st, 0) == outside);
		OBSERVE(name("restricted %d: it got", restricted), "%s", WEXITSTATUS(st) == SIGUSR1 ? "the descriptor's signal" : "only this process's");
	}
}
