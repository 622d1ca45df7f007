// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pkey_mprotect: which keys are refused, is it mprotect with key -1, and does a key deny what it should?
#include "../harness/memory.h"

static long protect(void *p, size_t n, long prot, int key) { return syscall(SYS_pkey_mprotect, p, n, prot, key); }

CASE(as_mprotect) {
	char *p = lettered(anon(4), 4);
	CHECK_OK(protect(p + PG, PG, PROT_READ, -1));
	OBSERVE("maps", "%s", perms(p, 4));
	CHECK_ERR(protect(p + 1, PG, PROT_READ, -1), EINVAL);
	CHECK_ERR(protect(bad_ptr(), PG, PROT_READ, -1), ENOMEM);
	OBSERVE_RET("unknown bits", protect(p, PG, 0x40, -1));
	OBSERVE_RET("length 0", protect(p, 0, PROT_READ, -1));
}

CASE(keys) {
	char *p = lettered(anon(4), 4);
	static const int keys[] = {-2, 0, 1, 15, 16, 12345};
	for (int i = 0; i < 6; i++)
		OBSERVE_RET(name("key %d", keys[i]), protect(p, PG, PROT_READ, keys[i]));
	OBSERVE_RET("bad key, length 0", protect(p, 0, PROT_READ, 12));
	OBSERVE_RET("bad key, crooked", protect(p + 1, PG, PROT_READ, 12));
	OBSERVE_RET("bad key, hole", protect(bad_ptr(), PG, PROT_READ, 12));
	OBSERVE("maps", "%s", perms(p, 4));
}

CASE(denies) {
	char *p = lettered(anon(2), 2);
	long key = syscall(SYS_pkey_alloc, 0, 1);
	if (key == -1)
		SKIP("no protection keys: %s", errno_name(errno));
	CHECK_OK(protect(p, PG, RW, key));
	OBSERVE("denied", "%s", peek_pages(p, 2));
	IN_CHILD(NULL) { OBSERVE("child", "%s", peek(p)); }
	CHECK_OK(protect(p, PG, RW, 0));
	OBSERVE("allowed", "%s", peek(p));
}
