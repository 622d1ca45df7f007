// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semop: what ends a wait for a semaphore that rises, falls, and goes?
#include "../harness/sysv.h"
#include "../harness/waits.h"

static int id;

static void a_semaphore(int value) {
	id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600));
	REQUIRE_OK(semctl_(id, 0, SETVAL, value));
}

WAITS(rise, a_semaphore(0), semop_(id, op(0, -1, 0), 1), semctl_(id, 0, SETVAL, 1))
WAITS(fall_to_zero, a_semaphore(1), semop_(id, op(0, 0, 0), 1), semop_(id, op(0, -1, 0), 1))
WAITS(removal, a_semaphore(0), semop_(id, op(0, -1, 0), 1), semctl_(id, 0, IPC_RMID, 0))
