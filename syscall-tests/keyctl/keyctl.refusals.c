// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// keyctl: what is refused of keys that expired, of too much that is asked for, and of what a user may have.
#include "../harness/keys.h"

#include <sys/uio.h>

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
		key_id ring = key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
		OBSERVE_OK("a keyring of the thread's", key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1));
		OBSERVE_OK("a new session", key_control(KEYCTL_JOIN_SESSION_KEYRING, NULL));
		OBSERVE_RET("clear", key_control(KEYCTL_CLEAR, ring));
	}
}

CASE(of_a_key_that_may_not_be_used) {
	key_id key = key_user(), ring = key_ring("a");
	REQUIRE_OK(key_control(KEYCTL_SETPERM, key, 0x01010000));
	OBSERVE_RET("read", key_control(KEYCTL_READ, key, NULL, 0));
	OBSERVE_RET("update", key_control(KEYCTL_UPDATE, key, "x", 1));
	OBSERVE_RET("link", key_control(KEYCTL_LINK, key, ring));
	OBSERVE_OK("search", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0));
	REQUIRE_OK(key_control(KEYCTL_SETPERM, ring, 0x01010000));
	OBSERVE_OK("add to a keyring", key_new("user", "other", "x", ring));
	OBSERVE_RET("clear a keyring", key_control(KEYCTL_CLEAR, ring));
}
