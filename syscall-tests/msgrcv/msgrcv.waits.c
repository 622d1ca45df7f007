// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgrcv: what ends a wait for a message, one of a type, and the removal of the queue?
#include "../harness/sysv.h"
#include "../harness/waits.h"

static int id;

static void a_queue(void) { id = REQUIRE_OK(msgget_(IPC_PRIVATE, 0600)); }

WAITS(message, a_queue(), msgrcv_(id, wait_buf, 100, 0, 0), msgsnd_(id, msg(3, "x"), 1, 0))
WAITS(message_of_a_type, (a_queue(), REQUIRE_OK(msgsnd_(id, msg(3, "x"), 1, 0))), msgrcv_(id, wait_buf, 100, 4, 0), msgsnd_(id, msg(4, "xy"), 2, 0))
WAITS(removal, a_queue(), msgrcv_(id, wait_buf, 100, 0, 0), msgctl_(id, IPC_RMID, NULL))
