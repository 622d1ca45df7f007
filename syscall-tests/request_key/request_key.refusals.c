// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// request_key: of keys that expired, that may not be searched, and into keyrings that may not be written.
#include "../harness/keys.h"

static long request(const char *text, key_id ring) { return syscall(SYS_request_key, "user", text, NULL, ring); }

CASE(keys_that_refuse) {
	key_id key = key_user(), locked = key_ring("locked");
	REQUIRE_OK(key_control(KEYCTL_SETPERM, locked, 0x3b3b0000));
	OBSERVE_OK("into a keyring without the right to write", request("name", locked));
	OBSERVE_OK("into what is no keyring", request("name", key));
	REQUIRE_OK(key_control(KEYCTL_SET_TIMEOUT, key, 1));
	while (key_control(KEYCTL_DESCRIBE, key, NULL, 0) >= 0)
		usleep(10000);
	OBSERVE_OK("expired", request("name", 0));
}
