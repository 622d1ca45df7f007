// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgget: keys, flags, what a second caller gets, and permissions.
#include "../harness/sysv.h"

CASE(keys_and_flags) {
	key_t k = key_of(1);
	CHECK_ERR(msgget_(k, 0600), ENOENT);
	CHECK_ERR(msgget_(k, IPC_EXCL | 0600), ENOENT);
	int id = REQUIRE_OK(msgget_(k, IPC_CREAT | 0640));
	OBSERVE("fresh", "%s", msg_text(id));
	CHECK_EQ(msgget_(k, 0), id);
	CHECK_EQ(msgget_(k, IPC_CREAT), id);
	CHECK_EQ(msgget_(k, IPC_EXCL), id);
	CHECK_ERR(msgget_(k, IPC_CREAT | IPC_EXCL), EEXIST);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE(name("bit %d", bit), "%s", msgget_(k, 1u << bit) == id ? "it" : errno_name(errno));
	int other = REQUIRE_OK(msgget_(IPC_PRIVATE, 0)), third = REQUIRE_OK(msgget_(IPC_PRIVATE, IPC_CREAT | IPC_EXCL));
	CHECK(other != id && third != id && other != third);
	REQUIRE_OK(msgctl_(id, IPC_RMID, NULL));
	REQUIRE_OK(msgctl_(other, IPC_RMID, NULL));
	REQUIRE_OK(msgctl_(third, IPC_RMID, NULL));
	CHECK_ERR(msgget_(k, 0), ENOENT);
}

static void get_as(const char *who, int mode) {
	int id = REQUIRE_OK(msgget_(key_of(2), IPC_CREAT | mode));
	struct msqid_ds d = {.msg_perm = {.uid = 1000, .gid = 1000, .mode = mode}, .msg_qbytes = 100};
	REQUIRE_OK(msgctl_(id, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		char got[64] = "";
		static const int wants[] = {0, 0400, 0200, 0100, 0600, 0040, 0002, 0777};
		for (int i = 0; i < 8; i++)
			sprintf(got + strlen(got), " %o:%s", wants[i], msgget_(key_of(2), wants[i]) == id ? "ok" : errno_name(errno) + 1);
		OBSERVE(name("%s, mode %o", who, mode), "%s", got);
	}
	REQUIRE_OK(msgctl_(id, IPC_RMID, NULL));
}

CASE(permissions, "root") { for_each_access(get_as); }
