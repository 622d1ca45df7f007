// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// keyctl: what does each command answer, with a key, without one, and with arguments that are wrong?
#include "../harness/keys.h"

#include <sys/uio.h>

static const key_id special[] = {-1, -2, -3, -4, -5, -6, -7, -8, -9, 0, 0x7fffffff};

CASE(unknown_commands) {
	for (int i = 0; i < 4; i++)
		OBSERVE_RET(name("command %d", (const int[]){-1, 33, 100, 0x7fffffff}[i]), key_control((const int[]){-1, 33, 100, 0x7fffffff}[i], 0, 0, 0, 0));
}

CASE(get_keyring_id) {
	key_session();
	for (size_t i = 0; i < sizeof special / sizeof *special; i++)
		if (special[i] > -4 || special[i] < -5) // the user's own are nobody's business
			OBSERVE_OK(name("special %d", special[i]), key_control(KEYCTL_GET_KEYRING_ID, special[i], 0));
	OBSERVE_OK("the thread's, made", key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1));
	OBSERVE_OK("the thread's, there", key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0));
	OBSERVE_OK("the process's, made", key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
	CHECK_EQ(key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0), key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
}

CASE(join_session_keyring) {
	key_id a = REQUIRE_OK(key_control(KEYCTL_JOIN_SESSION_KEYRING, NULL)), b = REQUIRE_OK(key_control(KEYCTL_JOIN_SESSION_KEYRING, NULL));
	CHECK(a != b);
	OBSERVE_OK("named", key_control(KEYCTL_JOIN_SESSION_KEYRING, name("ditto-%d", getpid())));
	OBSERVE_OK("with a dot", key_control(KEYCTL_JOIN_SESSION_KEYRING, ".dot"));
	OBSERVE_OK("empty", key_control(KEYCTL_JOIN_SESSION_KEYRING, ""));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_OK(p->name, key_control(KEYCTL_JOIN_SESSION_KEYRING, p->p));
}

CASE(session_belongs_to_the_process) {
	key_id key = key_user();
	IN_CHILD(NULL) {
		OBSERVE("inherited", "%s", key_value(key));
		key_session();
		OBSERVE_OK("in a session of its own", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0));
	}
	OBSERVE_OK("the parent's", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0));
}

CASE(update) {
	key_id key = key_user();
	OBSERVE_RET("longer", key_control(KEYCTL_UPDATE, key, "another payload", 15));
	OBSERVE("now", "%s", key_value(key));
	OBSERVE_RET("empty", key_control(KEYCTL_UPDATE, key, "", 0));
	OBSERVE_RET("a keyring", key_control(KEYCTL_UPDATE, KEY_SPEC_SESSION_KEYRING, "x", 1));
	OBSERVE_RET("none", key_control(KEYCTL_UPDATE, 0, "x", 1));
	OBSERVE_RET("32767", key_control(KEYCTL_UPDATE, key, calloc(1, 40000), 32767));
	OBSERVE_RET("32768", key_control(KEYCTL_UPDATE, key, calloc(1, 40000), 32768));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, key_control(KEYCTL_UPDATE, key, p->p, 4));
}

CASE(revoke) {
	key_id key = key_user();
	OBSERVE_RET("revoke", key_control(KEYCTL_REVOKE, key));
	OBSERVE_RET("again", key_control(KEYCTL_REVOKE, key));
	OBSERVE("described", "%s", key_text(key));
	OBSERVE("read", "%s", key_value(key));
	OBSERVE_OK("found", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0));
	OBSERVE_RET("none", key_control(KEYCTL_REVOKE, 0));
}

CASE(invalidate) {
	key_id key = key_user();
	OBSERVE_RET("invalidate", key_control(KEYCTL_INVALIDATE, key));
	OBSERVE("described", "%s", key_text(key));
	// Linux takes it out of its keyrings some time later.
	while (key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0) < 0 && errno == EKEYREVOKED)
		usleep(1000);
	OBSERVE_OK("found", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0));
	OBSERVE_RET("again", key_control(KEYCTL_INVALIDATE, key));
}

CASE(chown, "root") {
	key_id key = key_user();
	OBSERVE("before", "%s", key_text(key));
	OBSERVE_RET("to 5, 6", key_control(KEYCTL_CHOWN, key, 5, 6));
	OBSERVE("after", "%s", key_text(key));
	OBSERVE_RET("to nobody new", key_control(KEYCTL_CHOWN, key, -1, -1));
	OBSERVE_RET("none", key_control(KEYCTL_CHOWN, 0, 5, 6));
	key_id mine = REQUIRE_OK(key_new("user", "mine", "x", KEY_SPEC_SESSION_KEYRING));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("by nobody", key_control(KEYCTL_CHOWN, mine, 65534, -1));
	}
}

CASE(setperm) {
	key_id key = key_user();
	for (int i = 0; i < 6; i++) {
		unsigned perm = (const unsigned[]){0x3f3f0000, 0x3f3f3f3f, 0x01010000, 0x40000000, 0x80808080, 0x3f000000}[i];
		OBSERVE_RET(name("%#x", perm), key_control(KEYCTL_SETPERM, key, perm));
		OBSERVE(name("%#x: described", perm), "%s", key_text(key));
		OBSERVE(name("%#x: read", perm), "%s", key_value(key));
	}
}

CASE(describe) {
	key_id key = key_user();
	char text[100];
	OBSERVE("user", "%s", key_text(key));
	OBSERVE("session", "%s", key_text(KEY_SPEC_SESSION_KEYRING));
	for (int size = 0; size < 40; size += 13) {
		memset(text, '.', sizeof text);
		OBSERVE_RET(name("into %d", size), key_control(KEYCTL_DESCRIBE, key, text, size));
		OBSERVE(name("into %d: written", size), "%s", text[0] == '.' ? "no" : "yes");
	}
	OBSERVE_RET("NULL", key_control(KEYCTL_DESCRIBE, key, NULL, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, key_control(KEYCTL_DESCRIBE, key, p->p, 100));
	OBSERVE_RET("none", key_control(KEYCTL_DESCRIBE, 0, text, 100));
}

CASE(clear) {
	key_user();
	OBSERVE("keys", "%ld", key_links(KEY_SPEC_SESSION_KEYRING));
	OBSERVE_RET("clear", key_control(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING));
	OBSERVE("keys left", "%ld", key_links(KEY_SPEC_SESSION_KEYRING));
	key_id key = REQUIRE_OK(key_new("user", "name", "x", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_RET("what is no keyring", key_control(KEYCTL_CLEAR, key));
}

CASE(link_and_unlink) {
	key_id key = key_user(), a = key_ring("a"), b = key_ring("b");
	OBSERVE_RET("into a", key_control(KEYCTL_LINK, key, a));
	OBSERVE_RET("into a again", key_control(KEYCTL_LINK, key, a));
	OBSERVE("in a", "%ld", key_links(a));
	OBSERVE_RET("a into b", key_control(KEYCTL_LINK, a, b));
	OBSERVE_RET("b into a", key_control(KEYCTL_LINK, b, a));
	OBSERVE_RET("a into itself", key_control(KEYCTL_LINK, a, a));
	OBSERVE_RET("into a key", key_control(KEYCTL_LINK, a, key));
	OBSERVE_RET("out of a", key_control(KEYCTL_UNLINK, key, a));
	OBSERVE_RET("out of a again", key_control(KEYCTL_UNLINK, key, a));
	OBSERVE_RET("out of a key", key_control(KEYCTL_UNLINK, a, key));
	OBSERVE_RET("out of the session", key_control(KEYCTL_UNLINK, key, KEY_SPEC_SESSION_KEYRING));
}

CASE(nesting_has_a_limit) {
	key_session();
	key_id last = key_ring("0");
	int n = 1;
	for (; n < 20; n++) {
		key_id next = key_ring(name("%d", n));
		if (key_control(KEYCTL_LINK, last, next) < 0)
			break;
		last = next;
	}
	OBSERVE("levels", "%d", n);
	OBSERVE("then", "%s", errno_name(errno));
}

CASE(search) {
	key_id key = key_user(), a = key_ring("a"), deep = REQUIRE_OK(key_new("user", "deep", "x", a)), b = key_ring("b");
	CHECK_EQ(key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0), key);
	CHECK_EQ(key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "deep", b), deep);
	OBSERVE("linked", "%ld", key_links(b));
	OBSERVE_OK("none", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "none", 0));
	OBSERVE_OK("no such type", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "nonesuch", "name", 0));
	OBSERVE_OK("a type with a dot", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, ".type", "name", 0));
	OBSERVE_OK("in a key", key_control(KEYCTL_SEARCH, key, "user", "name", 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_OK(name("type %s", p->name), key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, p->p, "name", 0));
		OBSERVE_OK(name("text %s", p->name), key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", p->p, 0));
	}
}

CASE(read) {
	key_id key = key_user();
	char text[100];
	for (int size = 0; size < 10; size += 3) {
		memset(text, '.', sizeof text);
		OBSERVE_RET(name("into %d", size), key_control(KEYCTL_READ, key, text, size));
		OBSERVE(name("into %d: text", size), "%.10s", text);
	}
	OBSERVE_RET("NULL", key_control(KEYCTL_READ, key, NULL, 0));
	OBSERVE("a keyring", "%ld", key_links(KEY_SPEC_SESSION_KEYRING));
	REQUIRE_OK(key_new("logon", "prefix:name", "secret", KEY_SPEC_SESSION_KEYRING));
	OBSERVE_RET("a logon key", key_control(KEYCTL_READ, REQUIRE_OK(key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "logon", "prefix:name", 0)), text, 100));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_RET(p->name, key_control(KEYCTL_READ, key, p->p, 100));
}

CASE(instantiate_without_authority) {
	key_id key = key_user();
	struct iovec part = {"x", 1};
	OBSERVE_RET("instantiate", key_control(KEYCTL_INSTANTIATE, key, "x", 1, 0));
	OBSERVE_RET("instantiate_iov", key_control(KEYCTL_INSTANTIATE_IOV, key, &part, 1, 0));
	OBSERVE_RET("negate", key_control(KEYCTL_NEGATE, key, 10, 0));
	OBSERVE_RET("reject", key_control(KEYCTL_REJECT, key, 10, EKEYREJECTED, 0));
	OBSERVE_RET("reject with an errno that is none", key_control(KEYCTL_REJECT, key, 10, 4096, 0));
	OBSERVE_RET("assume authority", key_control(KEYCTL_ASSUME_AUTHORITY, key));
	OBSERVE_RET("assume none", key_control(KEYCTL_ASSUME_AUTHORITY, 0));
	OBSERVE_RET("assume a negative one", key_control(KEYCTL_ASSUME_AUTHORITY, -1));
}

CASE(set_reqkey_keyring) {
	key_session();
	for (int i = -2; i < 10; i++)
		OBSERVE_RET(name("%d", i), key_control(KEYCTL_SET_REQKEY_KEYRING, i));
}

CASE(set_timeout) {
	key_id key = key_user();
	OBSERVE_RET("a thousand seconds", key_control(KEYCTL_SET_TIMEOUT, key, 1000));
	OBSERVE("read", "%s", key_value(key));
	OBSERVE_RET("none", key_control(KEYCTL_SET_TIMEOUT, key, 0));
	OBSERVE_RET("no key", key_control(KEYCTL_SET_TIMEOUT, 0, 10));
}

CASE(expires) {
	key_id key = key_user();
	REQUIRE_OK(key_control(KEYCTL_SET_TIMEOUT, key, 1));
	while (key_control(KEYCTL_DESCRIBE, key, NULL, 0) >= 0)
		usleep(10000);
	OBSERVE("described", "%s", errno_name(errno));
	OBSERVE("read", "%s", key_value(key));
	OBSERVE_OK("found", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "name", 0));
}

CASE(get_security) {
	key_id key = key_user();
	char text[100];
	OBSERVE_OK("of a key", key_control(KEYCTL_GET_SECURITY, key, text, 100));
	OBSERVE_OK("of none", key_control(KEYCTL_GET_SECURITY, 0, text, 100));
}

CASE(session_to_parent) {
	key_session();
	long before = key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	IN_CHILD(NULL) {
		OBSERVE_RET("the same session", key_control(KEYCTL_SESSION_TO_PARENT));
		key_session();
		REQUIRE_OK(key_new("user", "given", "by the child", KEY_SPEC_SESSION_KEYRING));
		OBSERVE_RET("another session", key_control(KEYCTL_SESSION_TO_PARENT));
	}
	CHECK(key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) != before);
	OBSERVE("what the child gave", "%s", key_value(REQUIRE_OK(key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "given", 0))));
	OBSERVE_OK("is for good", key_new("user", "more", "x", KEY_SPEC_SESSION_KEYRING));
	IN_CHILD(NULL)
		OBSERVE_OK("children have it", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "more", 0));
	IN_CHILD(NULL) { // the last of two counts
		key_session();
		REQUIRE_OK(key_control(KEYCTL_SESSION_TO_PARENT));
		key_session();
		REQUIRE_OK(key_new("user", "second", "x", KEY_SPEC_SESSION_KEYRING));
		REQUIRE_OK(key_control(KEYCTL_SESSION_TO_PARENT));
	}
	OBSERVE_OK("the last", key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "second", 0));
}

static void *wait_on(void *fd) {
	char c;
	return (void *)read((long)fd, &c, 1);
}

CASE(session_to_whom_it_may_not_go, "root") {
	int p[2];
	REQUIRE_OK(pipe(p));
	IN_CHILD(NULL) {
		key_session();
		IN_CHILD(NULL) {
			key_session();
			REQUIRE_OK(setresuid(1000, 1000, 1000));
			OBSERVE_RET("another user's, of another session's owner", key_control(KEYCTL_SESSION_TO_PARENT));
		}
		IN_CHILD(NULL) {
			REQUIRE_OK(setresuid(1000, 1000, 1000));
			key_session();
			OBSERVE_RET("another user's", key_control(KEYCTL_SESSION_TO_PARENT));
		}
		IN_CHILD(NULL) {
			key_session();
			REQUIRE_OK(setresgid(-1, 1000, -1));
			OBSERVE_RET("another group's", key_control(KEYCTL_SESSION_TO_PARENT));
		}
		IN_CHILD(NULL) {
			REQUIRE_OK(setresuid(-1, -1, 1000));
			IN_CHILD(NULL) {
				key_session();
				OBSERVE_RET("a parent with a saved id", key_control(KEYCTL_SESSION_TO_PARENT));
			}
		}
		pthread_t t;
		REQUIRE_OK(-pthread_create(&t, NULL, wait_on, (void *)(long)p[0]));
		IN_CHILD(NULL) {
			key_session();
			OBSERVE_RET("a parent with threads", key_control(KEYCTL_SESSION_TO_PARENT));
		}
		REQUIRE_OK(write(p[1], "x", 1));
		pthread_join(t, NULL);
	}
}

CASE(get_persistent, "root") {
	key_session();
	OBSERVE_OK("one's own", key_control(KEYCTL_GET_PERSISTENT, 4242, KEY_SPEC_SESSION_KEYRING));
	OBSERVE_OK("into what is no keyring", key_control(KEYCTL_GET_PERSISTENT, 4242, 0));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("another's, by nobody", key_control(KEYCTL_GET_PERSISTENT, 4242, KEY_SPEC_SESSION_KEYRING));
	}
}

CASE(restrict_keyring) {
	key_session();
	key_id ring = key_ring("a");
	OBSERVE_RET("to none", key_control(KEYCTL_RESTRICT_KEYRING, ring, NULL, NULL));
	OBSERVE_OK("then", key_new("user", "name", "x", ring));
	OBSERVE_RET("again", key_control(KEYCTL_RESTRICT_KEYRING, ring, NULL, NULL));
	OBSERVE_RET("no such type", key_control(KEYCTL_RESTRICT_KEYRING, key_ring("b"), "nonesuch", "x"));
	OBSERVE_RET("what is no keyring", key_control(KEYCTL_RESTRICT_KEYRING, REQUIRE_OK(key_new("user", "k", "x", KEY_SPEC_SESSION_KEYRING)), NULL, NULL));
}

CASE(move, "kernel>=5.3") {
	key_id key = key_user(), a = key_ring("a"), b = key_ring("b");
	REQUIRE_OK(key_control(KEYCTL_LINK, key, a));
	OBSERVE_RET("a to b", key_control(30, key, a, b, 0));
	OBSERVE("a", "%ld", key_links(a));
	OBSERVE("b", "%ld", key_links(b));
	OBSERVE_RET("not there", key_control(30, key, a, b, 0));
	OBSERVE_RET("to itself", key_control(30, key, b, b, 0));
	REQUIRE_OK(key_new("user", "name", "other", a));
	OBSERVE_RET("over another, not wanted", key_control(30, key, b, a, 1));
	OBSERVE_RET("over another", key_control(30, key, b, a, 0));
	OBSERVE_RET("unknown flag", key_control(30, key, a, b, 2));
}

CASE(capabilities, "kernel>=5.3") {
	unsigned char bits[8] = {0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa};
	OBSERVE_RET("none", key_control(31, NULL, 0));
	OBSERVE_RET("eight", key_control(31, bits, 8));
	OBSERVE("beyond the known", "%d %d", bits[6], bits[7]);
	OBSERVE_RET("one", key_control(31, bits, 1));
}

CASE(of_public_keys) {
	key_id key = key_user();
	uint32_t info[16] = {0};
	for (int cmd = KEYCTL_PKEY_QUERY; cmd <= KEYCTL_PKEY_VERIFY; cmd++) {
		OBSERVE_RET(name("command %d, a user's key", cmd), key_control(cmd, key, 0, "", info));
		OBSERVE_RET(name("command %d, none", cmd), key_control(cmd, 0, 0, "", info));
		OBSERVE_RET(name("command %d, bad pointers", cmd), key_control(cmd, bad_ptr(), bad_ptr(), bad_ptr(), bad_ptr()));
	}
}

CASE(dh_compute) {
	int32_t keys[3] = {0, 0, 0};
	char out[64];
	OBSERVE_RET("no keys", key_control(KEYCTL_DH_COMPUTE, keys, out, sizeof out, NULL));
	OBSERVE_RET("bad pointer", key_control(KEYCTL_DH_COMPUTE, bad_ptr(), out, sizeof out, NULL));
	OBSERVE_RET("NULL", key_control(KEYCTL_DH_COMPUTE, NULL, NULL, 0, NULL));
}

CASE(watch_key) {
	key_id key = key_user();
	OBSERVE_RET("no descriptor", key_control(32, key, -1, 1));
	OBSERVE_RET("what is no queue", key_control(32, key, 0, 1));
	OBSERVE_RET("a number too large", key_control(32, key, 0, 256));
}

CASE(read_a_keyring_in_part) {
	key_user();
	key_ring("a");
	for (int size = 0; size < 10; size++) {
		char text[10];
		memset(text, '.', sizeof text);
		OBSERVE_RET(name("into %d", size), key_control(KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, text, size));
		OBSERVE(name("into %d: written", size), "%s", memcmp(text, "..........", sizeof text) ? "yes" : "no");
	}
}

// Who knows a key's number and is its owner, but has it in none of his keyrings, is no possessor.
CASE(not_possessed) {
	key_id key = key_user(), ring = key_ring("a");
	IN_CHILD(NULL) {
		key_session();
		OBSERVE("described", "%s", key_text(key));
		OBSERVE("read", "%s", key_value(key));
		OBSERVE_RET("update", key_control(KEYCTL_UPDATE, key, "x", 1));
		OBSERVE_RET("link", key_control(KEYCTL_LINK, key, KEY_SPEC_SESSION_KEYRING));
		OBSERVE_RET("setperm", key_control(KEYCTL_SETPERM, key, 0x3f3f0000));
		OBSERVE_RET("set_timeout", key_control(KEYCTL_SET_TIMEOUT, key, 100));
		OBSERVE_RET("revoke", key_control(KEYCTL_REVOKE, key));
		OBSERVE_RET("invalidate", key_control(KEYCTL_INVALIDATE, key));
		OBSERVE_RET("chown", key_control(KEYCTL_CHOWN, key, 0, 0));
		OBSERVE_OK("security", key_control(KEYCTL_GET_SECURITY, key, NULL, 0));
		OBSERVE_RET("clear", key_control(KEYCTL_CLEAR, ring));
		OBSERVE_OK("add", key_new("user", "new", "x", ring));
		OBSERVE_OK("search", key_control(KEYCTL_SEARCH, ring, "user", "none", 0));
		OBSERVE_RET("unlink", key_control(KEYCTL_UNLINK, key, ring));
		OBSERVE_RET("restrict", key_control(KEYCTL_RESTRICT_KEYRING, ring, NULL, NULL));
	}
}

// Each byte of the mask alone, for one who owns the key and does not possess it, and for one who is another.
CASE(masks, "root") {
	key_id key = key_user();
	for (int byte = 0; byte < 4; byte++) {
		REQUIRE_OK(key_control(KEYCTL_SETPERM, key, 0x3fu << 8 * byte | 0x28000000));
		for (int other = 0; other < 2; other++)
			IN_CHILD(NULL) {
				key_session();
				if (other)
					become_nobody();
				OBSERVE(name("byte %d, %s: read", byte, other ? "another" : "the owner"), "%s", key_value(key));
				OBSERVE_RET(name("byte %d, %s: setperm", byte, other ? "another" : "the owner"), key_control(KEYCTL_SETPERM, key, 0x3fu << 8 * byte | 0x28000000));
			}
	}
}

static void *thread_keyring(void *ids) {
	((key_id *)ids)[0] = key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0);
	((key_id *)ids)[1] = key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0);
	((key_id *)ids)[2] = key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	return NULL;
}

CASE(threads_and_children) {
	key_id mine[3], theirs[3] = {0};
	key_session();
	REQUIRE_OK(key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1));
	REQUIRE_OK(key_control(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
	thread_keyring(mine);
	thread_join(thread_start(thread_keyring, theirs));
	OBSERVE("a thread's own", "%s", theirs[0] < 0 ? "none" : theirs[0] == mine[0] ? "the same" : "another");
	CHECK_EQ(theirs[1], mine[1]);
	CHECK_EQ(theirs[2], mine[2]);
	IN_CHILD(NULL) {
		thread_keyring(theirs);
		OBSERVE("a child's thread", "%s", theirs[0] < 0 ? "none" : theirs[0] == mine[0] ? "the same" : "another");
		OBSERVE("a child's process", "%s", theirs[1] < 0 ? "none" : theirs[1] == mine[1] ? "the same" : "another");
		CHECK_EQ(theirs[2], mine[2]);
	}
}

// Linux lets a key go some time after its last link.
static void wait_until_gone(key_id key) {
	while (key_control(KEYCTL_DESCRIBE, key, NULL, 0) >= 0 || errno != ENOKEY)
		usleep(1000);
}

CASE(gone_with_the_last_link) {
	key_id key = key_user(), a = key_ring("a");
	REQUIRE_OK(key_control(KEYCTL_LINK, key, a));
	REQUIRE_OK(key_control(KEYCTL_UNLINK, key, KEY_SPEC_SESSION_KEYRING));
	OBSERVE("linked once more", "%s", key_value(key));
	REQUIRE_OK(key_control(KEYCTL_UNLINK, key, a));
	wait_until_gone(key);
	key_id in = REQUIRE_OK(key_new("user", "in it", "x", a));
	REQUIRE_OK(key_control(KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING));
	wait_until_gone(a);
	wait_until_gone(in);
}

CASE(quota, "root") {
	key_session();
	IN_CHILD(NULL) {
		if (setresuid(4343, 4343, 4343) < 0)
			SKIP("no such user can be had");
		key_session();
		char text[20000];
		memset(text, 'x', sizeof text);
		OBSERVE_OK("19000 bytes", syscall(SYS_add_key, "user", "a", text, 19000, KEY_SPEC_SESSION_KEYRING));
		OBSERVE_OK("a thousand more", syscall(SYS_add_key, "user", "b", text, 1000, KEY_SPEC_SESSION_KEYRING));
		OBSERVE_OK("a hundred more", syscall(SYS_add_key, "user", "b", text, 100, KEY_SPEC_SESSION_KEYRING));
		OBSERVE_RET("the first made larger", key_control(KEYCTL_UPDATE, key_control(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "b", 0), text, 2000));
	}
}
