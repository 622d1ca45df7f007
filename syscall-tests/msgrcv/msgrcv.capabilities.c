// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgrcv: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/sysv.h"

static int id;
static void roots_queue(int mode) { id = REQUIRE_OK(msgget_(IPC_PRIVATE, mode)); }
static char space[100];

CAPABILITY_OF(CAP_IPC_OWNER, 15, from_roots, (roots_queue(0600), REQUIRE_OK(msgsnd_(id, msg(1, "x"), 1, 0))), msgrcv_(id, space, 10, 0, IPC_NOWAIT))
