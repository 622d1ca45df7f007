// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// add_key: which types, names and payloads are taken, into which keyring?
#include "../harness/keys.h"

CASE(types) {
	static const char *const types[] = {"user", "keyring", "logon", "big_key", "nonesuch", "", ".dot", "a type of more than thirty-one bytes"};
	key_session();
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		OBSERVE_OK(name("\"%s\"", types[i]), key_new(types[i], "a:b", "x", KEY_SPEC_SESSION_KEYRING));
		OBSERVE_OK(name("\"%s\" without payload", types[i]), key_new(types[i], "a:c", NULL, KEY_SPEC_SESSION_KEYRING));
	}
}

CASE(descriptions) {
	static char long_text[5000];
	key_session();
	memset(long_text, 'n', sizeof long_text - 1);
	OBSERVE_OK("empty", key_new("user", "", "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("with a dot", key_new("user", ".x", "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("a keyring with a dot", key_new("keyring", ".x", NULL, KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("NULL", key_new("user", NULL, "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("a logon key without a colon", key_new("logon", "plain", "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("a logon key that begins with one", key_new("logon", ":plain", "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("of 4095", key_new("user", long_text + 4999 - 4095, "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("of 4096", key_new("user", long_text + 4999 - 4096, "x", KEY_SPEC_SESSION_KEYRING));
}

CASE(payloads) {
	static char zeros[1 << 20 | 2];
	static const long sizes[] = {0, 1, 32767, 32768, 1048575, 1048576, -1};
	key_session();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		OBSERVE_OK(name("%ld bytes", sizes[i]), syscall(SYS_add_key, "user", "name", zeros, sizes[i], KEY_SPEC_SESSION_KEYRING));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_OK(p->name, syscall(SYS_add_key, "user", "name", p->p, 4, KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("no payload, a length", syscall(SYS_add_key, "user", "name", NULL, 4, KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("the memory ends", syscall(SYS_add_key, "user", "name", guard_end(3), 4, KEY_SPEC_SESSION_KEYRING));
}

CASE(into) {
	key_session();
	key_id key = REQUIRE_OK(key_new("user", "name", "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("a key", key_new("user", "other", "x", key));
	OBSERVE_OK("none", key_new("user", "other", "x", 0));
	OBSERVE_OK("the thread's", key_new("user", "other", "x", KEY_SPEC_THREAD_KEYRING));
	OBSERVE_OK("the process's", key_new("user", "other", "x", KEY_SPEC_PROCESS_KEYRING));
	OBSERVE_OK("the group's", key_new("user", "other", "x", KEY_SPEC_GROUP_KEYRING));
	OBSERVE_OK("number -9", key_new("user", "other", "x", -9));
	OBSERVE_OK("a number that is none", key_new("user", "other", "x", 0x7ffffff0));
}

CASE(the_same_name_again) {
	key_session();
	key_id a = REQUIRE_OK(key_new("user", "name", "first", KEY_SPEC_SESSION_KEYRING));
	CHECK_EQ(key_new("user", "name", "second", KEY_SPEC_SESSION_KEYRING), a);
	OBSERVE("value", "%s", key_value(a));
	key_id r = key_ring("ring");
	OBSERVE("another keyring", "%s", key_ring("ring") == r ? "the same" : "another");
	OBSERVE("links", "%ld", key_links(KEY_SPEC_SESSION_KEYRING));
}

CASE(pointers) {
	key_session();
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_OK(name("type %s", p->name), key_new(p->p, "name", "x", KEY_SPEC_SESSION_KEYRING));
		OBSERVE_OK(name("description %s", p->name), key_new("user", p->p, "x", KEY_SPEC_SESSION_KEYRING));
	}
}
