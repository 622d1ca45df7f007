// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgsnd: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/sysv.h"

static int id;
static void roots_queue(int mode) { id = REQUIRE_OK(msgget_(IPC_PRIVATE, mode)); }

CAPABILITY_OF(CAP_IPC_OWNER, 15, to_roots, roots_queue(0600), msgsnd_(id, msg(1, "x"), 1, IPC_NOWAIT))
