// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semop: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/sysv.h"

static int id;
static void roots_set(int mode) { id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, mode)); }

CAPABILITY_OF(CAP_IPC_OWNER, 15, on_roots, roots_set(0600), semop_(id, op(0, 1, 0), 1))
