// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of terminals: a pseudo-terminal of the case's own.
#ifndef DITTO_HARNESS_TERMINALS_H
#define DITTO_HARNESS_TERMINALS_H

#include "files.h"

#include <asm/termbits.h>
#include <poll.h>
#include <sys/ioctl.h>

struct terminal {
	int master, slave;
};

// Nobody's controlling terminal, and raw: what is written comes out as it is.
static inline struct terminal terminal_open(void) {
	struct terminal t;
	int locked = 0;
	t.master = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	REQUIRE_OK(ioctl(t.master, TIOCSPTLCK, &locked));
	t.slave = REQUIRE_OK(ioctl(t.master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
	struct termios tio;
	REQUIRE_OK(ioctl(t.slave, TCGETS, &tio));
	tio.c_lflag = tio.c_iflag = tio.c_oflag = 0;
	tio.c_cc[VMIN] = 1, tio.c_cc[VTIME] = 0;
	REQUIRE_OK(ioctl(t.slave, TCSETS, &tio));
	return t;
}

// Waits for input, which goes from one end to the other by a worker of the kernel's.
static inline short terminal_await(int fd, short events) {
	struct pollfd p = {fd, events, 0};
	REQUIRE(poll(&p, 1, 5000) == 1);
	return p.revents;
}

#endif
