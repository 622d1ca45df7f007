// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semtimedop: who may not, and how large a value can become.
#include "../harness/sysv.h"

CASE(values_out_of_range) {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600));
	struct timespec t = {0, 0};
	struct sembuf most = {0, 32767, 0}, more = {0, 1, 0}, undo = {0, -1, SEM_UNDO}, many = {0, -32767, SEM_UNDO};
	OBSERVE_RET("to the most", semtimedop_(id, &most, 1, &t));
	OBSERVE_RET("beyond", semtimedop_(id, &more, 1, &t));
	OBSERVE_RET("back with undo", semtimedop_(id, &many, 1, &t));
	OBSERVE_RET("up", semtimedop_(id, &most, 1, &t));
	OBSERVE_RET("more to undo than can be", semtimedop_(id, &many, 1, &t));
	OBSERVE_RET("one more", semtimedop_(id, &undo, 1, &t));
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(of_others, "root") {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600)), seen = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0644));
	struct timespec t = {0, 0};
	struct sembuf up = {0, 1, 0}, zero = {0, 0, IPC_NOWAIT};
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("up", semtimedop_(id, &up, 1, &t));
		OBSERVE_RET("zero", semtimedop_(id, &zero, 1, &t));
		OBSERVE_RET("up, where one may read", semtimedop_(seen, &up, 1, &t));
		OBSERVE_RET("zero, where one may read", semtimedop_(seen, &zero, 1, &t));
	}
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
	REQUIRE_OK(semctl_(seen, 0, IPC_RMID, 0));
}
