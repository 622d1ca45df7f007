// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that queue a signal: what they say when no more may wait.
#ifndef DITTO_HARNESS_SIGPENDING_H
#define DITTO_HARNESS_SIGPENDING_H

#include "harness.h"

#include <sys/resource.h>

static inline void no_more_signals(void) {
	REQUIRE_OK(setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){0, 0}));
}

// A signal to oneself, blocked, with a limit of none: an ordinary one needs no room, one of those that queue does.
static inline void observe_full_queue(long (*send)(int sig)) {
	sig_block(SIGUSR1);
	sig_block(SIGRTMIN);
	no_more_signals();
	OBSERVE_RET("an ordinary signal", send(SIGUSR1));
	OBSERVE("it waits", "%d", sig_pending(SIGUSR1));
	OBSERVE_RET("one that queues", send(SIGRTMIN));
	OBSERVE("that waits", "%d", sig_pending(SIGRTMIN));
}

#endif
