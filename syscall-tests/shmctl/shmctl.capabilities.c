// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shmctl: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"
#include "../harness/sysv.h"

static int id;
static void roots_segment(int mode) { id = REQUIRE_OK(shmget_(IPC_PRIVATE, 4096, mode)); }
static struct shmid_ds ds;

CAPABILITY_OF(CAP_SYS_ADMIN, 21, removal_of_roots, roots_segment(0666), shmctl_(id, IPC_RMID, NULL))
CAPABILITY_OF(CAP_IPC_OWNER, 15, look_at_roots, roots_segment(0600), shmctl_(id, IPC_STAT, &ds))
CAPABILITY_OF(CAP_IPC_LOCK, 14, lock_of_roots, roots_segment(0666), shmctl_(id, SHM_LOCK, NULL))
CAPABILITY_OF(CAP_IPC_LOCK, 14, unlock_of_roots, roots_segment(0666), shmctl_(id, SHM_UNLOCK, NULL))
