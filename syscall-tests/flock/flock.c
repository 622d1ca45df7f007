// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// flock: locks of open files: shared, exclusive, converted, waited for, and gone with the last descriptor
#include "../harness/files.h"

static long lock(int fd, int op) { return syscall(SYS_flock, fd, op); }

CASE(conflicts) {
	static const int ops[] = {LOCK_SH, LOCK_EX};
	make_file("f", "");
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 2; j++) {
			int a = REQUIRE_OK(open("f", O_RDONLY)), b = REQUIRE_OK(open("f", O_RDONLY));
			CHECK_OK(lock(a, ops[i]));
			OBSERVE_RET(name("%d over %d", ops[j], ops[i]), lock(b, ops[j] | LOCK_NB));
			close(a);
			close(b);
		}
}

CASE(operations) {
	int fd = make_file("f", "");
	for (int op = -1; op < 16; op++)
		OBSERVE_RET(name("operation %d", op), lock(fd, op));
	for (int bit = 4; bit < 32; bit++)
		OBSERVE_RET(name("bit %#x", 1u << bit), lock(fd, 1u << bit));
	OBSERVE_RET("bad fd, bad operation", lock(-1, 77));
	OBSERVE_RET("bad fd", lock(-1, LOCK_EX));
}

CASE(descriptors) {
	int p[2];
	make_file("f", "");
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("O_RDONLY, exclusive", lock(open("f", O_RDONLY), LOCK_EX | LOCK_NB));
	OBSERVE_RET("O_PATH", lock(open("f", O_PATH), LOCK_SH));
	OBSERVE_RET("directory", lock(open(".", O_RDONLY), LOCK_EX | LOCK_NB));
	OBSERVE_RET("pipe", lock(p[0], LOCK_EX | LOCK_NB));
	OBSERVE_RET("/dev/null", lock(open("/dev/null", O_RDWR), LOCK_SH | LOCK_NB));
}

CASE(belongs_to_the_open_file) {
	int a = make_file("f", ""), copy = REQUIRE_OK(dup(a)), b = REQUIRE_OK(open("f", O_RDWR));
	CHECK_OK(lock(a, LOCK_EX));
	CHECK_OK(lock(copy, LOCK_EX | LOCK_NB));
	IN_CHILD(NULL) { CHECK_OK(lock(a, LOCK_EX | LOCK_NB)); }
	CHECK_ERR(lock(b, LOCK_SH | LOCK_NB), EAGAIN);
	close(a);
	CHECK_ERR(lock(b, LOCK_SH | LOCK_NB), EAGAIN);
	// A child's copy unlocks for all.
	IN_CHILD(NULL) { CHECK_OK(lock(copy, LOCK_UN)); }
	CHECK_OK(lock(b, LOCK_EX | LOCK_NB));
}

// A conversion is not atomic: the old lock is gone when the new one can't be had.
CASE(conversion) {
	int a = make_file("f", ""), b = REQUIRE_OK(open("f", O_RDWR)), c = REQUIRE_OK(open("f", O_RDWR));
	CHECK_OK(lock(a, LOCK_SH));
	CHECK_OK(lock(b, LOCK_SH));
	CHECK_ERR(lock(a, LOCK_EX | LOCK_NB), EAGAIN);
	CHECK_OK(lock(b, LOCK_UN));
	OBSERVE_RET("is the first one's still there", lock(c, LOCK_EX | LOCK_NB));
}

CASE(waiting) {
	int a = make_file("f", "");
	REQUIRE_OK(lock(a, LOCK_EX));
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(lock(REQUIRE_OK(open("f", O_RDWR)), LOCK_EX) == 0 ? 0 : 1);
	CHECK(wait_blocked(pid, pid));
	CHECK_OK(lock(a, LOCK_UN));
	OBSERVE_STATUS("waiter", wait_for(pid));
}

CASE(interrupted) {
	int a = make_file("f", ""), b = REQUIRE_OK(open("f", O_RDWR));
	REQUIRE_OK(lock(a, LOCK_EX));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(lock(b, LOCK_EX), EINTR);
	CHECK(interrupt_done(&it));
}

CASE(not_seen_by_record_locks) {
	int a = make_file("f", "");
	REQUIRE_OK(lock(a, LOCK_EX));
	IN_CHILD(NULL) {
		struct flock l = {.l_type = F_WRLCK};
		CHECK_OK(fcntl(a, F_SETLK, &l));
	}
}

CASE(gone_with_the_process) {
	make_file("f", "");
	IN_CHILD(NULL) { REQUIRE_OK(lock(REQUIRE_OK(open("f", O_RDWR)), LOCK_EX)); }
	CHECK_OK(lock(open("f", O_RDWR), LOCK_EX | LOCK_NB));
}
