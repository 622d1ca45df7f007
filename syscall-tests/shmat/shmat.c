// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shmat: where a segment goes, what its flags allow, what processes share by it, counts over fork, exec and exit, and
// segments that were removed.
#include "../harness/memory.h"
#include "../harness/sysv.h"

static int segment(size_t size) { return REQUIRE_OK(shmget_(IPC_PRIVATE, size, 0600)); }
static void removed(int id) { REQUIRE_OK(shmctl_(id, IPC_RMID, NULL)); }

CASE(shared_memory) {
	int id = segment(3 * PG);
	char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0)), *q = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	CHECK(p != q);
	CHECK_EQ(p[3 * PG - 1], 0);
	strcpy(p + PG, "hello");
	CHECK_STR(q + PG, "hello");
	OBSERVE("twice", "%s", shm_text(id));
	IN_CHILD(NULL) {
		OBSERVE("in a child", "%s", shm_text(id));
		CHECK_STR(p + PG, "hello");
		strcpy(q, "child");
	}
	CHECK_STR(p, "child");
	OBSERVE("behind the child", "%s", shm_text(id));
	REQUIRE_OK(shmdt_(p));
	CHECK_STR(q, "child");
	REQUIRE_OK(shmdt_(q));
	OBSERVE("detached", "%s", shm_text(id));
	p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	CHECK_STR(p, "child");
	removed(id);
}

CASE(addresses) {
	int id = segment(2 * PG);
	char *room = pages(8, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	REQUIRE_OK(munmap(room, 8 * PG));
	OBSERVE("there", "%s", addr_name((void *)shmat_(id, room + 2 * PG, 0), room));
	OBSERVE("taken", "%s", shmat_(id, room + 3 * PG, 0) < 0 ? errno_name(errno) : "ok");
	OBSERVE("taken, in part", "%s", shmat_(id, room + PG, 0) < 0 ? errno_name(errno) : "ok");
	OBSERVE("odd", "%s", shmat_(id, room + 5 * PG + 1, 0) < 0 ? errno_name(errno) : "ok");
	OBSERVE("odd, rounded", "%s", addr_name((void *)shmat_(id, room + 5 * PG + 1, SHM_RND), room));
	OBSERVE("over it", "%s", addr_name((void *)shmat_(id, room + 3 * PG, SHM_REMAP), room));
	OBSERVE("then", "%s", shm_text(id));
	OBSERVE("remap nowhere", "%s", shmat_(id, NULL, SHM_REMAP) < 0 ? errno_name(errno) : "ok");
	OBSERVE("remap at nought", "%s", shmat_(id, 1, SHM_REMAP | SHM_RND) < 0 ? errno_name(errno) : "ok");
	OBSERVE("too high", "%s", shmat_(id, 0x7ffffffff000, 0) < 0 ? errno_name(errno) : "ok");
	OBSERVE("higher", "%s", shmat_(id, -(long)PG, 0) < 0 ? errno_name(errno) : "ok");
	removed(id);
}

CASE(flags) {
	int id = segment(PG);
	for (int bit = 0; bit < 32; bit++) {
		long p = OBSERVE_OK(name("bit %d", bit), shmat_(id, NULL, 1u << bit));
		if (p != -1)
			shmdt_(p);
	}
	removed(id);
}

CASE(protection) {
	int id = segment(PG);
	static const int flags[] = {0, SHM_RDONLY, SHM_EXEC, SHM_RDONLY | SHM_EXEC};
	for (int i = 0; i < 4; i++) {
		char *p = (char *)REQUIRE_OK(shmat_(id, NULL, flags[i]));
		char key[40], line[200] = "";
		sprintf(key, "%lx-", (long)p);
		const char *maps = read_file("/proc/self/maps"), *at = maps ? strstr(maps, key) : NULL;
		if (at) {
			sscanf(at, "%*s %150[^\n]", line);
			char *ino = strstr(line, " 00:01 ");
			OBSERVE(name("flags %#o, maps", flags[i]), "%.13s, %s, inode is the id %d, %s", line, ino ? "00:01" : "elsewhere",
				ino && atoi(ino + 7) == id, strchr(line, '/') ? strchr(line, '/') : "");
		}
		OBSERVE(name("flags %#o, write", flags[i]), "%s", poke(p, 1));
		OBSERVE_RET(name("flags %#o, mprotect to write", flags[i]), mprotect(p, PG, PROT_READ | PROT_WRITE));
		OBSERVE_RET(name("flags %#o, mprotect to run", flags[i]), mprotect(p, PG, PROT_READ | PROT_EXEC));
		REQUIRE_OK(shmdt_(p));
	}
	removed(id);
}

CASE(beyond_the_size) {
	int id = segment(100);
	char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	OBSERVE("in the page", "%s", poke(p + PG - 1, 1));
	char *grown = mremap(p, PG, 2 * PG, MREMAP_MAYMOVE);
	OBSERVE("grown", "%s", grown == MAP_FAILED ? errno_name(errno) : poke(grown + PG, 1));
	removed(id);
}

CASE(removed_while_attached) {
	int id = REQUIRE_OK(shmget_(key_of(3), PG, IPC_CREAT | 0600));
	char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
	removed(id);
	OBSERVE("removed", "%s", shm_text(id));
	CHECK_ERR(shmget_(key_of(3), 0, 0), ENOENT);
	strcpy(p, "still there");
	char *q = (char *)OBSERVE_OK("attached again", shmat_(id, NULL, 0));
	if ((long)q != -1)
		CHECK_STR(q, "still there");
	OBSERVE_RET("removed again", shmctl_(id, IPC_RMID, NULL));
	IN_CHILD(NULL) { OBSERVE("in a child", "%s", shm_text(id)); }
	REQUIRE_OK(shmdt_(p));
	OBSERVE("one left", "%s", shm_text(id));
	REQUIRE_OK(shmdt_(q));
	OBSERVE("none left", "%s", shm_text(id));
	CHECK_ERR(shmat_(id, NULL, 0), EINVAL);
}

CASE(ends_with_the_process) {
	int id = segment(PG);
	IN_CHILD(NULL) { REQUIRE_OK(shmat_(id, NULL, 0)); }
	OBSERVE("exited", "%s", shm_text(id));
	IN_CHILD(NULL) {
		REQUIRE_OK(shmat_(id, NULL, 0));
		execl("/bin/true", "true", NULL);
	}
	OBSERVE("executed", "%s", shm_text(id));
	IN_CHILD(NULL) {
		char *p = (char *)REQUIRE_OK(shmat_(id, NULL, 0));
		REQUIRE_OK(munmap(p, PG));
		OBSERVE("unmapped", "%s", shm_text(id));
	}
	removed(id);
}

static void attach_as(const char *who, int mode) {
	int id = segment(PG);
	struct shmid_ds d = {.shm_perm = {.uid = 1000, .gid = 1000, .mode = mode}};
	REQUIRE_OK(shmctl_(id, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		static const int flags[] = {0, SHM_RDONLY, SHM_EXEC, SHM_RDONLY | SHM_EXEC};
		char got[64] = "";
		for (int i = 0; i < 4; i++)
			sprintf(got + strlen(got), " %s", shmat_(id, NULL, flags[i]) == -1 ? errno_name(errno) : "ok");
		OBSERVE(name("%s, mode %o", who, mode), "%s", got);
	}
	removed(id);
}

CASE(permissions, "root") { for_each_access(attach_as); }

CASE(bad_ids) {
	static const int ids[] = {-1, 0x7fffffff, 0x40007fff};
	for (int i = 0; i < 3; i++)
		CHECK_ERR(shmat_(ids[i], NULL, 0), EINVAL);
	int id = segment(PG);
	removed(id);
	CHECK_ERR(shmat_(id, NULL, 0), EINVAL);
}
