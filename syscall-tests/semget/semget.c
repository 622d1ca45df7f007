// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semget: keys, flags, numbers of semaphores, what a second caller gets, and permissions.
#include "../harness/sysv.h"

CASE(keys_and_flags) {
	key_t k = key_of(1);
	CHECK_ERR(semget_(k, 1, 0600), ENOENT);
	CHECK_ERR(semget_(k, 0, IPC_CREAT | 0600), EINVAL);
	int id = REQUIRE_OK(semget_(k, 3, IPC_CREAT | 0640));
	OBSERVE("fresh", "%s", sem_text(id));
	CHECK_EQ(semget_(k, 0, 0), id);
	CHECK_EQ(semget_(k, 3, IPC_CREAT), id);
	CHECK_EQ(semget_(k, 2, IPC_EXCL), id);
	CHECK_ERR(semget_(k, 4, 0), EINVAL);
	CHECK_ERR(semget_(k, 0, IPC_CREAT | IPC_EXCL), EEXIST);
	CHECK_ERR(semget_(k, -1, 0), EINVAL);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE(name("bit %d", bit), "%s", semget_(k, 0, 1u << bit) == id ? "it" : errno_name(errno));
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
	CHECK_ERR(semget_(k, 1, 0), ENOENT);
}

CASE(numbers) {
	static const int numbers[] = {-1, 0, 1, 250, 32000, 32001, 0x7fffffff};
	for (int i = 0; i < 7; i++) {
		long id = shmget_(IPC_PRIVATE, 0, 0), e;
		id = semget_(IPC_PRIVATE, numbers[i], 0600), e = errno;
		OBSERVE(name("%d semaphores", numbers[i]), "%s", id < 0 ? errno_name(e) : sem_text(id));
		if (id >= 0)
			semctl_(id, 0, IPC_RMID, 0);
	}
}

static void get_as(const char *who, int mode) {
	int id = REQUIRE_OK(semget_(key_of(2), 1, IPC_CREAT | mode));
	struct semid_ds d = {.sem_perm = {.uid = 1000, .gid = 1000, .mode = mode}};
	REQUIRE_OK(semctl_(id, 0, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		char got[64] = "";
		static const int wants[] = {0, 0400, 0200, 0100, 0600, 0040, 0002, 0777};
		for (int i = 0; i < 8; i++)
			sprintf(got + strlen(got), " %o:%s", wants[i], semget_(key_of(2), 0, wants[i]) == id ? "ok" : errno_name(errno) + 1);
		OBSERVE(name("%s, mode %o", who, mode), "%s", got);
	}
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(permissions, "root") { for_each_access(get_as); }
