// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioctl: which commands does each end of a pseudo-terminal know, and what do they do there?
#include "../harness/terminals.h"

#include <linux/serial.h>

static long tty(int fd, unsigned long req, const void *arg) { return syscall(SYS_ioctl, fd, req, arg); }
static long tty_n(int fd, unsigned long req, long n) { return syscall(SYS_ioctl, fd, req, n); }

#define CMD(c) {#c, c}
struct tty_command {
	const char *name;
	unsigned long req;
};

// Those that read or write memory, or are not for a terminal without a wire at all.
static const struct tty_command pointed[] = {
	CMD(TCGETS), CMD(TCSETS), CMD(TCSETSW), CMD(TCSETSF), CMD(TCGETA), CMD(TCSETA), CMD(TCSETAW), CMD(TCSETAF), CMD(TCGETS2), CMD(TCSETS2),
	CMD(TCSETSW2), CMD(TCSETSF2), CMD(TIOCOUTQ), CMD(FIONREAD), CMD(TIOCGWINSZ), CMD(TIOCSWINSZ), CMD(TIOCMGET), CMD(TIOCMSET), CMD(TIOCMBIS),
	CMD(TIOCMBIC), CMD(TIOCGSOFTCAR), CMD(TIOCSSOFTCAR), CMD(TIOCLINUX), CMD(TIOCGSERIAL), CMD(TIOCSSERIAL), CMD(TIOCPKT), CMD(TIOCGPKT),
	CMD(TIOCSETD), CMD(TIOCGETD), CMD(TIOCGRS485), CMD(TIOCSRS485), CMD(TIOCGPTN), CMD(TIOCSPTLCK), CMD(TIOCGPTLCK), CMD(TIOCGDEV),
	CMD(TIOCGEXCL), CMD(TIOCSPGRP), CMD(TIOCSERGETLSR), CMD(TIOCMIWAIT), CMD(TIOCGICOUNT), CMD(TIOCGLCKTRMIOS),
	CMD(TIOCSLCKTRMIOS), {"of no number", 0x54ff},
};

CASE(terminal_commands_with_bad_pointers) {
	struct terminal t = terminal_open();
	for (size_t i = 0; i < ARRAY_SIZE(pointed); i++) {
		OBSERVE_RET(name("slave %s", pointed[i].name), tty(t.slave, pointed[i].req, bad_ptr()));
		OBSERVE_RET(name("master %s", pointed[i].name), tty(t.master, pointed[i].req, bad_ptr()));
	}
}

CASE(terminal_commands_into_a_read_only_page) {
	static const struct tty_command gets[] = {CMD(TCGETS), CMD(TCGETA), CMD(TCGETS2), CMD(TIOCOUTQ), CMD(FIONREAD), CMD(TIOCGWINSZ), CMD(TIOCGSOFTCAR),
		CMD(TIOCGPKT), CMD(TIOCGETD), CMD(TIOCGPTN), CMD(TIOCGPTLCK), CMD(TIOCGDEV), CMD(TIOCGEXCL), CMD(TIOCGLCKTRMIOS)};
	struct terminal t = terminal_open();
	for (size_t i = 0; i < ARRAY_SIZE(gets); i++) {
		OBSERVE_RET(name("slave %s", gets[i].name), tty(t.slave, gets[i].req, readonly_page()));
		OBSERVE_RET(name("master %s", gets[i].name), tty(t.master, gets[i].req, readonly_page()));
	}
}

// What a terminal's settings become by each of the ways to set them, and how each of the ways to read them shows that.
static const char *settings(int fd) {
	struct termios t;
	struct termios2 t2;
	struct termio o;
	REQUIRE_OK(tty(fd, TCGETS, &t));
	REQUIRE_OK(tty(fd, TCGETS2, &t2));
	REQUIRE_OK(tty(fd, TCGETA, &o));
	return name("%#x %#x %#x %#x %d min %d time %d, speeds %u %u, old %#x %#x %#x %#x", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, t.c_line, t.c_cc[VMIN],
		    t.c_cc[VTIME], t2.c_ispeed, t2.c_ospeed, o.c_iflag, o.c_oflag, o.c_cflag, o.c_lflag);
}

CASE(settings_by_each_command) {
	static const struct tty_command sets[] = {CMD(TCSETS), CMD(TCSETSW), CMD(TCSETSF)}, sets2[] = {CMD(TCSETS2), CMD(TCSETSW2), CMD(TCSETSF2)},
					olds[] = {CMD(TCSETA), CMD(TCSETAW), CMD(TCSETAF)};
	struct terminal t = terminal_open();
	for (int end = 0; end < 2; end++) {
		int fd = end ? t.master : t.slave;
		const char *word = end ? "master" : "slave";
		OBSERVE(word, "%s", settings(fd));
		for (size_t i = 0; i < 3; i++) {
			struct termios a;
			REQUIRE_OK(tty(fd, TCGETS, &a));
			a.c_iflag ^= IXON | ICRNL, a.c_lflag ^= ECHO, a.c_cflag ^= CLOCAL, a.c_cc[VMIN] = i + 2;
			OBSERVE_RET(name("%s %s", word, sets[i].name), tty(fd, sets[i].req, &a));
			OBSERVE(name("%s after %s", word, sets[i].name), "%s", settings(t.slave));
			struct termios2 b;
			REQUIRE_OK(tty(fd, TCGETS2, &b));
			b.c_cflag = (b.c_cflag & ~CBAUD) | BOTHER, b.c_ospeed = b.c_ispeed = 12345 + i;
			OBSERVE_RET(name("%s %s", word, sets2[i].name), tty(fd, sets2[i].req, &b));
			OBSERVE(name("%s after %s", word, sets2[i].name), "%s", settings(t.slave));
			struct termio c;
			REQUIRE_OK(tty(fd, TCGETA, &c));
			c.c_cflag = (c.c_cflag & ~CBAUD) | B9600, c.c_oflag ^= ONLCR, c.c_cc[VTIME] = i + 1;
			OBSERVE_RET(name("%s %s", word, olds[i].name), tty(fd, olds[i].req, &c));
			OBSERVE(name("%s after %s", word, olds[i].name), "%s", settings(t.slave));
		}
	}
}

// What waits to be read stays, or not.
CASE(settings_and_waiting_input) {
	static const struct tty_command sets[] = {CMD(TCSETS), CMD(TCSETSW), CMD(TCSETSF)}, olds[] = {CMD(TCSETA), CMD(TCSETAW), CMD(TCSETAF)};
	struct terminal t = terminal_open();
	for (size_t i = 0; i < 6; i++) {
		int n = -1;
		struct termios a;
		struct termio o;
		REQUIRE_OK(tty(t.slave, TCGETS, &a));
		REQUIRE_OK(tty(t.slave, TCGETA, &o));
		tty_n(t.slave, TCFLSH, TCIFLUSH);
		REQUIRE(write(t.master, "abc", 3) == 3);
		terminal_await(t.slave, POLLIN);
		const struct tty_command *c = i < 3 ? &sets[i] : &olds[i - 3];
		OBSERVE_RET(c->name, tty(t.slave, c->req, i < 3 ? (void *)&a : (void *)&o));
		REQUIRE_OK(tty(t.slave, FIONREAD, &n));
		OBSERVE(name("%s: input", c->name), "%d", n);
	}
}

CASE(flow) {
	struct terminal t = terminal_open();
	char buf[8] = "";
	fcntl(t.master, F_SETFL, O_NONBLOCK);
	fcntl(t.slave, F_SETFL, O_NONBLOCK);
	OBSERVE_RET("stop", tty_n(t.slave, TCXONC, TCOOFF));
	OBSERVE_RET("write while stopped", write(t.slave, "x", 1));
	OBSERVE_RET("read while stopped", read(t.master, buf, 8));
	OBSERVE_RET("start", tty_n(t.slave, TCXONC, TCOON));
	OBSERVE_RET("write", write(t.slave, "x", 1));
	terminal_await(t.master, POLLIN);
	OBSERVE_RET("read", read(t.master, buf, 8));
	OBSERVE_RET("send stop", tty_n(t.slave, TCXONC, TCIOFF));
	terminal_await(t.master, POLLIN);
	OBSERVE_RET("stop comes", read(t.master, buf, 8));
	OBSERVE("what stops", "%#x", buf[0]);
	OBSERVE_RET("send start", tty_n(t.slave, TCXONC, TCION));
	terminal_await(t.master, POLLIN);
	OBSERVE_RET("start comes", read(t.master, buf, 8));
	OBSERVE("what starts", "%#x", buf[0]);
	for (int i = 4; i < 7; i++)
		OBSERVE_RET(name("TCXONC %d", i), tty_n(t.slave, TCXONC, i));
	OBSERVE_RET("TCXONC -1", tty_n(t.slave, TCXONC, -1));
	for (int i = 0; i < 5; i++)
		OBSERVE_RET(name("TCFLSH %d", i), tty_n(t.slave, TCFLSH, i));
}

// A break takes its time on a wire; here there is none.
CASE(breaks) {
	static const struct tty_command breaks[] = {CMD(TCSBRK), CMD(TCSBRKP), CMD(TIOCSBRK), CMD(TIOCCBRK)};
	struct terminal t = terminal_open();
	for (size_t i = 0; i < ARRAY_SIZE(breaks); i++)
		for (long n = 0; n < 3; n++) {
			OBSERVE_RET(name("slave %s %ld", breaks[i].name, n), tty_n(t.slave, breaks[i].req, n));
			OBSERVE_RET(name("master %s %ld", breaks[i].name, n), tty_n(t.master, breaks[i].req, n));
		}
}

CASE(exclusive) {
	struct terminal t = terminal_open();
	int on = -1, n = -1;
	REQUIRE_OK(tty(t.master, TIOCGPTN, &n));
	const char *path = strdup(name("/dev/pts/%d", n));
	REQUIRE_OK(tty(t.slave, TIOCGEXCL, &on));
	CHECK_EQ(on, 0);
	CHECK_OK(tty(t.slave, TIOCEXCL, NULL));
	REQUIRE_OK(tty(t.slave, TIOCGEXCL, &on));
	CHECK_EQ(on, 1);
	OBSERVE_OK("root opens", open(path, O_RDWR | O_NOCTTY));
	IN_CHILD(NULL) {
		REQUIRE_OK(fchmod(t.slave, 0666));
		become_nobody();
		OBSERVE_OK("nobody opens", open(path, O_RDWR | O_NOCTTY));
		OBSERVE_OK("nobody opens the peer", tty_n(t.master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
		CHECK_OK(tty(t.slave, TIOCNXCL, NULL));
		OBSERVE_OK("nobody opens again", open(path, O_RDWR | O_NOCTTY));
	}
	REQUIRE_OK(tty(t.slave, TIOCGEXCL, &on));
	CHECK_EQ(on, 0);
}

CASE(device_and_carrier) {
	struct terminal t = terminal_open();
	unsigned dev = 0;
	int n = -1;
	struct stat st;
	REQUIRE_OK(fstat(t.slave, &st));
	for (int end = 0; end < 2; end++) {
		int fd = end ? t.master : t.slave;
		const char *word = end ? "master" : "slave";
		OBSERVE_RET(name("%s TIOCGDEV", word), tty(fd, TIOCGDEV, &dev));
		OBSERVE(name("%s: device", word), "%s", dev == st.st_rdev ? "the slave's" : "another");
		OBSERVE_RET(name("%s TIOCGSOFTCAR", word), tty(fd, TIOCGSOFTCAR, &n));
		OBSERVE(name("%s: carrier", word), "%d", n);
		for (int on = 2; on >= 0; on--) {
			OBSERVE_RET(name("%s TIOCSSOFTCAR %d", word, on), tty(fd, TIOCSSOFTCAR, &on));
			struct termios a;
			REQUIRE_OK(tty(t.slave, TCGETS, &a));
			OBSERVE(name("%s: CLOCAL after %d", word, on), "%d %d", tty(fd, TIOCGSOFTCAR, &n) == 0 ? n : -1, !!(a.c_cflag & CLOCAL));
		}
		OBSERVE_RET(name("%s TIOCGETD", word), tty(fd, TIOCGETD, &n));
		OBSERVE(name("%s: discipline", word), "%d", n);
		OBSERVE_RET(name("%s TIOCSETD", word), tty(fd, TIOCSETD, &(int){0}));
		OBSERVE_RET(name("%s TIOCSETD, no such", word), tty(fd, TIOCSETD, &(int){300}));
	}
}

CASE(no_modem) {
	static const struct tty_command lines[] = {CMD(TIOCMGET), CMD(TIOCMSET), CMD(TIOCMBIS), CMD(TIOCMBIC), CMD(TIOCGSERIAL), CMD(TIOCSSERIAL),
		CMD(TIOCGRS485), CMD(TIOCSRS485), CMD(TIOCLINUX), CMD(TIOCGICOUNT)};
	struct terminal t = terminal_open();
	char buf[256] = "";
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		memset(buf, 0, sizeof buf);
		OBSERVE_RET(name("slave %s", lines[i].name), tty(t.slave, lines[i].req, buf));
		OBSERVE_RET(name("master %s", lines[i].name), tty(t.master, lines[i].req, buf));
	}
}

CASE(locked_settings, "root cap:21") {
	struct terminal t = terminal_open();
	struct termios locked, tio;
	OBSERVE_RET("at first", tty(t.slave, TIOCGLCKTRMIOS, &locked));
	static const struct termios nothing;
	OBSERVE("nothing", "%d", !memcmp(&locked, &nothing, sizeof locked));
	memset(&locked, 0, sizeof locked);
	locked.c_iflag = ICRNL, locked.c_lflag = ECHO | ISIG, locked.c_line = 1, locked.c_cc[VINTR] = 1, locked.c_cflag = CSTOPB;
	OBSERVE_RET("lock", tty(t.slave, TIOCSLCKTRMIOS, &locked));
	memset(&tio, 0xff, sizeof tio);
	OBSERVE_RET("the master tells", tty(t.master, TIOCGLCKTRMIOS, &tio));
	OBSERVE("what", "%d", !memcmp(&locked, &tio, sizeof locked));
	REQUIRE_OK(tty(t.slave, TCGETS, &tio));
	tio.c_iflag ^= ICRNL | IXON, tio.c_oflag ^= ONLCR, tio.c_lflag ^= ECHO | ICANON, tio.c_cflag ^= CSTOPB, tio.c_line = 0, tio.c_cc[VINTR] = 'a', tio.c_cc[VQUIT] = 'b';
	OBSERVE_RET("set", tty(t.slave, TCSETS, &tio));
	OBSERVE("half of it", "%s", settings(t.slave));
	REQUIRE_OK(tty(t.slave, TCGETS, &tio));
	OBSERVE("characters", "%d %d", tio.c_cc[VINTR], tio.c_cc[VQUIT]);
	memset(&locked, 0, sizeof locked);
	OBSERVE_RET("unlock by the master", tty(t.master, TIOCSLCKTRMIOS, &locked));
	tio.c_iflag ^= ICRNL;
	OBSERVE_RET("set again", tty(t.slave, TCSETS, &tio));
	OBSERVE("all of it", "%s", settings(t.slave));
	become_nobody();
	OBSERVE_RET("without rights", tty(t.slave, TIOCSLCKTRMIOS, &locked));
	OBSERVE_RET("without rights, bad pointer", tty(t.slave, TIOCSLCKTRMIOS, bad_ptr()));
	OBSERVE_RET("to read it", tty(t.slave, TIOCGLCKTRMIOS, &locked));
}

CASE(packets) {
	struct terminal t = terminal_open();
	int on = -1;
	char buf[16] = "";
	REQUIRE_OK(tty(t.master, TIOCGPKT, &on));
	CHECK_EQ(on, 0);
	CHECK_OK(tty(t.master, TIOCPKT, &(int){1}));
	REQUIRE_OK(tty(t.master, TIOCGPKT, &on));
	CHECK_EQ(on, 1);
	REQUIRE(write(t.slave, "data", 4) == 4);
	terminal_await(t.master, POLLIN);
	OBSERVE_RET("data", read(t.master, buf, sizeof buf));
	OBSERVE_BYTES("packet", buf, 5);
	CHECK_OK(tty_n(t.slave, TCFLSH, TCIOFLUSH));
	OBSERVE("told of the flush", "%#x", terminal_await(t.master, POLLPRI));
	OBSERVE_RET("flush", read(t.master, buf, sizeof buf));
	OBSERVE("flushed", "%#x", buf[0]);
	CHECK_OK(tty(t.master, TIOCPKT, &(int){0}));
	REQUIRE(write(t.slave, "data", 4) == 4);
	terminal_await(t.master, POLLIN);
	OBSERVE_RET("no packet", read(t.master, buf, sizeof buf));
	OBSERVE_RET("of the slave", tty(t.slave, TIOCPKT, &(int){1}));
	OBSERVE_RET("state of the slave", tty(t.slave, TIOCGPKT, &on));
}

CASE(lock) {
	int locked = -1, n = -1, m = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	REQUIRE_OK(tty(m, TIOCGPTLCK, &locked));
	CHECK_EQ(locked, 1);
	REQUIRE_OK(tty(m, TIOCGPTN, &n));
	const char *path = strdup(name("/dev/pts/%d", n));
	CHECK_ERR(open(path, O_RDWR | O_NOCTTY), EIO);
	OBSERVE_OK("the peer of a locked one", tty_n(m, TIOCGPTPEER, O_RDWR | O_NOCTTY));
	CHECK_OK(tty(m, TIOCSPTLCK, &(int){0}));
	REQUIRE_OK(tty(m, TIOCGPTLCK, &locked));
	CHECK_EQ(locked, 0);
	CHECK_OK(open(path, O_RDWR | O_NOCTTY));
	CHECK_OK(tty(m, TIOCSPTLCK, &(int){7}));
	REQUIRE_OK(tty(m, TIOCGPTLCK, &locked));
	CHECK_EQ(locked, 1);
	CHECK_ERR(open(path, O_RDWR | O_NOCTTY), EIO);
}

// As if typed.
CASE(simulated_input, "root cap:21") {
	struct terminal t = terminal_open();
	char buf[8] = "";
	OBSERVE_RET("TIOCSTI", tty(t.slave, TIOCSTI, "x"));
	terminal_await(t.slave, POLLIN);
	OBSERVE_RET("read", read(t.slave, buf, 8));
	OBSERVE("typed", "%s", buf);
	OBSERVE_RET("bad pointer", tty(t.slave, TIOCSTI, bad_ptr()));
	OBSERVE_RET("master", tty(t.master, TIOCSTI, "y"));
}

CASE(the_console_is_not_for_everyone, "root") {
	struct terminal t = terminal_open();
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("TIOCCONS", tty(t.slave, TIOCCONS, NULL));
		OBSERVE_RET("TIOCCONS of the master", tty(t.master, TIOCCONS, NULL));
		OBSERVE_RET("TIOCVHANGUP", tty(t.slave, TIOCVHANGUP, NULL));
		OBSERVE_RET("TIOCVHANGUP of the master", tty(t.master, TIOCVHANGUP, NULL));
	}
}

CASE(hung_up, "root cap:21") {
	struct terminal t = terminal_open();
	char buf[256] = "";
	fcntl(t.master, F_SETFL, O_NONBLOCK);
	OBSERVE_RET("TIOCVHANGUP", tty(t.slave, TIOCVHANGUP, NULL));
	OBSERVE_RET("read", read(t.slave, buf, 1));
	OBSERVE_RET("write", write(t.slave, buf, 1));
	OBSERVE_RET("nothing written", write(t.slave, buf, 0));
	OBSERVE("slave", "%#x", terminal_await(t.slave, POLLIN | POLLOUT));
	OBSERVE_RET("master reads", read(t.master, buf, 1));
	for (size_t i = 0; i < ARRAY_SIZE(pointed); i++)
		OBSERVE_RET(pointed[i].name, tty(t.slave, pointed[i].req, buf));
}

// Signals that the master sends by number go to the foreground, of which there is none, and are otherwise refused.
CASE(signals_by_the_master) {
	struct terminal t = terminal_open();
	for (long sig = 0; sig <= 65; sig++)
		OBSERVE_RET(name("TIOCSIG %ld", sig), tty_n(t.master, TIOCSIG, sig));
	OBSERVE_RET("of the slave", tty_n(t.slave, TIOCSIG, SIGINT));
}

CASE(signal_to_the_foreground) {
	struct terminal t = terminal_open();
	struct gate ready = gate_open(), go = gate_open();
	pid_t c = harness_fork();
	if (c == 0) {
		REQUIRE_OK(setsid());
		REQUIRE_OK(tty_n(t.slave, TIOCSCTTY, 0));
		gate_signal(&ready);
		gate_wait(&go);
		_exit(0);
	}
	gate_wait(&ready);
	OBSERVE_RET("TIOCSIG", tty_n(t.master, TIOCSIG, SIGQUIT));
	int st = wait_for(c);
	OBSERVE("ended", "%s", WIFSIGNALED(st) ? sig_name(WTERMSIG(st)) : "not");
}
