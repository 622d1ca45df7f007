// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgctl: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/sysv.h"

static int id;
static void roots_queue(int mode) { id = REQUIRE_OK(msgget_(IPC_PRIVATE, mode)); }

CAPABILITY_OF(CAP_SYS_ADMIN, 21, removal_of_roots, roots_queue(0666), msgctl_(id, IPC_RMID, NULL))
