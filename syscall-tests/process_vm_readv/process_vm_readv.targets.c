// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_vm_readv: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>

static char there[8] = "there", here[8];
static struct iovec remote = {there, 8}, local = {here, 8};

PIDS(target, syscall(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0))

static int target, pidfd;
static long seen[8];

static int look(void *arg) {
	char path[64];
	(void)arg;
	seen[0] = syscall(SYS_process_vm_readv, target, &local, 1, &remote, 1, 0) < 0 ? errno : 0;
	seen[1] = syscall(SYS_process_madvise, pidfd, &local, 1, MADV_WILLNEED, 0) < 0 ? errno : 0;
	static const char *const files[] = {"mem", "environ", "auxv", "maps", "smaps", "exe"};
	for (int i = 0; i < 6; i++) {
		char b[8];
		snprintf(path, sizeof path, "/proc/%d/%s", target, files[i]);
		int fd = open(path, O_RDONLY);
		seen[2 + i] = i == 5 ? readlink(path, b, 8) < 0 ? errno : 0 : fd < 0 ? errno : i == 0 ? pread(fd, b, 1, (long)there) < 0 ? 1000 + errno : 0 : read(fd, b, 1) < 0 ? 1000 + errno : 0;
		if (fd >= 0)
			close(fd);
	}
	return 0;
}

// A process that may not be looked into by who shares its memory, and by who does not.
CASE(memory_that_is_ones_own, "root") {
	IN_CHILD(NULL) {
		static char stack[64 << 10] __attribute__((aligned(16)));
		become_nobody();
		prctl(PR_SET_DUMPABLE, 0);
		target = getpid();
		pidfd = REQUIRE_OK(syscall(SYS_pidfd_open, target, 0));
		for (int shared = 1; shared >= 0; shared--) {
			memset(seen, 0, sizeof seen);
			if (shared) {
				pid_t pid = REQUIRE_OK(clone(look, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
				wait_for(pid);
				for (int i = 0; i < 8; i++)
					OBSERVE(name("shared, %d", i), "%s", seen[i] > 1000 ? name("then %s", errno_name(seen[i] - 1000)) : errno_name(seen[i]));
			} else {
				IN_CHILD(NULL) {
					look(NULL);
					for (int i = 0; i < 8; i++)
						OBSERVE(name("other, %d", i), "%s", seen[i] > 1000 ? name("then %s", errno_name(seen[i] - 1000)) : errno_name(seen[i]));
				}
			}
		}
	}
	IN_CHILD(NULL) {
		pid_t zombie = harness_fork();
		if (zombie == 0)
			_exit(0);
		siginfo_t info;
		REQUIRE_OK(waitid(P_PID, zombie, &info, WEXITED | WNOWAIT));
		become_nobody();
		OBSERVE_RET("a dead one of another user", syscall(SYS_process_vm_readv, zombie, &local, 1, &remote, 1, 0));
	}
}
