// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shmat: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/sysv.h"

static int id;
static void roots_segment(int mode) { id = REQUIRE_OK(shmget_(IPC_PRIVATE, 4096, mode)); }

CAPABILITY_OF(CAP_IPC_OWNER, 15, of_roots, roots_segment(0600), shmat_(id, NULL, 0))
