// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// add_key: into keyrings that were revoked, that expired, or that may not be written.
#include "../harness/keys.h"

CASE(keyrings_that_refuse) {
	key_session();
	key_id revoked = key_ring("revoked"), expired = key_ring("expired"), locked = key_ring("locked");
	REQUIRE_OK(key_control(KEYCTL_REVOKE, revoked));
	REQUIRE_OK(key_control(KEYCTL_SETPERM, locked, 0x3b3b0000));
	REQUIRE_OK(key_control(KEYCTL_SET_TIMEOUT, expired, 1));
	while (key_control(KEYCTL_DESCRIBE, expired, NULL, 0) >= 0)
		usleep(10000);
	OBSERVE_OK("revoked", key_new("user", "name", "x", revoked));
	OBSERVE_OK("expired", key_new("user", "name", "x", expired));
	OBSERVE_OK("without the right to write", key_new("user", "name", "x", locked));
}

// As a user whom nobody else is, for the quota is the user's.
static void become_someone(void) {
	uid_t uid = 40000 + getpid() % 20000;
	REQUIRE_OK(setgid(uid));
	REQUIRE_OK(setuid(uid));
}

CASE(a_quota_of_keys, "root") {
	IN_CHILD(NULL) {
		become_someone();
		key_session();
		long n = 0, r = 0;
		for (; n < 100000 && r >= 0; n++)
			r = key_new("user", name("k%ld", n), "x", KEY_SPEC_SESSION_KEYRING);
		OBSERVE("then", "%s", errno_name(errno));
	}
}
