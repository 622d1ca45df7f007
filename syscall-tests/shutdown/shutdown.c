// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shutdown: what each direction does to both ends, and to who waits.
#include "../harness/inets.h"
#include "../harness/unixes.h"

CASE(directions) {
	for (int i = 0; i < 3; i++)
		for (int how = 0; how < 3; how++) {
			int s[2];
			char b[8];
			char n[40];
			snprintf(n, sizeof n, "%s, %s", unix_names[i], how == 0 ? "SHUT_RD" : how == 1 ? "SHUT_WR" : "SHUT_RDWR");
			sig_catch(SIGPIPE, 0);
			un_pair(unix_types[i], s);
			REQUIRE(write(s[0], "to", 2) == 2);
			REQUIRE(write(s[1], "fro", 3) == 3);
			OBSERVE_RET(n, syscall(SYS_shutdown, s[0], how));
			int before = sig_count[SIGPIPE];
			OBSERVE_RET(name("%s: own write", n), write(s[0], "x", 1));
			OBSERVE_RET(name("%s: other's write", n), write(s[1], "x", 1));
			OBSERVE(name("%s: SIGPIPE", n), "%d", (int)sig_count[SIGPIPE] - before);
			for (int k = 0; k < 3; k++) {
				OBSERVE_RET(name("%s: own read %d", n, k), recv(s[0], b, 8, MSG_DONTWAIT));
				OBSERVE_RET(name("%s: other's read %d", n, k), recv(s[1], b, 8, MSG_DONTWAIT));
			}
			OBSERVE(name("%s: events", n), "%s, %s", poll_text(s[0]), poll_text(s[1]));
			OBSERVE_RET(name("%s: again", n), syscall(SYS_shutdown, s[0], how));
		}
}

CASE(errors) {
	int s[2];
	un_pair(SOCK_STREAM, s);
	OBSERVE_NO_SOCKETS(fd, syscall(SYS_shutdown, fd, 0));
	static const int hows[] = {-1, 3, INT32_MAX};
	for (size_t i = 0; i < COUNT(hows); i++)
		OBSERVE_RET(name("how %d", hows[i]), syscall(SYS_shutdown, s[0], hows[i]));
	OBSERVE_RET("bad how, not a socket", syscall(SYS_shutdown, 0, 9));
	for (int i = 0; i < 3; i++)
		OBSERVE_RET(name("%s, not connected", unix_names[i]), syscall(SYS_shutdown, un_socket(unix_types[i]), SHUT_RDWR));
	close(s[1]);
	OBSERVE_RET("peer closed", syscall(SYS_shutdown, s[0], SHUT_RDWR));
}

CASE(wakes_who_waits) {
	int s[2], l = un_listener("@l", 1);
	char b[8];
	un_pair(SOCK_STREAM, s);
	for (int which = 0; which < 3; which++) {
		pid_t child = harness_fork();
		if (child == 0) {
			if (which == 2)
				_exit(accept(l, NULL, NULL) < 0 ? errno : 0);
			_exit(read(s[which], b, 8) == 0 ? 77 : 1);
		}
		REQUIRE(wait_blocked(child, child));
		OBSERVE_RET(name("shutdown %d", which), syscall(SYS_shutdown, which == 2 ? l : s[0], which == 1 ? SHUT_WR : SHUT_RD));
		OBSERVE_STATUS(name("who waited %d", which), wait_for(child));
	}
}

CASE(inet_streams) {
	for (int how = -1; how < 4; how++) {
		int p[2];
		char b[8];
		in_pair(AF_INET, p);
		REQUIRE_OK(fcntl(p[1], F_SETFL, O_NONBLOCK));
		OBSERVE_RET(name("how %d", how), syscall(SYS_shutdown, p[0], how));
		if (how == SHUT_WR || how == SHUT_RDWR)
			await(p[1], POLLIN);
		OBSERVE(name("how %d: own", how), "%s", poll_text(p[0]));
		OBSERVE(name("how %d: peer", how), "%s", poll_text(p[1]));
		OBSERVE_RET(name("how %d: peer reads", how), read(p[1], b, 8));
		OBSERVE_RET(name("how %d: read", how), recv(p[0], b, 8, MSG_DONTWAIT));
		OBSERVE_RET(name("how %d: send", how), send(p[0], b, 1, MSG_NOSIGNAL));
		OBSERVE_RET(name("how %d, fresh", how), syscall(SYS_shutdown, in_socket(AF_INET, SOCK_STREAM), how));
		OBSERVE_RET(name("how %d, datagrams", how), syscall(SYS_shutdown, in_socket(AF_INET6, SOCK_DGRAM), how));
	}
}

// Who waits is told.
CASE(inet_wakes) {
	int l = in_listener(AF_INET, 1), p[2];
	pid_t child = harness_fork();
	if (child == 0)
		_exit(accept(l, NULL, NULL) < 0 ? errno : 0);
	REQUIRE(wait_blocked(child, child));
	REQUIRE_OK(syscall(SYS_shutdown, l, SHUT_RD));
	OBSERVE_STATUS("accept", wait_for(child));
	in_pair(AF_INET, p);
	child = harness_fork();
	if (child == 0) {
		char b[4];
		_exit(read(p[0], b, 4) == 0 ? 0 : errno);
	}
	REQUIRE(wait_blocked(child, child));
	REQUIRE_OK(syscall(SYS_shutdown, p[0], SHUT_RD));
	OBSERVE_STATUS("read", wait_for(child));
}
