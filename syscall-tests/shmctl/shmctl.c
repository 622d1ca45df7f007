// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shmctl: every command, on what it works, who may, what it changes, and the structs byte by byte.
#include "../harness/sysv.h"
#include <sys/resource.h>

static const int commands[] = {IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, SHM_LOCK, SHM_UNLOCK, SHM_STAT, SHM_INFO, SHM_STAT_ANY};
#define NCOMMANDS ((int)(sizeof commands / sizeof *commands))

CASE(commands_on_nothing) {
	char buf[200] = {0};
	for (int i = 0; i < NCOMMANDS; i++) {
		int c = commands[i];
		if (c != SHM_INFO && c != IPC_INFO && c != SHM_STAT && c != SHM_STAT_ANY)
			OBSERVE_RET(name("command %d, no such id", c), shmctl_(0x7ffffff, c, buf));
		OBSERVE_RET(name("command %d, id -1", c), shmctl_(-1, c, buf));
	}
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0600));
	for (int c = 4; c < 11; c++)
		CHECK_ERR(shmctl_(id, c, buf), EINVAL);
	CHECK_ERR(shmctl_(id, 16, buf), EINVAL);
	CHECK_ERR(shmctl_(id, -1, buf), EINVAL);
	OBSERVE_RET("IPC_64", shmctl_(id, IPC_STAT | 0x100, buf));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

CASE(bad_memory) {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0600));
	for (int i = 0; i < NCOMMANDS; i++) {
		int c = commands[i];
		if (c == SHM_LOCK || c == SHM_UNLOCK || c == IPC_RMID || c == SHM_STAT || c == SHM_STAT_ANY)
			continue;
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			CHECK_ERR(shmctl_(id, c, b->p), EFAULT);
		CHECK_ERR(shmctl_(id, c, NULL), EFAULT);
	}
	CHECK_ERR(shmctl_(0x7ffffff, IPC_SET, bad_ptr()), EFAULT);
	CHECK_ERR(shmctl_(0x7ffffff, IPC_STAT, bad_ptr()), EINVAL);
	REQUIRE_OK(shmctl_(id, IPC_RMID, bad_ptr()));
}

CASE(layout, "root") {
	int id = REQUIRE_OK(shmget_(key_of(1), 0x123456, IPC_CREAT | 0640));
	struct shmid_ds d;
	memset(&d, 0xee, sizeof d);
	CHECK_EQ(shmctl_(id, IPC_STAT, &d), 0);
	CHECK_EQ(d.shm_perm.__key, key_of(1));
	OBSERVE("sequence number fits the id", "%d", d.shm_perm.__seq == id >> 15);
	d.shm_perm.__key = 0, d.shm_perm.__seq = 0, d.shm_ctime = 0, d.shm_cpid = 0;
	OBSERVE_BYTES("struct", &d, 112);
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

CASE(set) {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0600));
	struct shmid_ds d;
	REQUIRE_OK(shmctl_(id, IPC_STAT, &d));
	d.shm_perm.mode = 0177777;
	d.shm_segsz = 7;
	OBSERVE_RET("mode", shmctl_(id, IPC_SET, &d));
	OBSERVE("then", "%s", shm_text(id));
	d.shm_perm.uid = -1;
	OBSERVE_RET("uid -1", shmctl_(id, IPC_SET, &d));
	d.shm_perm.uid = 0;
	d.shm_perm.gid = -1;
	OBSERVE_RET("gid -1", shmctl_(id, IPC_SET, &d));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

CASE(ownership, "root") {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0666));
	struct shmid_ds d = {.shm_perm = {.uid = 1000, .gid = 1000, .mode = 0666}};
	REQUIRE_OK(shmctl_(id, IPC_SET, &d));
	OBSERVE("given away", "%s", shm_text(id));
	IN_CHILD(NULL) {
		become("group");
		OBSERVE_RET("group sets", shmctl_(id, IPC_SET, &d));
		OBSERVE_RET("group removes", shmctl_(id, IPC_RMID, NULL));
		OBSERVE_RET("group locks", shmctl_(id, SHM_LOCK, NULL));
		OBSERVE_RET("group unlocks", shmctl_(id, SHM_UNLOCK, NULL));
	}
	IN_CHILD(NULL) {
		become("owner");
		OBSERVE_RET("owner locks", shmctl_(id, SHM_LOCK, NULL));
		OBSERVE_RET("owner unlocks", shmctl_(id, SHM_UNLOCK, NULL));
		d.shm_perm.uid = 3000;
		OBSERVE_RET("owner gives away", shmctl_(id, IPC_SET, &d));
		OBSERVE_RET("owner no more", shmctl_(id, IPC_RMID, NULL));
	}
	OBSERVE("then", "%s", shm_text(id));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

static void stat_as(const char *who, int mode) {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0));
	struct shmid_ds d = {.shm_perm = {.uid = 1000, .gid = 1000, .mode = mode}};
	REQUIRE_OK(shmctl_(id, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		int stat = shmctl_(id, IPC_STAT, &d) ? errno : 0;
		int index = shmctl_(id & 0x7fff, SHM_STAT, &d) == id ? 0 : errno;
		int any = shmctl_(id & 0x7fff, SHM_STAT_ANY, &d) == id ? 0 : errno;
		OBSERVE(name("%s, mode %o", who, mode), "IPC_STAT %s SHM_STAT %s SHM_STAT_ANY %s", errno_name(stat), errno_name(index), errno_name(any));
	}
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

CASE(permissions, "root") { for_each_access(stat_as); }

CASE(locks) {
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0600));
	OBSERVE_RET("lock", shmctl_(id, SHM_LOCK, NULL));
	OBSERVE("locked", "%s", shm_text(id));
	OBSERVE_RET("lock again", shmctl_(id, SHM_LOCK, bad_ptr()));
	OBSERVE_RET("unlock", shmctl_(id, SHM_UNLOCK, NULL));
	OBSERVE("unlocked", "%s", shm_text(id));
	OBSERVE_RET("unlock again", shmctl_(id, SHM_UNLOCK, NULL));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

// What is locked counts for its user, whichever segments it is of, until it is unlocked or gone.
CASE(limits_of_locks, "root") {
	int id[5], theirs = REQUIRE_OK(shmget_(IPC_PRIVATE, 4096, 0666));
	IN_CHILD(NULL) {
		struct rlimit limit = {4 * 4096 + 100, 4 * 4096 + 100};
		REQUIRE_OK(setrlimit(RLIMIT_MEMLOCK, &limit));
		become_nobody();
		for (int i = 0; i < 5; i++)
			id[i] = REQUIRE_OK(shmget_(IPC_PRIVATE, i == 4 ? 5 * 4096 : 4096 + i, 0600));
		OBSERVE_RET("more than the limit", shmctl_(id[4], SHM_LOCK, NULL));
		OBSERVE_RET("one page", shmctl_(id[0], SHM_LOCK, NULL));
		OBSERVE_RET("two pages", shmctl_(id[1], SHM_LOCK, NULL));
		OBSERVE_RET("two pages too many", shmctl_(id[2], SHM_LOCK, NULL));
		OBSERVE("not locked", "%s", shm_text(id[2]));
		OBSERVE_RET("one page, a second time", shmctl_(id[0], SHM_LOCK, NULL));
		char *p = (char *)REQUIRE_OK(shmat_(id[1], NULL, 0));
		p[0] = p[4096] = 1;
		OBSERVE_RET("removed, but attached", shmctl_(id[1], IPC_RMID, NULL));
		OBSERVE_RET("two pages too many still", shmctl_(id[2], SHM_LOCK, NULL));
		REQUIRE_OK(shmdt(p));
		OBSERVE_RET("two pages after the others", shmctl_(id[2], SHM_LOCK, NULL));
		OBSERVE_RET("unlock", shmctl_(id[2], SHM_UNLOCK, NULL));
		OBSERVE_RET("unlock again", shmctl_(id[2], SHM_UNLOCK, NULL));
		OBSERVE_RET("two other pages", shmctl_(id[3], SHM_LOCK, NULL));
		OBSERVE_RET("somebody else's", shmctl_(theirs, SHM_LOCK, NULL));
		limit.rlim_cur = 0;
		REQUIRE_OK(setrlimit(RLIMIT_MEMLOCK, &limit));
		OBSERVE_RET("no limit left: lock", shmctl_(id[3], SHM_LOCK, NULL));
		OBSERVE_RET("no limit left: unlock", shmctl_(id[3], SHM_UNLOCK, NULL));
		for (int i = 0; i < 5; i++)
			shmctl_(id[i], IPC_RMID, NULL);
	}
	struct rlimit none = {0, 0};
	REQUIRE_OK(setrlimit(RLIMIT_MEMLOCK, &none));
	OBSERVE_RET("root without a limit", shmctl_(theirs, SHM_LOCK, NULL));
	REQUIRE_OK(shmctl_(theirs, IPC_RMID, NULL));
}

// Pages that nobody has touched are no more there for the lock, and those that somebody has stay what they are.
CASE(locked_content, "root") {
	IN_CHILD(NULL) {
		if (syscall(SYS_unshare, 0x08000000)) // CLONE_NEWIPC
			SKIP("no ipc namespace: %s", errno_name(errno));
		int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 4 * 4096, 0600));
		struct shm_info u;
		OBSERVE_RET("lock before anybody attaches", shmctl_(id, SHM_LOCK, NULL));
		char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
		p[0] = 'a', p[8192] = 'c';
		REQUIRE_OK(shmctl_(0, SHM_INFO, &u));
		OBSERVE("attached", "%lu of %lu", u.shm_rss, u.shm_tot);
		int pid = harness_fork();
		if (!pid) {
			CHECK_EQ(p[8192], 'c');
			p[4096] = 'b';
			_exit(0);
		}
		wait_for(pid);
		OBSERVE("of a child", "%.1s%.1s%.1s", p, p + 4096, p + 8192);
		OBSERVE_RET("unlock", shmctl_(id, SHM_UNLOCK, NULL));
		REQUIRE_OK(shmctl_(0, SHM_INFO, &u));
		OBSERVE("unlocked", "%lu of %lu", u.shm_rss, u.shm_tot);
		OBSERVE("then", "%.1s%.1s%.1s", p, p + 4096, p + 8192);
		REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
	}
}

CASE(infos, "root") {
	IN_CHILD(NULL) {
		if (syscall(SYS_unshare, 0x08000000)) // CLONE_NEWIPC
			SKIP("no ipc namespace: %s", errno_name(errno));
		struct shminfo i;
		struct shm_info u;
		memset(&i, 0xee, sizeof i);
		memset(&u, 0, sizeof u);
		OBSERVE_RET("empty IPC_INFO", shmctl_(-1, IPC_INFO, &i));
		OBSERVE_RET("empty IPC_INFO, id 0", shmctl_(0, IPC_INFO, &i));
		OBSERVE("limits", "max %#lx min %lu mni %lu seg %lu all %#lx", i.shmmax, i.shmmin, i.shmmni, i.shmseg, i.shmall);
		OBSERVE_RET("empty SHM_INFO", shmctl_(0, SHM_INFO, &u));
		OBSERVE("empty", "%d %lu %lu", u.used_ids, u.shm_tot, u.shm_rss);
		int id[3];
		for (int n = 0; n < 3; n++)
			id[n] = REQUIRE_OK(shmget_(IPC_PRIVATE, 10000, 0600));
		char *p = (char *)REQUIRE_OK(shmat_(id[1], NULL, 0));
		p[0] = p[5000] = 1;
		OBSERVE_RET("three SHM_INFO", shmctl_(0, SHM_INFO, &u));
		OBSERVE("three", "%d %lu %lu", u.used_ids, u.shm_tot, u.shm_rss);
		OBSERVE_RET("three IPC_INFO", shmctl_(7, IPC_INFO, &i));
		shmctl_(id[2], IPC_RMID, NULL);
		OBSERVE_RET("two SHM_INFO", shmctl_(0, SHM_INFO, &u));
		struct shmid_ds d;
		for (int n = 0; n < 4; n++)
			OBSERVE_RET(name("index %d", n), shmctl_(n, SHM_STAT, &d));
	}
}

CASE(proc_file, "root") {
	IN_CHILD(NULL) {
		if (syscall(SYS_unshare, 0x08000000)) // CLONE_NEWIPC
			SKIP("no ipc namespace: %s", errno_name(errno));
		int id = REQUIRE_OK(shmget_(0x1234, 8192, IPC_CREAT | 0640));
		char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
		p[0] = 1;
		const char *s = read_file("/proc/sysvipc/shm");
		REQUIRE(s);
		OBSERVE("header", "%.*s", (int)strcspn(s, "\n"), s);
		const char *row = strchr(s, '\n') + 1;
		long long v[16];
		int n = sscanf(row, "%lld %lld %llo %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld %lld", &v[0], &v[1], (unsigned long long *)&v[2], &v[3],
			&v[4], &v[5], &v[6], &v[7], &v[8], &v[9], &v[10], &v[11], &v[12], &v[13], &v[14], &v[15]);
		OBSERVE("row", "%d fields, %lld bytes, key %lld perms %llo size %lld cpid %d lpid %d attached %lld uid %lld rss %lld swap %lld", n,
			(long long)strlen(row), v[0], v[2], v[3], v[4] == getpid(), v[5] == getpid(), v[6], v[7], v[14], v[15]);
	}
}
