// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shmget: keys, flags, sizes, what a second caller gets, permissions, limits, and the ids that are given out.
#include "../harness/sysv.h"

#include <sched.h>

CASE(private_segments) {
	int a = REQUIRE_OK(shmget_(IPC_PRIVATE, 100, 0600));
	int b = REQUIRE_OK(shmget_(IPC_PRIVATE, 100, IPC_CREAT | IPC_EXCL | 0640));
	CHECK(a != b);
	OBSERVE("first", "%s", shm_text(a));
	OBSERVE("second", "%s", shm_text(b));
	REQUIRE_OK(shmctl_(a, IPC_RMID, NULL));
	REQUIRE_OK(shmctl_(b, IPC_RMID, NULL));
}

CASE(keys_and_flags) {
	key_t k = key_of(1);
	CHECK_ERR(shmget_(k, 100, 0600), ENOENT);
	CHECK_ERR(shmget_(k, 100, IPC_EXCL | 0600), ENOENT);
	int id = REQUIRE_OK(shmget_(k, 5000, IPC_CREAT | 0600));
	CHECK_EQ(shmget_(k, 0, 0), id);
	CHECK_EQ(shmget_(k, 5000, IPC_CREAT | 0600), id);
	CHECK_EQ(shmget_(k, 100, IPC_EXCL), id);
	CHECK_EQ(shmget_(k, 100, 0), id);
	CHECK_ERR(shmget_(k, 5001, 0), EINVAL);
	CHECK_ERR(shmget_(k, 5001, IPC_CREAT), EINVAL);
	CHECK_ERR(shmget_(k, 1, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE(name("bit %d", bit), "%s", shmget_(k, 0, 1u << bit) == id ? "it" : errno_name(errno));
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
	CHECK_ERR(shmget_(k, 100, 0), ENOENT);
}

CASE(sizes) {
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 1 << 20, -1ul, -4096ul, -1ul - (1 << 24), -(1ul << 24), 1ul << 62};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		long id = shmget_(IPC_PRIVATE, sizes[i], 0600);
		OBSERVE(name("size %#zx", sizes[i]), "%s", id < 0 ? errno_name(errno) : shm_text(id));
		if (id >= 0)
			shmctl_(id, IPC_RMID, NULL);
	}
	long id = OBSERVE_OK("a tebibyte, not reserved", shmget_(IPC_PRIVATE, 1ul << 40, SHM_NORESERVE | 0600));
	if (id >= 0)
		shmctl_(id, IPC_RMID, NULL);
}

CASE(modes) {
	for (int mode = 0; mode < 01000; mode += 0111) {
		int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, mode));
		struct shmid_ds d;
		REQUIRE_OK(shmctl_(id, IPC_STAT, &d));
		OBSERVE(name("mode %o", mode), "%o", d.shm_perm.mode);
		shmctl_(id, IPC_RMID, NULL);
	}
	umask(077);
	int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0666));
	OBSERVE("umask", "%s", shm_text(id));
	shmctl_(id, IPC_RMID, NULL);
}

static void get_as(const char *who, int mode) {
	int id = REQUIRE_OK(shmget_(key_of(2), 1, IPC_CREAT | mode));
	struct shmid_ds d = {.shm_perm = {.uid = 1000, .gid = 1000, .mode = mode}};
	REQUIRE_OK(shmctl_(id, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		char got[64] = "";
		static const int wants[] = {0, 0400, 0200, 0100, 0600, 0040, 0002, 0777};
		for (int i = 0; i < 8; i++)
			sprintf(got + strlen(got), " %o:%s", wants[i], shmget_(key_of(2), 0, wants[i]) == id ? "ok" : errno_name(errno) + 1);
		OBSERVE(name("%s, mode %o", who, mode), "%s", got);
	}
	REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
}

CASE(permissions, "root") { for_each_access(get_as); }

// An id holds an index and a sequence number; a fresh namespace starts at nought.
CASE(ids, "root") {
	IN_CHILD(NULL) {
		if (syscall(SYS_unshare, 0x08000000)) // CLONE_NEWIPC
			SKIP("no ipc namespace: %s", errno_name(errno));
		char got[400] = "";
		for (int i = 0; i < 70; i++) {
			int id = REQUIRE_OK(shmget_(IPC_PRIVATE, 1, 0600));
			if (i < 4 || i > 60)
				sprintf(got + strlen(got), " %d", id);
			if (i % 2)
				REQUIRE_OK(shmctl_(id, IPC_RMID, NULL));
		}
		OBSERVE("ids", "%s", got);
	}
}

CASE(too_many, "root") {
	IN_CHILD(NULL) {
		int n = 0;
		REQUIRE_OK(unshare(CLONE_NEWIPC)); // all of them go with it
		while (n < 5000 && shmget_(IPC_PRIVATE, 1, 0600) >= 0)
			n++;
		int e = errno;
		struct shm_info info;
		REQUIRE_OK(shmctl_(0, SHM_INFO, &info));
		OBSERVE("full", "%s with %s", errno_name(e), info.used_ids == 4096 ? "4096" : "less");
	}
}
