// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semctl: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/sysv.h"

static int id;
static void roots_set(int mode) { id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, mode)); }

CAPABILITY_OF(CAP_SYS_ADMIN, 21, removal_of_roots, roots_set(0666), semctl_(id, 0, IPC_RMID, 0))
CAPABILITY_OF(CAP_IPC_OWNER, 15, value_of_roots, roots_set(0600), semctl_(id, 0, GETVAL, 0))
