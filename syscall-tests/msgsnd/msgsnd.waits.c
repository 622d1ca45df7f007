// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgsnd: what ends a wait for room in a queue, and its removal?
#include "../harness/sysv.h"
#include "../harness/waits.h"

static int id;

static void a_queue(void) { id = REQUIRE_OK(msgget_(IPC_PRIVATE, 0600)); }

static void a_full_queue(void) {
	static struct {
		long type;
		char text[8192];
	} big = {.type = 1};
	a_queue();
	while (msgsnd_(id, &big, sizeof big.text, IPC_NOWAIT) == 0)
		;
	while (msgsnd_(id, &big, 1, IPC_NOWAIT) == 0)
		;
}

WAITS(room, a_full_queue(), msgsnd_(id, msg(1, "x"), 1, 0), msgrcv_(id, wait_buf, 8192, 1, 0))
WAITS(removal, a_full_queue(), msgsnd_(id, msg(1, "x"), 1, 0), msgctl_(id, IPC_RMID, NULL))
