// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pkey_free: which keys are refused, and can a key be had again?
#include "../harness/memory.h"

CASE(keys) {
	static const int keys[] = {-2, -1, 0, 1, 15, 16, 12345};
	for (int i = 0; i < 7; i++)
		OBSERVE_RET(name("key %d", keys[i]), syscall(SYS_pkey_free, keys[i]));
	OBSERVE_RET("key 0 twice", syscall(SYS_pkey_free, 0));
}

CASE(again) {
	long key = syscall(SYS_pkey_alloc, 0, 0);
	if (key == -1)
		SKIP("no protection keys: %s", errno_name(errno));
	CHECK_OK(syscall(SYS_pkey_free, key));
	CHECK_ERR(syscall(SYS_pkey_free, key), EINVAL);
	CHECK_EQ(syscall(SYS_pkey_alloc, 0, 0), key);
}
