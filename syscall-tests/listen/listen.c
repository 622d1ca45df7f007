// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// listen: on what, how many, and again.
#include "../harness/unixes.h"

CASE(on_what) {
	for (int i = 0; i < 3; i++) {
		int s = un_socket(unix_types[i]), p[2];
		OBSERVE_RET(name("%s, no name", unix_names[i]), listen(s, 1));
		REQUIRE_OK(un_bind(s, name("@l%d", i)));
		OBSERVE_RET(name("%s, with a name", unix_names[i]), listen(s, 1));
		un_pair(unix_types[i], p);
		OBSERVE_RET(name("%s, connected", unix_names[i]), listen(p[0], 1));
		REQUIRE_OK(un_bind(p[0], name("@m%d", i)));
		OBSERVE_RET(name("%s, connected, with a name", unix_names[i]), listen(p[0], 1));
	}
	OBSERVE_NO_SOCKETS(fd, listen(fd, 1));
}

static int fit(int backlog) {
	int l = un_listener(name("@fit%d", backlog), backlog), n = 0;
	for (; n < 20; n++)
		if (un_connect(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)), name("@fit%d", backlog)) < 0)
			break;
	close(l);
	return n;
}

CASE(backlog) {
	static const int b[] = {0, 1, 5, -1, INT32_MAX, INT32_MIN};
	for (size_t i = 0; i < COUNT(b); i++)
		OBSERVE(name("backlog %d, of 20", b[i]), "%d", fit(b[i]));
}

CASE(changed) {
	int l = un_listener("@change", 0);
	REQUIRE_OK(un_connect(un_socket(SOCK_STREAM), "@change"));
	pid_t child = harness_fork();
	if (child == 0)
		_exit(un_connect(un_socket(SOCK_STREAM), "@change") == 0 ? 0 : 1);
	REQUIRE(wait_blocked(child, child));
	OBSERVE_RET("more room", listen(l, 3));
	OBSERVE_STATUS("who waited", wait_for(child));
}
