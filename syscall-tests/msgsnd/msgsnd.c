// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// msgsnd: sizes, types, a full queue and who gets its room, bad memory, permissions, removal and interruption.
#include "../harness/sysv.h"

static int queue(void) { return REQUIRE_OK(msgget_(IPC_PRIVATE, 0600)); }
static void removed(int id) { REQUIRE_OK(msgctl_(id, IPC_RMID, NULL)); }
static struct message big;

CASE(sizes_and_types) {
	int id = queue();
	static const long sizes[] = {0, 1, 8191, 8192, 8193, -1, 1L << 40};
	big.type = 1;
	for (int i = 0; i < 7; i++) {
		OBSERVE_RET(name("size %ld", sizes[i]), msgsnd_(id, &big, sizes[i], IPC_NOWAIT));
		OBSERVE(name("behind size %ld", sizes[i]), "%s", msg_text(id));
	}
	static const long types[] = {0, -1, 1, 0x7fffffffffffffff, -0x7fffffffffffffff - 1};
	for (int i = 0; i < 5; i++) {
		big.type = types[i];
		OBSERVE_RET(name("type %ld", types[i]), msgsnd_(id, &big, 0, IPC_NOWAIT));
	}
	big.type = 1;
	for (int bit = 0; bit < 32; bit++)
		if (bit != 11)
			OBSERVE_RET(name("flag %d", bit), msgsnd_(id, &big, 0, 1u << bit));
	removed(id);
}

CASE(errors) {
	int id = queue();
	CHECK_ERR(msgsnd_(-1, msg(1, "x"), 1, 0), EINVAL);
	CHECK_ERR(msgsnd_(0x7ffffff, msg(1, "x"), 1, 0), EINVAL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		CHECK_ERR(msgsnd_(id, b->p, 1, 0), EFAULT);
		CHECK_ERR(msgsnd_(-1, b->p, 1, 0), EFAULT);
	}
	CHECK_ERR(msgsnd_(id, NULL, 0, 0), EFAULT);
	char *end = guard_end(10);
	*(long *)end = 1;
	OBSERVE_RET("the text ends in the void", msgsnd_(id, end, 3, 0));
	OBSERVE_RET("the text fits", msgsnd_(id, end, 2, 0));
	OBSERVE_RET("bad text, bad id", msgsnd_(0x7ffffff, end, 3, 0));
	OBSERVE_RET("bad text, bad type", (*(long *)end = 0, msgsnd_(id, end, 3, 0)));
	OBSERVE("only one came", "%s", msg_text(id));
	removed(id);
	CHECK_ERR(msgsnd_(id, msg(1, "x"), 1, 0), EINVAL);
}

CASE(full) {
	int id = queue();
	big.type = 1;
	REQUIRE_OK(msgsnd_(id, &big, 8192, 0));
	REQUIRE_OK(msgsnd_(id, &big, 8191, 0));
	OBSERVE_RET("two bytes for one", msgsnd_(id, &big, 2, IPC_NOWAIT));
	OBSERVE_RET("one byte for one", msgsnd_(id, &big, 1, IPC_NOWAIT));
	OBSERVE_RET("none for none", msgsnd_(id, &big, 0, IPC_NOWAIT));
	OBSERVE("full", "%s", msg_text(id));
	removed(id);
	id = queue();
	struct msqid_ds d;
	REQUIRE_OK(msgctl_(id, IPC_STAT, &d));
	d.msg_qbytes = 3;
	REQUIRE_OK(msgctl_(id, IPC_SET, &d));
	for (int i = 0; i < 5; i++)
		OBSERVE_RET(name("empty message %d of a queue of 3 bytes", i), msgsnd_(id, &big, 0, IPC_NOWAIT));
	removed(id);
}

CASE(waits_for_room) {
	int id = queue();
	big.type = 1;
	REQUIRE_OK(msgsnd_(id, &big, 8192, 0));
	REQUIRE_OK(msgsnd_(id, &big, 8192, 0));
	pid_t a = harness_fork();
	if (a == 0)
		_exit(msgsnd_(id, msg(7, "waited"), 6, 0) ? errno : 0);
	REQUIRE(wait_blocked(a, a));
	OBSERVE("while it waits", "%s", msg_text(id));
	REQUIRE(msgrcv_(id, &big, 8192, 0, 0) == 8192);
	OBSERVE_STATUS("sender", wait_for(a));
	struct msqid_ds d;
	REQUIRE_OK(msgctl_(id, IPC_STAT, &d));
	OBSERVE("last sender is the one that waited", "%d", d.msg_lspid == a);
	OBSERVE("messages", "%lu of %lu bytes", d.msg_qnum, d.__msg_cbytes);
	removed(id);
}

CASE(ends_of_waiting) {
	big.type = 1;
	for (int how = 0; how < 4; how++) {
		static const char *const hows[] = {"removed", "a bigger queue", "signal", "signal with SA_RESTART"};
		int id = queue();
		struct msqid_ds d;
		REQUIRE_OK(msgctl_(id, IPC_STAT, &d));
		d.msg_qbytes = 8192;
		REQUIRE_OK(msgctl_(id, IPC_SET, &d));
		REQUIRE_OK(msgsnd_(id, &big, 8192, 0));
		pid_t a = harness_fork();
		if (a == 0) {
			sig_catch(SIGUSR1, how == 3 ? SA_RESTART : 0);
			_exit(msgsnd_(id, msg(7, "waited"), 6, 0) ? errno : 0);
		}
		REQUIRE(wait_blocked(a, a));
		d.msg_qbytes = 16384;
		if (how == 0)
			removed(id);
		else if (how == 1)
			REQUIRE_OK(msgctl_(id, IPC_SET, &d));
		else
			kill(a, SIGUSR1);
		OBSERVE(hows[how], "%s", errno_name(WEXITSTATUS(wait_for(a))));
		if (how)
			removed(id);
	}
}

static void send_as(const char *who, int mode) {
	int id = queue();
	struct msqid_ds d = {.msg_perm = {.uid = 1000, .gid = 1000, .mode = mode}, .msg_qbytes = 100};
	REQUIRE_OK(msgctl_(id, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		OBSERVE_RET(name("%s, mode %o", who, mode), msgsnd_(id, msg(1, "x"), 1, 0));
	}
	removed(id);
}

CASE(permissions, "root") { for_each_access(send_as); }
