// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_pwait: what ends a wait for a byte in a pipe, with a mask and without?
#include "../harness/waits.h"

#include <sys/epoll.h>

static int ep;
static struct epoll_event got[2];

static void watched_pipe(void) {
	empty_pipe();
	ep = REQUIRE_OK(epoll_create1(0));
	REQUIRE_OK(epoll_ctl(ep, EPOLL_CTL_ADD, wait_on[0], &(struct epoll_event){.events = EPOLLIN}));
}
static uint64_t none;

FD_WAITS(byte, ep, watched_pipe(), syscall(SYS_epoll_pwait, ep, got, 2, -1, NULL, 8), wait_byte())
WAITS(byte_with_an_empty_mask, watched_pipe(), syscall(SYS_epoll_pwait, ep, got, 2, -1, &none, 8), wait_byte())
