// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// read: what ends a wait for a pipe, a socket, a terminal and the descriptors that count and tell?
#include "../harness/waitsocks.h"

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>

static void a_fifo(void) {
	unlink("fifo");
	REQUIRE_OK(mkfifo("fifo", 0600));
	wait_on[1] = REQUIRE_OK(open("fifo", O_RDWR));
	wait_on[0] = REQUIRE_OK(open("fifo", O_RDONLY));
}

static void a_terminal(void) {
	wait_on[1] = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	int unlock = 0;
	REQUIRE_OK(ioctl(wait_on[1], TIOCSPTLCK, &unlock));
	wait_on[0] = REQUIRE_OK(ioctl(wait_on[1], TIOCGPTPEER, O_RDWR | O_NOCTTY));
}

static void a_signalfd(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sig_block(SIGUSR2);
	wait_on[0] = REQUIRE_OK(signalfd(-1, &set, 0));
}

static void a_watch(void) {
	REQUIRE_OK(mkdir(name("watched-%d", getpid()), 0755));
	wait_on[0] = REQUIRE_OK(inotify_init());
	REQUIRE_OK(inotify_add_watch(wait_on[0], name("watched-%d", getpid()), IN_CREATE));
}

static long read_8(void) { return syscall(SYS_read, wait_on[0], wait_buf, 8); }
static void expire(void) { REQUIRE_OK(timerfd_settime(wait_on[0], 0, &(struct itimerspec){.it_value = {0, 1}}, NULL)); }

FD_WAITS(pipe, wait_on[0], empty_pipe(), read_8(), wait_byte())
FD_WAITS(fifo, wait_on[0], a_fifo(), read_8(), wait_byte())
FD_WAITS(unix_stream, wait_on[0], unix_pair(SOCK_STREAM), read_8(), wait_byte())
FD_WAITS(unix_dgram, wait_on[0], unix_pair(SOCK_DGRAM), read_8(), wait_byte())
FD_WAITS(tcp, wait_on[0], tcp_pair(), read_8(), wait_byte())
FD_WAITS(terminal, wait_on[0], a_terminal(), read_8(), REQUIRE(write(wait_on[1], "x\n", 2) == 2))
WAITS(eventfd, wait_on[0] = wait_on[1] = REQUIRE_OK(eventfd(0, 0)), read_8(), REQUIRE_OK(eventfd_write(wait_on[1], 3)))
WAITS(timerfd, wait_on[0] = REQUIRE_OK(timerfd_create(CLOCK_MONOTONIC, 0)), read_8(), expire())
FD_WAITS(signalfd, wait_on[0], a_signalfd(), syscall(SYS_read, wait_on[0], wait_buf, 128), kill(wait_pid, SIGUSR2))
FD_WAITS(inotify, wait_on[0], a_watch(), syscall(SYS_read, wait_on[0], wait_buf, 4096), make_file(name("watched-%d/new", wait_pid), ""))
