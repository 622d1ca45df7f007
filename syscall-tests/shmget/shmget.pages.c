// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// shmget: who may ask for huge pages?
#include "../harness/harness.h"

#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>

CASE(huge_pages_by_nobody, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){4096, 4096}));
		become_nobody();
		OBSERVE_RET("with little memory to lock", syscall(SYS_shmget, IPC_PRIVATE, 4 << 20, SHM_HUGETLB | 0600));
		OBSERVE_RET("of a size that no page has", syscall(SYS_shmget, IPC_PRIVATE, 4 << 20, SHM_HUGETLB | 60 << 26 | 0600));
		OBSERVE_RET("nothing", syscall(SYS_shmget, IPC_PRIVATE, 0, SHM_HUGETLB | 0600));
		OBSERVE_OK("of ordinary pages", syscall(SYS_shmget, IPC_PRIVATE, 4 << 20, 0600));
	}
}
