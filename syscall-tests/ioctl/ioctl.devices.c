// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioctl: what do commands of block devices, of tunnels and of network cards say to those who are none?
#include "../harness/files.h"

#include <linux/ethtool.h>
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/socket.h>

static long call(int fd, unsigned long req, void *arg) { return syscall(SYS_ioctl, fd, req, arg); }

CASE(commands_of_other_devices) {
	static const struct {
		const char *name;
		unsigned long req;
	} cmds[] = {{"BLKGETSIZE64", BLKGETSIZE64}, {"BLKGETSIZE", BLKGETSIZE}, {"BLKSSZGET", BLKSSZGET}, {"BLKFLSBUF", BLKFLSBUF}, {"BLKRRPART", BLKRRPART},
		    {"TUNSETIFF", TUNSETIFF}, {"TUNGETFEATURES", TUNGETFEATURES}, {"SIOCETHTOOL", SIOCETHTOOL}};
	int p[2], file = make_file("f", "content"), dir = REQUIRE_OK(open(".", O_RDONLY)), null = REQUIRE_OK(open("/dev/null", O_RDWR));
	char buf[256] = "";
	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		OBSERVE_RET(name("file %s", cmds[i].name), call(file, cmds[i].req, buf));
		OBSERVE_RET(name("file %s, bad pointer", cmds[i].name), call(file, cmds[i].req, bad_ptr()));
		OBSERVE_RET(name("directory %s", cmds[i].name), call(dir, cmds[i].req, buf));
		OBSERVE_RET(name("/dev/null %s", cmds[i].name), call(null, cmds[i].req, buf));
		OBSERVE_RET(name("pipe %s", cmds[i].name), call(p[0], cmds[i].req, buf));
	}
}

CASE(network_card_that_is_not_there) {
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)), u = REQUIRE_OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	struct ethtool_value v = {.cmd = ETHTOOL_GLINK};
	struct ifreq r = {.ifr_name = "nothere0", .ifr_data = (void *)&v};
	OBSERVE_RET("inet", call(s, SIOCETHTOOL, &r));
	OBSERVE_RET("unix", call(u, SIOCETHTOOL, &r));
	OBSERVE_RET("bad pointer", call(s, SIOCETHTOOL, bad_ptr()));
	OBSERVE_RET("tunnel", call(s, TUNSETIFF, &r));
	OBSERVE_RET("size", call(s, BLKGETSIZE64, &r));
}

// Addresses of devices are a matter of inet sockets; the others know nothing of them.
CASE(addresses_by_another_family) {
	static const int commands[] = {SIOCGIFADDR, SIOCSIFADDR, SIOCGIFNETMASK, SIOCSIFNETMASK, SIOCGIFDSTADDR, SIOCSIFDSTADDR,
		SIOCGIFBRDADDR, SIOCSIFBRDADDR};
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct ifreq r = {.ifr_name = "lo"};
		OBSERVE_RET(name("%#x", commands[i]), syscall(SYS_ioctl, s, commands[i], &r));
	}
}
