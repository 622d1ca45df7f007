// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// request_key: where is a key looked for, and what is said when there is none and nobody can be asked?
#include "../harness/keys.h"

static long request(const char *type, const char *text, const char *info, key_id ring) { return syscall(SYS_request_key, type, text, info, ring); }

CASE(finds_what_is_there) {
	key_id key = key_user(), a = key_ring("a");
	CHECK_EQ(request("user", "name", NULL, 0), key);
	CHECK_EQ(request("user", "name", NULL, a), key);
	OBSERVE("linked into it", "%ld", key_links(a));
	key_id deep = REQUIRE_OK(key_new("user", "deep", "x", a));
	CHECK_EQ(request("user", "deep", NULL, 0), deep);
}

CASE(order_of_keyrings) {
	key_session();
	key_id thread = REQUIRE_OK(key_new("user", "name", "t", KEY_SPEC_THREAD_KEYRING));
	key_id process = REQUIRE_OK(key_new("user", "name", "p", KEY_SPEC_PROCESS_KEYRING));
	key_id session = REQUIRE_OK(key_new("user", "name", "s", KEY_SPEC_SESSION_KEYRING));
	CHECK_EQ(request("user", "name", NULL, 0), thread);
	REQUIRE_OK(key_control(KEYCTL_UNLINK, thread, KEY_SPEC_THREAD_KEYRING));
	CHECK_EQ(request("user", "name", NULL, 0), process);
	REQUIRE_OK(key_control(KEYCTL_UNLINK, process, KEY_SPEC_PROCESS_KEYRING));
	CHECK_EQ(request("user", "name", NULL, 0), session);
}

CASE(none_there) {
	key_session();
	OBSERVE_OK("without information", request("user", "none", NULL, 0));
	OBSERVE_OK("no such type", request("nonesuch", "none", NULL, 0));
	OBSERVE_OK("a type with a dot", request(".x", "none", NULL, 0));
	OBSERVE_OK("no type", request("", "none", NULL, 0));
	OBSERVE_OK("into a keyring that is none", request("user", "none", NULL, 0x7ffffff0));
}

CASE(revoked_ones) {
	key_id key = key_user();
	REQUIRE_OK(key_control(KEYCTL_REVOKE, key));
	OBSERVE_OK("revoked", request("user", "name", NULL, 0));
}

CASE(pointers) {
	key_session();
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_OK(name("type %s", p->name), request(p->p, "name", NULL, 0));
		OBSERVE_OK(name("description %s", p->name), request("user", p->p, NULL, 0));
		OBSERVE_OK(name("information %s", p->name), request("user", "none", p->p, 0));
	}
}

// Whoever is asked knows nothing of a user's key; what is said then depends on whether there is somebody to ask
// (/sbin/request-key). It is remembered in the keyring which the key would have gone to.
CASE(nobody_knows_it) {
	key_session();
	CHECK(request("user", "none", "information", 0) == -1 && (errno == ENOKEY || errno == ENOENT));
	OBSERVE("remembered", "%ld", key_links(KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("again", request("user", "none", NULL, 0));
	OBSERVE_OK("searched", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "none", 0));
	key_id a = key_ring("a");
	CHECK(request("user", "another", "information", a) == -1 && (errno == ENOKEY || errno == ENOENT));
	OBSERVE("remembered there", "%ld", key_links(a));
	OBSERVE_OK("a keyring", request("keyring", "none", "information", 0));
	key_id key = REQUIRE_OK(key_new("user", "none", "x", KEY_SPEC_SESSION_KEYRING));
	CHECK_EQ(request("user", "none", NULL, 0), key);
}

CASE(asked_for_into_the_default) {
	key_session();
	REQUIRE_OK(key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
	request("user", "none", "information", 0);
	OBSERVE("the process's", "%ld", key_links(KEY_SPEC_PROCESS_KEYRING));
	REQUIRE_OK(key_control(KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_SESSION_KEYRING));
	request("user", "another", "information", 0);
	OBSERVE("the session's", "%ld", key_links(KEY_SPEC_SESSION_KEYRING));
}
