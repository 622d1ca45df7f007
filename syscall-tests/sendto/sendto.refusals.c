// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendto: which sockets refuse a message, with which error?
#include "../harness/sends.h"

static long send_it(int s, const void *p, size_t n, int flags, const void *to, socklen_t len) { return syscall(SYS_sendto, s, p, n, flags, to, len); }

SENDS(send_it)

// Out-of-band data, which datagrams have not, to an address that is none.
CASE(oob_to_no_address) {
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		int s[2];
		REQUIRE_OK(socketpair(AF_UNIX, types[i], 0, s));
		for (int oob = 0; oob < 2; oob++)
			OBSERVE_RET(name("type %d%s", types[i], oob ? ", out-of-band" : ""),
				syscall(SYS_sendto, s[0], "x", 1, MSG_NOSIGNAL | (oob ? MSG_OOB : 0), "\1\0x", 3));
	}
}

// What is sent need not be readable to be refused for something else.
CASE(unreadable_datagrams) {
	static const size_t sizes[] = {1, 65507, 65508, 65535, 65536, 70000};
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	struct sockaddr_in to = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}, no_port = to, other = {.sin_family = AF_UNSPEC};
	socklen_t len = sizeof to;
	REQUIRE_OK(bind(s, (void *)&to, sizeof to));
	REQUIRE_OK(getsockname(s, (void *)&to, &len));
	for (int connected = 0; connected < 2; connected++) {
		const char *w = connected ? ", connected" : "";
		if (connected)
			REQUIRE_OK(connect(s, (void *)&to, sizeof to));
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			OBSERVE_RET(name("%zu%s", sizes[i], w), send_it(s, (void *)8, sizes[i], 0, NULL, 0));
			OBSERVE_RET(name("%zu to an address%s", sizes[i], w), send_it(s, (void *)8, sizes[i], 0, &to, sizeof to));
			OBSERVE_RET(name("%zu out-of-band%s", sizes[i], w), send_it(s, (void *)8, sizes[i], MSG_OOB, &to, sizeof to));
			OBSERVE_RET(name("%zu to no port%s", sizes[i], w), send_it(s, (void *)8, sizes[i], 0, &no_port, sizeof no_port));
			OBSERVE_RET(name("%zu to half an address%s", sizes[i], w), send_it(s, (void *)8, sizes[i], 0, &to, 4));
			OBSERVE_RET(name("%zu to another family%s", sizes[i], w), send_it(s, (void *)8, sizes[i], 0, &other, sizeof other));
		}
		OBSERVE_RET(name("nothing came%s", w), recv(s, &to, 0, MSG_DONTWAIT));
		OBSERVE_RET(name("what can be read%s", w), send_it(s, "x", 1, 0, &to, sizeof to));
		OBSERVE_RET(name("it came%s", w), recv(s, &no_port, 1, MSG_DONTWAIT));
		no_port = (struct sockaddr_in){AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
	}
}

// A stream that was never connected says so even if it was shut; what can't be read counts behind that.
CASE(streams_without_an_end) {
	static const struct {
		const char *name;
		int family, type;
	} kinds[] = {{"unix stream", AF_UNIX, SOCK_STREAM}, {"unix packets", AF_UNIX, SOCK_SEQPACKET}, {"unix datagrams", AF_UNIX, SOCK_DGRAM},
		{"tcp", AF_INET, SOCK_STREAM}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (int how = -1; how < 3; how++) {
			int s = REQUIRE_OK(socket(kinds[i].family, kinds[i].type | SOCK_NONBLOCK, 0));
			if (how >= 0)
				OBSERVE_RET(name("%s, shutdown %d", kinds[i].name, how), shutdown(s, how));
			for (int readable = 0; readable < 2; readable++) {
				char what[64];
				int st = 0;
				snprintf(what, sizeof what, "%s, shutdown %d, %s", kinds[i].name, how, readable ? "readable" : "unreadable");
				OBSERVE_RET(name("%s, out-of-band", what), send_it(s, readable ? "x" : (void *)8, 1, MSG_NOSIGNAL | MSG_OOB, NULL, 0));
				OBSERVE_RET(name("%s, without a signal", what), send_it(s, readable ? "x" : (void *)8, 1, MSG_NOSIGNAL, NULL, 0));
				IN_CHILD(&st) {
					signal(SIGPIPE, SIG_DFL);
					send_it(s, readable ? "x" : (void *)8, 1, 0, NULL, 0);
				}
				OBSERVE_STATUS(what, st);
			}
			close(s);
		}
}

// A message is made before anyone asks whom it is for.
CASE(unreadable_to_nobody) {
	struct sockaddr_un nobody = {AF_UNIX, "nobody"};
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM, 0)), p[2], plain = make_file("plain", "");
	struct sockaddr_un file = {AF_UNIX, "plain"};
	REQUIRE_OK(plain);
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, p));
	for (int i = 0; i < 2; i++) {
		int from = i ? p[0] : s;
		const char *who = i ? "connected" : "alone";
		OBSERVE_RET(name("%s, readable", who), syscall(SYS_sendto, from, "x", 1, 0, &nobody, sizeof nobody));
		OBSERVE_RET(name("%s, unreadable", who), syscall(SYS_sendto, from, bad_ptr(), 1, 0, &nobody, sizeof nobody));
		OBSERVE_RET(name("%s, unreadable, to a file", who), syscall(SYS_sendto, from, bad_ptr(), 1, 0, &file, sizeof file));
		OBSERVE_RET(name("%s, too large", who), syscall(SYS_sendto, from, bad_ptr(), 10 << 20, 0, &nobody, sizeof nobody));
		OBSERVE_RET(name("%s, no address", who), syscall(SYS_sendto, from, bad_ptr(), 1, 0, &nobody, 1));
	}
}

// Out-of-band data of which there are none, on a stream that has an address already.
CASE(oob_of_nothing) {
	struct sockaddr_un nobody = {AF_UNIX, "nobody"};
	int p[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	for (int n = 0; n < 2; n++)
		for (int oob = 0; oob < 2; oob++)
			OBSERVE_RET(name("%d bytes%s", n, oob ? ", out-of-band" : ""),
				syscall(SYS_sendto, p[0], "x", n, oob ? MSG_OOB : 0, &nobody, sizeof nobody));
}

// MSG_OOB of datagrams, beside other mistakes.
CASE(urgent_datagrams) {
	static const int families[] = {AF_INET, AF_INET6, AF_UNIX};
	static char big[70000];
	for (int i = 0; i < 3; i++) {
		char sa[32] = "";
		int s = REQUIRE_OK(socket(families[i], SOCK_DGRAM, 0));
		const char *f = i == 2 ? "unix" : i ? "inet6" : "inet";
		*(unsigned short *)sa = families[i];
		OBSERVE_RET(name("%s, no address", f), sendto(s, "x", 1, MSG_OOB, NULL, 0));
		OBSERVE_RET(name("%s, empty address", f), sendto(s, "x", 1, MSG_OOB, (void *)sa, 0));
		OBSERVE_RET(name("%s, short address", f), sendto(s, "x", 1, MSG_OOB, (void *)sa, 4));
		OBSERVE_RET(name("%s, address", f), sendto(s, "x", 1, MSG_OOB, (void *)sa, 28));
		OBSERVE_RET(name("%s, too long", f), sendto(s, big, sizeof big, MSG_OOB, (void *)sa, 0));
		OBSERVE_RET(name("%s, bad memory", f), sendto(s, bad_ptr(), 8, MSG_OOB, (void *)sa, 0));
		OBSERVE_RET(name("%s, other flags", f), sendto(s, "x", 1, MSG_OOB | MSG_CONFIRM | MSG_FASTOPEN, (void *)sa, 0));
		OBSERVE_RET(name("%s, nothing", f), sendto(s, NULL, 0, MSG_OOB, (void *)sa, 0));
		OBSERVE_RET(name("%s, negative length", f), sendto(s, "x", 1, MSG_OOB, (void *)sa, -1));
		*(unsigned short *)sa = 99;
		OBSERVE_RET(name("%s, wrong family", f), sendto(s, "x", 1, MSG_OOB, (void *)sa, 28));
		OBSERVE_RET(name("%s, empty address, not urgent", f), sendto(s, "x", 1, 0, (void *)sa, 0));
	}
}
