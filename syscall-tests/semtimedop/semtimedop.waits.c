// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semtimedop: what ends a wait for a semaphore that rises, falls, and goes?
#include "../harness/sysv.h"
#include "../harness/waits.h"

static int id;

static void a_semaphore(int value) {
	id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600));
	REQUIRE_OK(semctl_(id, 0, SETVAL, value));
}

static struct timespec minute = {60, 0};

WAITS(rise, a_semaphore(0), semtimedop_(id, op(0, -1, 0), 1, NULL), semctl_(id, 0, SETVAL, 1))
WAITS(fall_to_zero, a_semaphore(1), semtimedop_(id, op(0, 0, 0), 1, NULL), semop_(id, op(0, -1, 0), 1))
WAITS(removal, a_semaphore(0), semtimedop_(id, op(0, -1, 0), 1, NULL), semctl_(id, 0, IPC_RMID, 0))
WAITS(rise_within_a_minute, a_semaphore(0), semtimedop_(id, op(0, -1, 0), 1, &minute), semctl_(id, 0, SETVAL, 1))
