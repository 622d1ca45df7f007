// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// recvmsg: which sockets have nothing to give, with which error, and what does each flag do?
#include "../harness/inets.h"
#include "../harness/unixes.h"

static long get(int s, int flags) {
	char text[16];
	struct iovec v = {text, sizeof text};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	return syscall(SYS_recvmsg, s, &m, flags);
}

CASE(sockets_that_refuse) {
	for (int i = 0; i < 3; i++)
		OBSERVE_RET(name("unix %s, connected to none", unix_names[i]), get(un_socket(unix_types[i]), MSG_DONTWAIT));
	OBSERVE_RET("tcp, connected to none", get(in_socket(AF_INET, SOCK_STREAM), MSG_DONTWAIT));
	OBSERVE_RET("tcp, a listener", get(in_listener(AF_INET, 1), MSG_DONTWAIT));
	OBSERVE_RET("udp, nothing there", get(in_socket(AF_INET, SOCK_DGRAM), MSG_DONTWAIT));
	// A port that was somebody's and is nobody's.
	int gone = in_socket(AF_INET, SOCK_DGRAM), s = in_socket(AF_INET, SOCK_DGRAM);
	REQUIRE_OK(in_bind(gone, AF_INET, 0));
	REQUIRE_OK(in_connect(s, AF_INET, in_port(gone)));
	close(gone);
	REQUIRE_OK(send(s, "x", 1, 0));
	await(s, POLLERR);
	OBSERVE_RET("udp, to where nobody is", get(s, MSG_DONTWAIT));
	OBSERVE_RET("then", get(s, MSG_DONTWAIT));
}

CASE(each_flag_alone) {
	int s[2];
	un_pair(SOCK_DGRAM, s);
	for (int bit = 0; bit < 32; bit++) {
		REQUIRE_OK(send(s[0], "message", 7, MSG_DONTWAIT));
		OBSERVE_RET(name("flag %#x", 1u << bit), get(s[1], (int)(1u << bit | MSG_DONTWAIT)));
		while (recv(s[1], &(char[8]){0}, 8, MSG_DONTWAIT) >= 0) {
		}
	}
}
