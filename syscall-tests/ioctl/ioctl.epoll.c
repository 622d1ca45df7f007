// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ioctl: what an epoll is asked and told about busy polling, and what it answers to anything else
#include "../harness/ready.h"

#include <linux/fs.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

struct params {
	uint32_t usecs;
	uint16_t budget;
	uint8_t prefer, pad;
};

enum { SET = 0x40088a01, GET = 0x80088a02 };

static long call(int fd, unsigned long req, void *arg) { return syscall(SYS_ioctl, fd, req, arg); }

CASE(epoll_other_commands) {
	static const unsigned long commands[] = {0, 1, TCGETS, FIONREAD, FIGETBSZ, FIOQSIZE, FS_IOC_GETFLAGS, SIOCGIFMTU, SIOCSIFMTU, SIOCGIFCONF, SIOCGPGRP, SET + 2, GET + 1, 0xdeadbeef};
	int ep = REQUIRE_OK(epoll_create1(0));
	char b[256] = {0};
	for (size_t i = 0; i < COUNT(commands); i++)
		OBSERVE_RET(name("%#lx", commands[i]), call(ep, commands[i], b));
	int on = 1;
	OBSERVE_RET("FIONBIO", call(ep, FIONBIO, &on));
	OBSERVE("flags", "%#x", fcntl(ep, F_GETFL));
}

CASE(epoll_params, "kernel>=6.9") {
	static const struct params tried[] = {{0, 0, 0, 0}, {100, 8, 1, 0}, {0x7fffffff, 64, 0, 0}, {0x80000000, 8, 0, 0}, {1, 8, 2, 0}, {1, 8, 0, 1}};
	int ep = REQUIRE_OK(epoll_create1(0));
	for (size_t i = 0; i < COUNT(tried); i++) {
		struct params p = tried[i];
		OBSERVE_RET(name("set %d", (int)i), call(ep, SET, &p));
		memset(&p, 0xff, sizeof p);
		OBSERVE_RET(name("get %d", (int)i), call(ep, GET, &p));
		OBSERVE(name("got %d", (int)i), "%u %u %u %u", p.usecs, p.budget, p.prefer, p.pad);
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("set %s", b->name), call(ep, SET, b->p));
		OBSERVE_RET(name("get %s", b->name), call(ep, GET, b->p));
	}
	int p[2];
	REQUIRE_OK(pipe(p));
	struct params some = {1, 1, 1, 0};
	OBSERVE_RET("a pipe", call(p[0], SET, &some));
}

CASE(epoll_params_budget, "root kernel>=6.9") {
	struct params p = {1, 65, 0, 0};
	int ep = REQUIRE_OK(epoll_create1(0));
	OBSERVE_RET("root", call(ep, SET, &p));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody", call(ep, SET, &p));
		p.budget = 64;
		OBSERVE_RET("nobody, less", call(ep, SET, &p));
	}
}
