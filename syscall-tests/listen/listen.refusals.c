// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// listen: which sockets can't, and when is the port another's?
#include "../harness/inets.h"
#include "../harness/unixes.h"

CASE(of_each_type) {
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	for (int i = 0; i < 3; i++)
		OBSERVE_RET(name("unix %s without a name", unix_names[i]), syscall(SYS_listen, un_socket(types[i]), 1));
	for (int f = 0; f < 2; f++) {
		OBSERVE_RET(name("%s stream", in_names[f]), syscall(SYS_listen, in_socket(in_families[f], SOCK_STREAM), 1));
		OBSERVE_RET(name("%s dgram", in_names[f]), syscall(SYS_listen, in_socket(in_families[f], SOCK_DGRAM), 1));
	}
	OBSERVE_RET("netlink", syscall(SYS_listen, REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, 0)), 1));
}

CASE(a_port_that_another_listens_on) {
	for (int f = 0; f < 2; f++) {
		int a = in_socket(in_families[f], SOCK_STREAM), b = in_socket(in_families[f], SOCK_STREAM);
		REQUIRE_OK(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)));
		REQUIRE_OK(setsockopt(b, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)));
		REQUIRE_OK(in_bind(a, in_families[f], 0));
		REQUIRE_OK(in_bind(b, in_families[f], in_port(a)));
		CHECK_OK(syscall(SYS_listen, a, 1));
		OBSERVE_RET(name("%s: the second", in_names[f]), syscall(SYS_listen, b, 1));
		close(a);
		OBSERVE_RET(name("%s: when the first is closed", in_names[f]), syscall(SYS_listen, b, 1));
	}
}
