// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fgetxattr: the attributes of files without a name: sockets, which tell their protocol, and memfds.
#include "../harness/xattrs.h"

#include <sys/mman.h>
#include <sys/socket.h>

#define PROTOCOL "system.sockprotoname"

static void tell(const char *what, int fd) {
	char text[64] = "", list[64] = "";
	long n = syscall(SYS_fgetxattr, fd, PROTOCOL, text, sizeof text);
	OBSERVE(what, "%ld %s", n, n < 0 ? errno_name(errno) : text);
	OBSERVE_RET(name("%s: list", what), syscall(SYS_flistxattr, fd, list, sizeof list));
	CHECK(strcmp(list, PROTOCOL) == 0);
	close(fd);
}

CASE(socket_protocols) {
	static const struct {
		const char *name;
		int family, type, protocol;
	} kinds[] = {{"unix stream", AF_UNIX, SOCK_STREAM, 0}, {"unix datagrams", AF_UNIX, SOCK_DGRAM, 0},
		{"unix packets", AF_UNIX, SOCK_SEQPACKET, 0}, {"tcp", AF_INET, SOCK_STREAM, 0}, {"udp", AF_INET, SOCK_DGRAM, 0},
		{"tcp 6", AF_INET6, SOCK_STREAM, 0}, {"udp 6", AF_INET6, SOCK_DGRAM, 0}, {"route", AF_NETLINK, SOCK_RAW, 0}};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		tell(kinds[i].name, REQUIRE_OK(socket(kinds[i].family, kinds[i].type, kinds[i].protocol)));
}

CASE(socket_refusals) {
	int fd = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	char b[8];
	OBSERVE_RET("size", syscall(SYS_fgetxattr, fd, PROTOCOL, NULL, 0));
	OBSERVE_RET("no room", syscall(SYS_fgetxattr, fd, PROTOCOL, b, sizeof b));
	OBSERVE_RET("size of the list", syscall(SYS_flistxattr, fd, NULL, 0));
	OBSERVE_RET("no room for the list", syscall(SYS_flistxattr, fd, b, sizeof b));
	OBSERVE_RET("nowhere", syscall(SYS_flistxattr, fd, 8, 100));
	OBSERVE_RET("another name", syscall(SYS_fgetxattr, fd, "system.other", b, sizeof b));
	OBSERVE_RET("a name that goes on", syscall(SYS_fgetxattr, fd, PROTOCOL "x", b, sizeof b));
	OBSERVE_RET("of users", syscall(SYS_fgetxattr, fd, "user.x", b, sizeof b));
	OBSERVE_RET("set", syscall(SYS_fsetxattr, fd, PROTOCOL, "TCP", 3, 0));
	OBSERVE_RET("set one of users", syscall(SYS_fsetxattr, fd, "user.x", "x", 1, 0));
}

CASE(memfd, "root cap:21") {
	int fd = REQUIRE_OK(memfd_create("m", 0));
	char b[64] = "";
	OBSERVE_RET("replace none", syscall(SYS_fsetxattr, fd, "user.x", "abc", 3, XATTR_REPLACE));
	OBSERVE_RET("set", syscall(SYS_fsetxattr, fd, "user.x", "abc", 3, 0));
	OBSERVE_RET("create again", syscall(SYS_fsetxattr, fd, "user.x", "abcd", 4, XATTR_CREATE));
	OBSERVE_RET("replace", syscall(SYS_fsetxattr, fd, "user.x", "de", 2, XATTR_REPLACE));
	OBSERVE_RET("get", syscall(SYS_fgetxattr, fd, "user.x", b, sizeof b));
	CHECK(memcmp(b, "de", 2) == 0);
	OBSERVE_RET("trusted", syscall(SYS_fsetxattr, fd, "trusted.x", "t", 1, 0));
	OBSERVE_RET("list", syscall(SYS_flistxattr, fd, b, sizeof b));
	OBSERVE_RET("without a name", syscall(SYS_fgetxattr, fd, "user.", b, sizeof b));
	OBSERVE_RET("of no class", syscall(SYS_fsetxattr, fd, "other.x", "x", 1, 0));
	OBSERVE_RET("missing", syscall(SYS_fgetxattr, fd, "user.y", b, sizeof b));
	OBSERVE_RET("remove", syscall(SYS_fremovexattr, fd, "user.x"));
	OBSERVE_RET("remove again", syscall(SYS_fremovexattr, fd, "user.x"));
	OBSERVE_RET("list, then", syscall(SYS_flistxattr, fd, b, sizeof b));
}

static void try_names(const char *who, int fd) {
	static const char *const names[] = {"user.", "user.x", "security.x", "security.", "system.x", "other", "user"};
	char b[64];
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		OBSERVE_RET(name("%s: get %s", who, names[i]), syscall(SYS_fgetxattr, fd, names[i], b, sizeof b));
		OBSERVE_RET(name("%s: set %s", who, names[i]), syscall(SYS_fsetxattr, fd, names[i], "v", 1, 0));
		OBSERVE_RET(name("%s: remove %s", who, names[i]), syscall(SYS_fremovexattr, fd, names[i]));
	}
	OBSERVE_RET(name("%s: list", who), syscall(SYS_flistxattr, fd, b, sizeof b));
}

// A pidfd is a regular file here, of root's.
CASE(pidfd, "root kernel>=6.18") {
	int fd = REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0));
	try_names("root", fd);
	IN_CHILD(NULL) {
		become_nobody();
		try_names("nobody", fd);
	}
}
