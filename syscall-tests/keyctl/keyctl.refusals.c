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

// Which of two mistakes is told.
CASE(what_is_looked_at_first, "kernel>=5.3") {
	key_id key = key_user();
	struct { int32_t id; uint32_t sizes[2], spare[7]; } of = {key}, spare = {key, {0}, {1}}, none = {0}, large = {key, {1 << 20, 1 << 20}};
	struct iovec part = {"x", 1}, bad = {bad_ptr(), 1}, longer = {"x", 1 << 21};
	OBSERVE_RET("restrict no key by a bad pointer", key_control(KEYCTL_RESTRICT_KEYRING, 0, bad_ptr(), bad_ptr()));
	OBSERVE_RET("restrict no key by half of it", key_control(KEYCTL_RESTRICT_KEYRING, 0, "user", NULL));
	OBSERVE_RET("restrict a key by half of it", key_control(KEYCTL_RESTRICT_KEYRING, key, "user", NULL));
	OBSERVE_RET("restrict a key by a bad pointer", key_control(KEYCTL_RESTRICT_KEYRING, key, bad_ptr(), "x"));
	OBSERVE_RET("restrict a key by an unknown type", key_control(KEYCTL_RESTRICT_KEYRING, key, "nonesuch", "x"));
	OBSERVE_RET("restrict a keyring by a bad pointer", key_control(KEYCTL_RESTRICT_KEYRING, key_ring("a"), bad_ptr(), "x"));
	OBSERVE_RET("restrict a keyring, bad in its restriction", key_control(KEYCTL_RESTRICT_KEYRING, key_ring("a"), "nonesuch", bad_ptr()));
	OBSERVE_RET("instantiate of 1025 parts", key_control(KEYCTL_INSTANTIATE_IOV, key, &part, 1025, 0));
	OBSERVE_RET("instantiate of bad parts", key_control(KEYCTL_INSTANTIATE_IOV, key, bad_ptr(), 1, 0));
	OBSERVE_RET("instantiate of a bad part", key_control(KEYCTL_INSTANTIATE_IOV, key, &bad, 1, 0));
	OBSERVE_RET("instantiate of a long part", key_control(KEYCTL_INSTANTIATE_IOV, key, &longer, 1, 0));
	OBSERVE_RET("instantiate of no parts", key_control(KEYCTL_INSTANTIATE_IOV, key, NULL, 5, 0));
	OBSERVE_RET("instantiate by a bad pointer", key_control(KEYCTL_INSTANTIATE, key, bad_ptr(), 5, 0));
	for (int cmd = KEYCTL_PKEY_ENCRYPT; cmd <= KEYCTL_PKEY_VERIFY; cmd++) {
		OBSERVE_RET(name("command %d", cmd), key_control(cmd, &of, "", "", ""));
		OBSERVE_RET(name("command %d, what is spare set", cmd), key_control(cmd, &spare, "", "", ""));
		OBSERVE_RET(name("command %d, and bad words", cmd), key_control(cmd, &spare, bad_ptr(), "", ""));
		OBSERVE_RET(name("command %d, no key and bad words", cmd), key_control(cmd, &none, bad_ptr(), "", ""));
		OBSERVE_RET(name("command %d, no key and unknown words", cmd), key_control(cmd, &none, "nonesuch", "", ""));
		OBSERVE_RET(name("command %d, a key and unknown words", cmd), key_control(cmd, &of, "nonesuch", "", ""));
		OBSERVE_RET(name("command %d, words without a value", cmd), key_control(cmd, &of, "enc", "", ""));
		OBSERVE_RET(name("command %d, words", cmd), key_control(cmd, &of, "enc=raw hash=sha1", "", ""));
		OBSERVE_RET(name("command %d, words twice", cmd), key_control(cmd, &of, "enc=raw enc=raw", "", ""));
		OBSERVE_RET(name("command %d, large", cmd), key_control(cmd, &large, "", "", ""));
	}
	for (int i = 0; i < 3; i++)
		OBSERVE_RET(name("query, words %d", i), key_control(KEYCTL_PKEY_QUERY, key, 0, (const char *[]){"nonesuch", "enc=", "enc=raw"}[i], bad_ptr()));
}

// KEYCTL_INSTANTIATE: whether there is a payload, where it would lie, how large it is; and only then, who asks.
CASE(instantiate_with_what) {
	static const unsigned long sizes[] = {0, 1, 100, (1 << 20) - 1, 1 << 20, 1ul << 31, 1ul << 40, -1ul};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		OBSERVE_RET(name("none, %#lx", sizes[i]), key_control(KEYCTL_INSTANTIATE, 1, NULL, sizes[i], 0));
		OBSERVE_RET(name("beyond all memory, %#lx", sizes[i]), key_control(KEYCTL_INSTANTIATE, 1, (void *)-1, sizes[i], 0));
		OBSERVE_RET(name("unmapped, %#lx", sizes[i]), key_control(KEYCTL_INSTANTIATE, 1, bad_ptr(), sizes[i], 0));
	}
}
