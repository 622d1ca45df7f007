// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semctl: every command, on what it works, who may, what it changes, and the structs byte by byte.
#include "../harness/sysv.h"

static const int commands[] = {IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, GETPID, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL, SEM_STAT,
	SEM_INFO, SEM_STAT_ANY};
#define NCOMMANDS ((int)(sizeof commands / sizeof *commands))

CASE(commands_on_nothing) {
	static char buf[70000];
	for (int i = 0; i < NCOMMANDS; i++) {
		int c = commands[i];
		memset(buf, 0, sizeof buf);
		if (c != SEM_INFO && c != IPC_INFO && c != SEM_STAT && c != SEM_STAT_ANY)
			OBSERVE_RET(name("command %d, no such id", c), semctl_(0x7ffffff, 0, c, c == SETVAL ? 0 : (unsigned long)buf));
		OBSERVE_RET(name("command %d, id -1", c), semctl_(-1, 0, c, c == SETVAL ? 0 : (unsigned long)buf));
	}
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 2, 0600));
	for (int c = 4; c < 11; c++)
		CHECK_ERR(semctl_(id, 0, c, buf), EINVAL);
	CHECK_ERR(semctl_(id, 0, 21, buf), EINVAL);
	CHECK_ERR(semctl_(id, 0, -1, buf), EINVAL);
	OBSERVE_RET("IPC_64", semctl_(id, 0, IPC_STAT | 0x100, buf));
	static const int each[] = {GETPID, GETVAL, GETNCNT, GETZCNT, SETVAL};
	for (int i = 0; i < 5; i++)
		for (int n = -1; n < 4; n++)
			OBSERVE_RET(name("command %d of %d", each[i], n), semctl_(id, n, each[i], 0));
	OBSERVE_RET("GETALL of 7", semctl_(id, 7, GETALL, buf));
	OBSERVE_RET("IPC_STAT of 7", semctl_(id, 7, IPC_STAT, buf));
	REQUIRE_OK(semctl_(id, 7, IPC_RMID, 0));
}

CASE(values) {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 3, 0600));
	static const int values[] = {0, 1, 32767, 32768, -1, 65536};
	for (int i = 0; i < 6; i++) {
		OBSERVE_RET(name("SETVAL %d", values[i]), semctl_(id, 1, SETVAL, values[i]));
		OBSERVE_RET(name("GETVAL behind %d", values[i]), semctl_(id, 1, GETVAL, 0));
	}
	OBSERVE_RET("upper half", semctl_(id, 0, SETVAL, 0x700000005));
	CHECK_ERR(semctl_(0x7ffffff, 0, SETVAL, -1), ERANGE);
	CHECK_ERR(semctl_(id, 9, SETVAL, -1), ERANGE);
	OBSERVE("then", "%s", sem_text(id));
	OBSERVE("pids", "%s %s %s", pid_name(semctl_(id, 0, GETPID, 0)), pid_name(semctl_(id, 1, GETPID, 0)), pid_name(semctl_(id, 2, GETPID, 0)));
	unsigned short all[4] = {7, 8, 9, 0xeeee};
	OBSERVE_RET("SETALL", semctl_(id, 0, SETALL, all));
	memset(all, 0xee, sizeof all);
	OBSERVE_RET("GETALL", semctl_(id, 0, GETALL, all));
	OBSERVE_BYTES("all", all, sizeof all);
	all[2] = 32768, all[0] = 1;
	OBSERVE_RET("SETALL out of range", semctl_(id, 0, SETALL, all));
	OBSERVE("nothing set", "%s", sem_text(id));
	OBSERVE("pid", "%s", pid_name(semctl_(id, 2, GETPID, 0)));
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(setting_wakes) {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600));
	for (int all = 0; all < 2; all++) {
		pid_t pid = harness_fork();
		if (pid == 0)
			_exit(semop_(id, op(0, -2, 0), 1) ? errno : 0);
		REQUIRE(wait_blocked(pid, pid));
		unsigned short v = 3;
		REQUIRE_OK(all ? semctl_(id, 0, SETALL, &v) : semctl_(id, 0, SETVAL, 3));
		OBSERVE_STATUS(all ? "SETALL" : "SETVAL", wait_for(pid));
		OBSERVE(all ? "value behind SETALL" : "value behind SETVAL", "%ld", semctl_(id, 0, GETVAL, 0));
	}
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(bad_memory) {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 2, 0600));
	static const int into[] = {IPC_SET, IPC_STAT, IPC_INFO, SEM_INFO, GETALL, SETALL};
	for (int i = 0; i < 6; i++) {
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			CHECK_ERR(semctl_(id, 0, into[i], b->p), EFAULT);
		CHECK_ERR(semctl_(id, 0, into[i], 0), EFAULT);
	}
	CHECK_ERR(semctl_(id, 0, GETALL, guard_end(2)), EFAULT);
	CHECK_OK(semctl_(id, 0, GETALL, guard_end(4)));
	CHECK_ERR(semctl_(0x7ffffff, 0, IPC_SET, bad_ptr()), EFAULT);
	CHECK_ERR(semctl_(0x7ffffff, 0, SETALL, bad_ptr()), EINVAL);
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(layout, "root") {
	int id = REQUIRE_OK(semget_(key_of(1), 5, IPC_CREAT | 0640));
	struct semid_ds d;
	memset(&d, 0xee, sizeof d);
	CHECK_EQ(semctl_(id, 0, IPC_STAT, &d), 0);
	CHECK_EQ(d.sem_perm.__key, key_of(1));
	OBSERVE("sequence number fits the id", "%d", d.sem_perm.__seq == id >> 15);
	d.sem_perm.__key = 0, d.sem_perm.__seq = 0, d.sem_ctime = 0;
	OBSERVE_BYTES("struct", &d, 104);
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(ownership, "root") {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0666));
	struct semid_ds d = {.sem_perm = {.uid = 1000, .gid = 1000, .mode = 07666}};
	OBSERVE_RET("give away", semctl_(id, 0, IPC_SET, &d));
	OBSERVE("given away", "%s", sem_text(id));
	IN_CHILD(NULL) {
		become("group");
		OBSERVE_RET("group sets", semctl_(id, 0, IPC_SET, &d));
		OBSERVE_RET("group removes", semctl_(id, 0, IPC_RMID, 0));
	}
	IN_CHILD(NULL) {
		become("owner");
		d.sem_perm.uid = -1;
		OBSERVE_RET("owner gives to nobody", semctl_(id, 0, IPC_SET, &d));
		d.sem_perm.uid = 3000;
		OBSERVE_RET("owner gives away", semctl_(id, 0, IPC_SET, &d));
		OBSERVE_RET("owner no more", semctl_(id, 0, IPC_RMID, 0));
	}
	OBSERVE("then", "%s", sem_text(id));
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

static void control_as(const char *who, int mode) {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0));
	struct semid_ds d = {.sem_perm = {.uid = 1000, .gid = 1000, .mode = mode}};
	REQUIRE_OK(semctl_(id, 0, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		char got[160] = "";
		unsigned short v = 0;
		static const int cmds[] = {IPC_STAT, GETVAL, GETALL, GETPID, GETNCNT, SETVAL, SETALL};
		for (int i = 0; i < 7; i++) {
			unsigned long arg = cmds[i] == IPC_STAT ? (unsigned long)&d : cmds[i] == SETVAL ? 0 : (unsigned long)&v;
			sprintf(got + strlen(got), " %d:%s", cmds[i], semctl_(id, 0, cmds[i], arg) < 0 ? errno_name(errno) : "ok");
		}
		sprintf(got + strlen(got), " stat:%s", semctl_(id & 0x7fff, 0, SEM_STAT, &d) == id ? "ok" : errno_name(errno));
		sprintf(got + strlen(got), " any:%s", semctl_(id & 0x7fff, 0, SEM_STAT_ANY, &d) == id ? "ok" : errno_name(errno));
		OBSERVE(name("%s, mode %o", who, mode), "%s", got);
	}
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(permissions, "root") { for_each_access(control_as); }

CASE(infos, "root") {
	IN_CHILD(NULL) {
		if (syscall(SYS_unshare, 0x08000000)) // CLONE_NEWIPC
			SKIP("no ipc namespace: %s", errno_name(errno));
		struct seminfo i;
		memset(&i, 0xee, sizeof i);
		OBSERVE_RET("empty", semctl_(0, 0, IPC_INFO, &i));
		OBSERVE_BYTES("limits", &i, sizeof i);
		int id[3];
		for (int n = 0; n < 3; n++)
			id[n] = REQUIRE_OK(semget_(IPC_PRIVATE, n + 1, 0600));
		OBSERVE("ids", "%d %d %d", id[0], id[1], id[2]);
		OBSERVE_RET("three", semctl_(0, 0, SEM_INFO, &i));
		OBSERVE("in use", "%d %d", i.semusz, i.semaem);
		semctl_(id[2], 0, IPC_RMID, 0);
		OBSERVE_RET("two", semctl_(0, 0, SEM_INFO, &i));
		OBSERVE("in use, then", "%d %d", i.semusz, i.semaem);
		struct semid_ds d;
		for (int n = 0; n < 4; n++)
			OBSERVE_RET(name("index %d", n), semctl_(n, 0, SEM_STAT, &d));
		const char *s = read_file("/proc/sysvipc/sem");
		REQUIRE(s);
		OBSERVE("header", "%.*s", (int)strcspn(s, "\n"), s);
		OBSERVE("row", "%.60s", strchr(s, '\n') + 1);
	}
}
