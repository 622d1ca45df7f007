// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of keys: a session keyring of the case's own, and keys in it.
#ifndef DITTO_HARNESS_KEYS_H
#define DITTO_HARNESS_KEYS_H

#include "harness.h"

#include <linux/keyctl.h>

typedef int32_t key_id;

#define key_control(...) syscall(SYS_keyctl, __VA_ARGS__)

static inline key_id key_new(const char *type, const char *text, const char *payload, key_id ring) {
	return syscall(SYS_add_key, type, text, payload, payload ? strlen(payload) : 0, ring);
}

// An anonymous session keyring, so that nothing of the case is seen elsewhere.
static inline key_id key_session(void) { return REQUIRE_OK(key_control(KEYCTL_JOIN_SESSION_KEYRING, NULL)); }

// A key "name" of the type user in a session keyring of its own.
static inline key_id key_user(void) {
	key_session();
	return REQUIRE_OK(key_new("user", "name", "payload", KEY_SPEC_SESSION_KEYRING));
}

static inline key_id key_ring(const char *text) { return REQUIRE_OK(key_new("keyring", text, NULL, KEY_SPEC_SESSION_KEYRING)); }

// What KEYCTL_DESCRIBE says.
static inline const char *key_text(key_id key) {
	static char text[4][300];
	static int turn;
	char *t = text[turn++ % 4];
	memset(t, 0, 300);
	return key_control(KEYCTL_DESCRIBE, key, t, 299) < 0 ? errno_name(errno) : t;
}

static inline const char *key_value(key_id key) {
	static char text[4][300];
	static int turn;
	char *t = text[turn++ % 4];
	memset(t, 0, 300);
	return key_control(KEYCTL_READ, key, t, 299) < 0 ? errno_name(errno) : t;
}

// How many keys a keyring has.
static inline long key_links(key_id ring) {
	key_id ids[100];
	long n = key_control(KEYCTL_READ, ring, ids, sizeof ids);
	return n < 0 ? n : n / (long)sizeof *ids;
}

#endif
