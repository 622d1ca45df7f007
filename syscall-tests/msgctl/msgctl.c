// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgctl: every command, on what it works, who may, what it changes, and the structs byte by byte.
#include "../harness/sysv.h"

static const int commands[] = {IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, MSG_STAT, MSG_INFO, MSG_STAT_ANY};
#define NCOMMANDS ((int)(sizeof commands / sizeof *commands))

CASE(commands_on_nothing) {
	char buf[200] = {0};
	for (int i = 0; i < NCOMMANDS; i++) {
		int c = commands[i];
		if (c != MSG_INFO && c != IPC_INFO && c != MSG_STAT && c != MSG_STAT_ANY)
			OBSERVE_RET(name("command %d, no such id", c), msgctl_(0x7ffffff, c, buf));
		OBSERVE_RET(name("command %d, id -1", c), msgctl_(-1, c, buf));
	}
	int id = REQUIRE_OK(msgget_(IPC_PRIVATE, 0600));
	for (int c = 4; c < 11; c++)
		CHECK_ERR(msgctl_(id, c, buf), EINVAL);
	CHECK_ERR(msgctl_(id, 14, buf), EINVAL);
	CHECK_ERR(msgctl_(id, -1, buf), EINVAL);
	OBSERVE_RET("IPC_64", msgctl_(id, IPC_STAT | 0x100, buf));
	REQUIRE_OK(msgctl_(id, IPC_RMID, NULL));
}

CASE(bad_memory) {
	int id = REQUIRE_OK(msgget_(IPC_PRIVATE, 0600));
	static const int into[] = {IPC_SET, IPC_STAT, IPC_INFO, MSG_INFO};
	for (int i = 0; i < 4; i++) {
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			CHECK_ERR(msgctl_(id, into[i], b->p), EFAULT);
		CHECK_ERR(msgctl_(id, into[i], NULL), EFAULT);
	}
	CHECK_ERR(msgctl_(0x7ffffff, IPC_SET, bad_ptr()), EFAULT);
	REQUIRE_OK(msgctl_(id, IPC_RMID, bad_ptr()));
}

CASE(layout, "root") {
	int id = REQUIRE_OK(msgget_(key_of(1), IPC_CREAT | 0640));
	REQUIRE_OK(msgsnd_(id, msg(1, "four"), 4, 0));
	struct msqid_ds d;
	memset(&d, 0xee, sizeof d);
	CHECK_EQ(msgctl_(id, IPC_STAT, &d), 0);
	CHECK_EQ(d.msg_perm.__key, key_of(1));
	OBSERVE("sequence number fits the id", "%d", d.msg_perm.__seq == id >> 15);
	CHECK_EQ(d.msg_lspid, getpid());
	d.msg_perm.__key = 0, d.msg_perm.__seq = 0, d.msg_ctime = 0, d.msg_stime = 0, d.msg_lspid = 0;
	OBSERVE_BYTES("struct", &d, 120);
	REQUIRE_OK(msgctl_(id, IPC_RMID, NULL));
}

CASE(set, "root") {
	int id = REQUIRE_OK(msgget_(IPC_PRIVATE, 0600));
	struct msqid_ds d;
	REQUIRE_OK(msgctl_(id, IPC_STAT, &d));
	static const unsigned long sizes[] = {0, 1, 16384};
	for (int i = 0; i < 3; i++) {
		d.msg_qbytes = sizes[i];
		d.msg_perm.mode = 0177640;
		OBSERVE_RET(name("%lu bytes", sizes[i]), msgctl_(id, IPC_SET, &d));
		OBSERVE(name("behind %lu bytes", sizes[i]), "%s", msg_text(id));
	}
	d.msg_perm.uid = -1;
	OBSERVE_RET("uid -1", msgctl_(id, IPC_SET, &d));
	d.msg_perm.uid = d.msg_perm.gid = 1000;
	REQUIRE_OK(msgctl_(id, IPC_SET, &d));
	IN_CHILD(NULL) {
		become("owner");
		d.msg_qbytes = 16384;
		OBSERVE_RET("owner, the limit", msgctl_(id, IPC_SET, &d));
		d.msg_qbytes = 16385;
		OBSERVE_RET("owner, more", msgctl_(id, IPC_SET, &d));
	}
	IN_CHILD(NULL) {
		become("group");
		OBSERVE_RET("group sets", msgctl_(id, IPC_SET, &d));
		OBSERVE_RET("group removes", msgctl_(id, IPC_RMID, NULL));
	}
	IN_CHILD(NULL) {
		become("owner");
		OBSERVE_RET("owner removes", msgctl_(id, IPC_RMID, NULL));
	}
	OBSERVE("gone", "%s", msg_text(id));
}

CASE(beyond_the_limit, "root cap:24") {
	int id = REQUIRE_OK(msgget_(IPC_PRIVATE, 0600));
	struct msqid_ds d;
	REQUIRE_OK(msgctl_(id, IPC_STAT, &d));
	d.msg_qbytes = 1 << 20;
	OBSERVE_RET("a mebibyte", msgctl_(id, IPC_SET, &d));
	OBSERVE("then", "%s", msg_text(id));
	REQUIRE_OK(msgctl_(id, IPC_RMID, NULL));
}

static void stat_as(const char *who, int mode) {
	int id = REQUIRE_OK(msgget_(IPC_PRIVATE, 0));
	struct msqid_ds d = {.msg_perm = {.uid = 1000, .gid = 1000, .mode = mode}, .msg_qbytes = 100};
	REQUIRE_OK(msgctl_(id, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		int stat = msgctl_(id, IPC_STAT, &d) ? errno : 0;
		int index = msgctl_(id & 0x7fff, MSG_STAT, &d) == id ? 0 : errno;
		int any = msgctl_(id & 0x7fff, MSG_STAT_ANY, &d) == id ? 0 : errno;
		OBSERVE(name("%s, mode %o", who, mode), "IPC_STAT %s MSG_STAT %s MSG_STAT_ANY %s", errno_name(stat), errno_name(index), errno_name(any));
	}
	REQUIRE_OK(msgctl_(id, IPC_RMID, NULL));
}

CASE(permissions, "root") { for_each_access(stat_as); }

CASE(infos, "root") {
	IN_CHILD(NULL) {
		if (syscall(SYS_unshare, 0x08000000)) // CLONE_NEWIPC
			SKIP("no ipc namespace: %s", errno_name(errno));
		struct msginfo i;
		memset(&i, 0xee, sizeof i);
		OBSERVE_RET("empty", msgctl_(0, IPC_INFO, &i));
		OBSERVE_BYTES("limits", &i, sizeof i);
		int id[3];
		for (int n = 0; n < 3; n++)
			id[n] = REQUIRE_OK(msgget_(IPC_PRIVATE, 0600));
		REQUIRE_OK(msgsnd_(id[0], msg(1, "four"), 4, 0));
		REQUIRE_OK(msgsnd_(id[2], msg(1, "three"), 5, 0));
		OBSERVE_RET("three", msgctl_(0, MSG_INFO, &i));
		OBSERVE_BYTES("in use", &i, sizeof i);
		msgctl_(id[2], IPC_RMID, NULL);
		OBSERVE_RET("two", msgctl_(0, MSG_INFO, &i));
		OBSERVE("in use, then", "%d %d %d", i.msgpool, i.msgmap, i.msgtql);
		const char *s = read_file("/proc/sysvipc/msg");
		REQUIRE(s);
		OBSERVE("header", "%.*s", (int)strcspn(s, "\n"), s);
		OBSERVE("row", "%.46s", strchr(s, '\n') + 1);
	}
}
