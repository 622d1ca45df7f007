// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of out-of-band data: little scripts that send, receive, look and observe every step.
#ifndef DITTO_HARNESS_URGENT_H
#define DITTO_HARNESS_URGENT_H

#include "inets.h"
#include "unixes.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

static inline const char *taken(int s, size_t n, int flags) {
	char b[64];
	struct iovec v = {b, n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	errno = 0;
	long r = syscall(SYS_recvmsg, s, &m, flags | MSG_DONTWAIT);
	if (r < 0)
		return errno_name(errno);
	return name("%ld '%.*s' flags %#x", r, (int)r, b, m.msg_flags);
}

// The steps of a script, from p[0] to p[1]: sTEXT sends, oTEXT sends with MSG_OOB, rN receives up to N, wN with MSG_WAITALL, pN peeks,
// u and U receive and peek the out-of-band byte, m is the mark, q what waits, e the events, i and l switch SO_OOBINLINE on and off,
// kN sets SO_PEEK_OFF, c closes the sender.
static inline void urgent_script(const char *what, int *p, const char *script) {
	char all[256];
	snprintf(all, sizeof all, "%s", script);
	int at = 0, on;
	for (char *rest, *step = strtok_r(all, " ", &rest); step; step = strtok_r(NULL, " ", &rest), at++) {
		const char *label = name("%s: %s: %d %s", what, script, at, step);
		size_t n = atoi(step + 1);
		int v = -1;
		switch (step[0]) {
		case 's':
		case 'o':
			OBSERVE_RET(label, syscall(SYS_sendto, p[0], step + 1, strlen(step + 1), step[0] == 'o' ? MSG_OOB : 0, NULL, 0));
			break;
		case 'r':
			OBSERVE(label, "%s", taken(p[1], n, 0));
			break;
		case 'w':
			OBSERVE(label, "%s", taken(p[1], n, MSG_WAITALL));
			break;
		case 'p':
			OBSERVE(label, "%s", taken(p[1], n, MSG_PEEK));
			break;
		case 'u':
			OBSERVE(label, "%s", taken(p[1], n ? n : 1, MSG_OOB));
			break;
		case 'U':
			OBSERVE(label, "%s", taken(p[1], n ? n : 1, MSG_OOB | MSG_PEEK));
			break;
		case 'm':
			OBSERVE_RET(name("%s, ret", label), ioctl(p[1], SIOCATMARK, &v));
			OBSERVE(label, "%d", v);
			break;
		case 'q':
			OBSERVE_RET(name("%s, ret", label), ioctl(p[1], SIOCINQ, &v));
			OBSERVE(label, "%d", v);
			break;
		case 'e':
			OBSERVE(label, "%s", poll_text(p[1]));
			break;
		case 'i':
		case 'l':
			on = step[0] == 'i';
			OBSERVE_RET(label, setsockopt(p[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
			break;
		case 'k':
			v = n;
			OBSERVE_RET(label, setsockopt(p[1], SOL_SOCKET, SO_PEEK_OFF, &v, sizeof v));
			break;
		case 'c':
			close(p[0]);
			break;
		}
	}
}

#endif
