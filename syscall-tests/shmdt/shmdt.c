// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shmdt: which addresses it takes, and what of an attachment that has been cut up goes with it.
#include "../harness/memory.h"
#include "../harness/sysv.h"

CASE(addresses) {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 4 * PG, 0600));
	char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	CHECK_ERR(shmdt_(p + 1), EINVAL);
	CHECK_ERR(shmdt_(p + PG), EINVAL);
	CHECK_ERR(shmdt_(NULL), EINVAL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(shmdt_(b->p), EINVAL);
	char *other = pages(1, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	CHECK_ERR(shmdt_(other), EINVAL);
	CHECK_OK(shmdt_(p));
	CHECK_ERR(shmdt_(p), EINVAL);
	OBSERVE("touched", "%s", poke(p, 1));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

CASE(pieces) {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 6 * PG, 0600));
	char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	REQUIRE_OK(munmap(p + 2 * PG, PG));
	REQUIRE_OK(mprotect(p + 4 * PG, PG, PROT_READ));
	OBSERVE("cut up", "%s", shm_text(id));
	CHECK_OK(shmdt_(p));
	OBSERVE("detached", "%s", shm_text(id));
	p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	REQUIRE_OK(munmap(p, PG));
	OBSERVE_RET("without its first page", shmdt_(p));
	OBSERVE("then", "%s", shm_text(id));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

CASE(moved) {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 2 * PG, 0600));
	char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	char *room = pages(4, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *q = mremap(p, 2 * PG, 2 * PG, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	REQUIRE(q == room);
	OBSERVE("moved", "%s", shm_text(id));
	OBSERVE_RET("the old place", shmdt_(p));
	OBSERVE_RET("the new place", shmdt_(q));
	OBSERVE("then", "%s", shm_text(id));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}
