// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setsockopt: what is said to the levels of protocols that are not the socket's?
#include "../harness/inets.h"
#include "../harness/unixes.h"

CASE(levels_of_other_protocols) {
	static const struct {
		const char *name;
		int level;
	} levels[] = {{"icmpv6", 58}, {"raw", 255}, {"decnet", 261}, {"x25", 262}, {"packet", 263}, {"atm", 264}, {"aal", 265}, {"irda", 266}, {"netbeui", 267},
		      {"llc", 268}, {"dccp", 269}, {"netlink", 270}, {"tipc", 271}, {"rxrpc", 272}, {"pppol2tp", 273}, {"bluetooth", 274}, {"pnpipe", 275}, {"rds", 276},
		      {"iucv", 277}, {"caif", 278}, {"alg", 279}, {"nfc", 280}, {"kcm", 281}, {"tls", 282}, {"xdp", 283}, {"mptcp", 284}, {"mctp", 285}, {"smc", 286},
		      {"vsock", 287}, {"none", 9999}, {"negative", -1}};
	int sockets[] = {un_socket(SOCK_STREAM), in_socket(AF_INET, SOCK_DGRAM), in_socket(AF_INET, SOCK_STREAM)};
	static const char *const names[] = {"unix", "udp", "tcp"};
	for (int i = 0; i < 3; i++)
		for (size_t l = 0; l < COUNT(levels); l++) {
			int v = 0;
			socklen_t len = sizeof v;
			OBSERVE_RET(name("%s: %s", names[i], levels[l].name), syscall(SYS_setsockopt, sockets[i], levels[l].level, 1, &v, sizeof v));
			(void)len;
		}
}
