// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioctl: the requests that every descriptor knows, and the answer to those that it does not
#include "../harness/networks.h"
#include "../harness/files.h"

#include <linux/fs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <netinet/in.h>

static long call(int fd, unsigned long req, void *arg) { return syscall(SYS_ioctl, fd, req, arg); }

CASE(descriptors) {
	int n, p[2];
	make_file("f", "content");
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", call(-1, FIONREAD, &n));
	OBSERVE_RET("99", call(99, FIONREAD, &n));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH), FIONREAD, &n));
	OBSERVE_RET("O_PATH, FIOCLEX", call(open("f", O_PATH), FIOCLEX, 0));
}

// Terminal requests on what is no terminal.
static const unsigned long reqs[] = {TCGETS, TCSETS, TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP, TIOCSPGRP, TIOCSCTTY, TIOCNOTTY, TCFLSH, TCSBRK, TIOCGSID, 0, 0xdeadbeef};
static char buf[256];

CASE(no_terminal_but_a_socket) {
	int s[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	for (size_t i = 0; i < ARRAY_SIZE(reqs); i++)
		OBSERVE_RET(name("%#lx", reqs[i]), call(s[0], reqs[i], buf));
}

CASE(no_terminal) {
	int p[2], fd = make_file("f", ""), dir = REQUIRE_OK(open(".", O_RDONLY)), null = REQUIRE_OK(open("/dev/null", O_RDWR)), ev = eventfd(0, 0);
	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < ARRAY_SIZE(reqs); i++) {
		OBSERVE_RET(name("file %#lx", reqs[i]), call(fd, reqs[i], buf));
		OBSERVE_RET(name("directory %#lx", reqs[i]), call(dir, reqs[i], buf));
		OBSERVE_RET(name("pipe %#lx", reqs[i]), call(p[0], reqs[i], buf));
		OBSERVE_RET(name("/dev/null %#lx", reqs[i]), call(null, reqs[i], buf));
		OBSERVE_RET(name("eventfd %#lx", reqs[i]), call(ev, reqs[i], buf));
	}
}

CASE(close_on_exec) {
	make_file("f", "");
	int fd = REQUIRE_OK(open("f", O_RDONLY));
	CHECK_EQ(call(fd, FIOCLEX, bad_ptr()), 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(call(fd, FIONCLEX, 0), 0);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
}

CASE(nonblock) {
	int p[2], on = 1, off = 0;
	REQUIRE_OK(pipe(p));
	CHECK_EQ(call(p[0], FIONBIO, &on), 0);
	OBSERVE("flags", "%#o", fcntl(p[0], F_GETFL));
	CHECK_EQ(call(p[0], FIONBIO, &off), 0);
	OBSERVE("flags then", "%#o", fcntl(p[0], F_GETFL));
	OBSERVE_RET("bad pointer", call(p[0], FIONBIO, bad_ptr()));
	int fd = make_file("f", "");
	OBSERVE_RET("file", call(fd, FIONBIO, &on));
	OBSERVE("file's flags", "%#o", fcntl(fd, F_GETFL));
}

CASE(async) {
	int p[2], on = 1, fd = make_file("f", "");
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("pipe", call(p[0], FIOASYNC, &on));
	OBSERVE("flags", "%#o", fcntl(p[0], F_GETFL));
	OBSERVE_RET("file", call(fd, FIOASYNC, &on));
	OBSERVE_RET("bad pointer", call(p[0], FIOASYNC, bad_ptr()));
}

CASE(bytes_to_read) {
	int p[2], n = -1, fd = make_file("f", "content");
	REQUIRE_OK(pipe(p));
	CHECK_EQ(call(p[0], FIONREAD, &n), 0);
	CHECK_EQ(n, 0);
	REQUIRE(write(p[1], "abc", 3) == 3);
	CHECK_EQ(call(p[0], FIONREAD, &n), 0);
	CHECK_EQ(n, 3);
	OBSERVE_RET("writing end", call(p[1], FIONREAD, &n));
	OBSERVE("writing end: bytes", "%d", n);
	CHECK_EQ(call(fd, FIONREAD, &n), 0);
	CHECK_EQ(n, 7);
	REQUIRE_OK(lseek(fd, 10, SEEK_SET));
	CHECK_EQ(call(fd, FIONREAD, &n), 0);
	OBSERVE("beyond the end", "%d", n);
	OBSERVE_RET("directory", call(open(".", O_RDONLY), FIONREAD, &n));
	OBSERVE_RET("/dev/null", call(open("/dev/null", O_RDWR), FIONREAD, &n));
	OBSERVE_RET("bad pointer", call(fd, FIONREAD, bad_ptr()));
	OBSERVE_RET("bad pointer, pipe", call(p[0], FIONREAD, bad_ptr()));
}

// FIOQSIZE counts what a file takes up, which is the file system's business.
CASE(room_of_a_file) {
	loff_t n = -1;
	int fd = make_file("f", "content");
	OBSERVE_RET("FIOQSIZE", call(fd, FIOQSIZE, &n));
	CHECK(n >= 0);
	OBSERVE_RET("/dev/null", call(open("/dev/null", O_RDWR), FIOQSIZE, &n));
}

CASE(block_size) {
	int n = -1, fd = make_file("f", "content");
	OBSERVE_RET("FIGETBSZ", call(fd, FIGETBSZ, &n));
	CHECK(n > 0 && (n & (n - 1)) == 0);
	OBSERVE_RET("bad pointer", call(fd, FIGETBSZ, bad_ptr()));
}

// The request is an unsigned int: the register's upper half is not looked at.
CASE(upper_half) {
	int p[2], n = -1;
	REQUIRE_OK(pipe(p));
	REQUIRE(write(p[1], "abc", 3) == 3);
	OBSERVE_RET("FIONREAD", call(p[0], FIONREAD | 0xffffffff00000000ul, &n));
	OBSERVE("bytes", "%d", n);
}

CASE(inet_sockets) {
	int p[2], n = -1;
	in_pair(AF_INET, p);
	REQUIRE(write(p[0], "abcde", 5) == 5);
	await(p[1], POLLIN);
	OBSERVE_RET("FIONREAD", call(p[1], FIONREAD, &n));
	OBSERVE("waits", "%d", n);
	OBSERVE_RET("SIOCATMARK", call(p[1], SIOCATMARK, &n));
	OBSERVE("mark", "%d", n);
	OBSERVE_RET("FIONREAD, bad pointer", call(p[1], FIONREAD, bad_ptr()));
	OBSERVE_RET("FIONREAD of a listener", call(in_listener(AF_INET, 1), FIONREAD, &n));
	OBSERVE_RET("TCGETS", call(p[1], TCGETS, bad_ptr()));
	OBSERVE_RET("unknown", call(p[1], 0x89aa, bad_ptr()));
	struct ifreq r = {.ifr_name = "lo"};
	OBSERVE_RET("unknown, an interface", call(p[1], 0x89aa, &r));
	OBSERVE_RET("SIOCGIFINDEX", call(p[1], SIOCGIFINDEX, &r));
	OBSERVE("index", "%d", r.ifr_ifindex);
	OBSERVE_RET("SIOCGIFFLAGS", call(p[1], SIOCGIFFLAGS, &r));
	OBSERVE("flags", "%#x", (unsigned short)r.ifr_flags);
	OBSERVE_RET("SIOCGIFADDR", call(p[1], SIOCGIFADDR, &r));
	OBSERVE("address", "%s", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
	OBSERVE_RET("SIOCGIFMTU", call(p[1], SIOCGIFMTU, &r));
	OBSERVE("mtu", "%d", r.ifr_mtu);
	strcpy(r.ifr_name, "nothere0");
	OBSERVE_RET("no such device", call(p[1], SIOCGIFFLAGS, &r));
	OBSERVE_RET("device, bad pointer", call(p[1], SIOCGIFFLAGS, bad_ptr()));
}

// The devices of the network as a socket of any family tells of them; and a socket's owner.
CASE(devices_of_sockets) {
	static const struct {
		const char *name;
		unsigned long cmd;
	} cmds[] = {{"SIOCGIFFLAGS", SIOCGIFFLAGS}, {"SIOCGIFINDEX", SIOCGIFINDEX}, {"SIOCGIFMTU", SIOCGIFMTU}, {"SIOCGIFADDR", SIOCGIFADDR},
		    {"SIOCGIFHWADDR", SIOCGIFHWADDR}, {"SIOCGIFMETRIC", SIOCGIFMETRIC}, {"SIOCGIFMAP", SIOCGIFMAP}, {"SIOCGIFNETMASK", SIOCGIFNETMASK},
		    {"SIOCGIFTXQLEN", SIOCGIFTXQLEN}, {"SIOCOUTQNSD", 0x894b}, {"SIOCGSTAMP", 0x8906}, {"unknown", 0x89aa}};
	static const struct {
		const char *name;
		int family, type;
	} kinds[] = {{"unix stream", AF_UNIX, SOCK_STREAM}, {"unix dgram", AF_UNIX, SOCK_DGRAM}, {"tcp", AF_INET, SOCK_STREAM}, {"udp6", AF_INET6, SOCK_DGRAM}};
	for (size_t k = 0; k < COUNT(kinds); k++) {
		int s = REQUIRE_OK(socket(kinds[k].family, kinds[k].type, 0));
		for (size_t i = 0; i < COUNT(cmds); i++) {
			struct ifreq r = {.ifr_name = "lo"};
			OBSERVE_RET(name("%s: %s", kinds[k].name, cmds[i].name), call(s, cmds[i].cmd, &r));
			OBSERVE_BYTES(name("%s: %s, bytes", kinds[k].name, cmds[i].name), &r, sizeof r);
			OBSERVE_RET(name("%s: %s, bad pointer", kinds[k].name, cmds[i].name), call(s, cmds[i].cmd, bad_ptr()));
		}
		struct ifreq r = {.ifr_ifindex = 1}, list[4];
		OBSERVE_RET(name("%s: SIOCGIFNAME", kinds[k].name), call(s, SIOCGIFNAME, &r));
		OBSERVE(name("%s: name", kinds[k].name), "%s", r.ifr_name);
		r.ifr_ifindex = 999;
		OBSERVE_RET(name("%s: SIOCGIFNAME, none", kinds[k].name), call(s, SIOCGIFNAME, &r));
		static const int sizes[] = {-1, 0, 39, 40, 160};
		for (size_t i = 0; i < COUNT(sizes); i++) {
			struct ifconf c = {.ifc_len = sizes[i], .ifc_req = list};
			OBSERVE_RET(name("%s: SIOCGIFCONF %d", kinds[k].name, sizes[i]), call(s, SIOCGIFCONF, &c));
			OBSERVE(name("%s: SIOCGIFCONF %d, length", kinds[k].name, sizes[i]), "%d", c.ifc_len);
		}
		OBSERVE(name("%s: first", kinds[k].name), "%s", list[0].ifr_name);
		struct ifconf c = {.ifc_len = 7, .ifc_req = NULL};
		OBSERVE_RET(name("%s: SIOCGIFCONF, no list", kinds[k].name), call(s, SIOCGIFCONF, &c));
		OBSERVE(name("%s: SIOCGIFCONF, no list, length", kinds[k].name), "%d", c.ifc_len);
		c = (struct ifconf){.ifc_len = 160, .ifc_req = bad_ptr()};
		OBSERVE_RET(name("%s: SIOCGIFCONF, bad list", kinds[k].name), call(s, SIOCGIFCONF, &c));
		OBSERVE_RET(name("%s: SIOCGIFCONF, bad pointer", kinds[k].name), call(s, SIOCGIFCONF, bad_ptr()));
	}
}

// What a device is, by the ioctls that ask.
static const char *device_text(int s, const char *device) {
	static char text[256];
	static const struct {
		const char *name;
		unsigned long cmd;
	} asks[] = {{"addr", SIOCGIFADDR}, {"netmask", SIOCGIFNETMASK}, {"brdaddr", SIOCGIFBRDADDR}, {"dstaddr", SIOCGIFDSTADDR}};
	struct ifreq r = {0};
	text[0] = 0;
	for (size_t i = 0; i < COUNT(asks); i++) {
		strcpy(r.ifr_name, device);
		long ret = call(s, asks[i].cmd, &r);
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s ", asks[i].name,
			 ret < 0 ? errno_name(errno) : inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
	}
	strcpy(r.ifr_name, device);
	snprintf(text + strlen(text), sizeof text - strlen(text), "mtu %d ", call(s, SIOCGIFMTU, &r) < 0 ? -errno : r.ifr_mtu);
	snprintf(text + strlen(text), sizeof text - strlen(text), "txqlen %d ", call(s, SIOCGIFTXQLEN, &r) < 0 ? -errno : r.ifr_qlen);
	snprintf(text + strlen(text), sizeof text - strlen(text), "metric %d", call(s, SIOCGIFMETRIC, &r) < 0 ? -errno : r.ifr_metric);
	return text;
}

static struct ifreq with_address(const char *device, const char *address) {
	struct ifreq r = {0};
	struct sockaddr_in *a = (struct sockaddr_in *)&r.ifr_addr;
	strcpy(r.ifr_name, device);
	a->sin_family = AF_INET;
	a->sin_addr.s_addr = inet_addr(address);
	return r;
}

CASE(changed_devices, "root cap:21") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNET));
		int s = in_socket(AF_INET, SOCK_DGRAM), u = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
		struct ifreq r = with_address("lo", "127.0.0.5"), flags = {.ifr_name = "lo", .ifr_flags = IFF_UP};
		OBSERVE("fresh", "%s", device_text(s, "lo"));
		OBSERVE_RET("index on a unix socket", call(u, SIOCGIFINDEX, &flags));
		flags.ifr_flags = IFF_UP;
		OBSERVE_RET("up on a unix socket", call(u, SIOCSIFFLAGS, &flags));
		OBSERVE("up", "%s", device_text(s, "lo"));
		OBSERVE_RET("address", call(s, SIOCSIFADDR, &r));
		OBSERVE("address set", "%s", device_text(s, "lo"));
		r = with_address("lo", "255.255.255.0");
		OBSERVE_RET("netmask", call(s, SIOCSIFNETMASK, &r));
		r = with_address("lo:1", "10.1.2.3");
		OBSERVE_RET("an alias", call(s, SIOCSIFADDR, &r));
		OBSERVE("alias", "%s", device_text(s, "lo:1"));
		OBSERVE_RET("bind to it", bind(in_socket(AF_INET, SOCK_STREAM), &r.ifr_addr, sizeof(struct sockaddr_in)));
		r = (struct ifreq){.ifr_name = "lo", .ifr_mtu = 1400};
		OBSERVE_RET("mtu", call(s, SIOCSIFMTU, &r));
		r.ifr_mtu = -1;
		OBSERVE_RET("bad mtu", call(s, SIOCSIFMTU, &r));
		r = (struct ifreq){.ifr_name = "lo", .ifr_metric = 3};
		OBSERVE_RET("metric", call(s, SIOCSIFMETRIC, &r));
		OBSERVE("changed", "%s", device_text(s, "lo"));
		r = (struct ifreq){.ifr_name = "lo", .ifr_newname = "bad/name"};
		OBSERVE_RET("bad name", call(s, SIOCSIFNAME, &r));
		r = (struct ifreq){.ifr_name = "nothere0", .ifr_mtu = 1400};
		OBSERVE_RET("no such device", call(s, SIOCSIFMTU, &r));
		OBSERVE_RET("bad pointer", call(s, SIOCSIFMTU, bad_ptr()));
		flags = (struct ifreq){.ifr_name = "lo"};
		OBSERVE_RET("down", call(s, SIOCSIFFLAGS, &flags));
		OBSERVE("flags at last", "%#lx", device_flags("lo"));
		become_nobody();
		r = (struct ifreq){.ifr_name = "lo", .ifr_mtu = 1400};
		OBSERVE_RET("nobody's mtu", call(s, SIOCSIFMTU, &r));
		OBSERVE_RET("nobody's mtu of no device", call(s, SIOCSIFMTU, &(struct ifreq){.ifr_name = "nothere0", .ifr_mtu = 1400}));
		OBSERVE_RET("nobody's bad pointer", call(s, SIOCSIFMTU, bad_ptr()));
		OBSERVE_RET("nobody's flags", call(u, SIOCSIFFLAGS, &flags));
	}
}

CASE(length_of_a_devices_queue, "root cap:21") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNET));
		int s = in_socket(AF_INET, SOCK_DGRAM);
		struct ifreq r = {.ifr_name = "lo", .ifr_qlen = 77};
		OBSERVE_RET("set", call(s, SIOCSIFTXQLEN, &r));
		OBSERVE_RET("get", call(s, SIOCGIFTXQLEN, &r));
		OBSERVE("length", "%d", r.ifr_qlen);
		r.ifr_qlen = -1;
		OBSERVE_RET("negative", call(s, SIOCSIFTXQLEN, &r));
		become_nobody();
		OBSERVE_RET("nobody's", call(s, SIOCSIFTXQLEN, &r));
	}
}

// Secret memory takes up nothing that could be told.
CASE(size_of_secret_memory) {
	int fd = syscall(SYS_memfd_secret, 0);
	loff_t n;
	if (fd < 0)
		SKIP("memfd_secret: %s", errno_name(errno));
	OBSERVE_RET("FIOQSIZE", call(fd, FIOQSIZE, &n));
	OBSERVE_RET("FIOQSIZE to nowhere", call(fd, FIOQSIZE, (void *)8));
	OBSERVE_RET("FIOQSIZE of a memfd to nowhere", call(memfd_create("m", 0), FIOQSIZE, (void *)8));
}

// Every command of sockets by a bad pointer: who knows it, and who looks at a struct ifreq first.
CASE(commands_of_sockets_by_a_bad_pointer, "root") {
	struct { const char *name; int fd; } files[] = {
		{"stream", REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0))},
		{"datagrams", REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM, 0))},
		{"TCP", REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0))},
		{"UDP", REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0))},
		{"TCP6", REQUIRE_OK(socket(AF_INET6, SOCK_STREAM, 0))},
		{"UDP6", REQUIRE_OK(socket(AF_INET6, SOCK_DGRAM, 0))},
		{"raw", REQUIRE_OK(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))},
		{"netlink", REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, 0))},
	};
	for (int i = 0; i < 8; i++) {
		for (int cmd = 0x8900; cmd < 0x8908; cmd++)
			OBSERVE_RET(name("%s %#x", files[i].name, cmd), ioctl(files[i].fd, cmd, bad_ptr()));
		OBSERVE_RET(name("%s SIOCOUTQNSD", files[i].name), ioctl(files[i].fd, 0x894b, bad_ptr()));
		OBSERVE_RET(name("%s FIONREAD", files[i].name), ioctl(files[i].fd, FIONREAD, bad_ptr()));
		OBSERVE_RET(name("%s TIOCOUTQ", files[i].name), ioctl(files[i].fd, TIOCOUTQ, bad_ptr()));
		OBSERVE_RET(name("%s FIOQSIZE", files[i].name), ioctl(files[i].fd, 0x5460, bad_ptr()));
		char ifreq[64] = "nothing";
		OBSERVE_RET(name("%s SIOCATMARK", files[i].name), ioctl(files[i].fd, 0x8905, ifreq));
	}
}

CASE(bytes_left_in_secret_memory) {
	int n = -1, fd = REQUIRE_OK(syscall(SYS_memfd_secret, 0)), m = REQUIRE_OK(syscall(SYS_memfd_create, "m", 0));
	OBSERVE_RET("secret", ioctl(fd, FIONREAD, &n));
	OBSERVE_RET("memfd", ioctl(m, FIONREAD, &n));
	OBSERVE_RET("secret, bad pointer", ioctl(fd, FIONREAD, bad_ptr()));
}
