// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semtimedop: timeouts of every kind, in which order it looks at its arguments, and a wait that ends before its time.
#include "../harness/sysv.h"

#include <sched.h>

CASE(timeouts) {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600));
	static const struct timespec ts[] = {{0, 0}, {0, 1}, {0, 2000000}, {0, 999999999 / 50}, {-1, 0}, {0, -1}, {0, 1000000000}};
	for (int i = 0; i < 7; i++)
		OBSERVE_RET(name("%ld %ld", (long)ts[i].tv_sec, ts[i].tv_nsec), semtimedop_(id, op(0, -1, 0), 1, &ts[i]));
	for (int i = 0; i < 7; i++)
		OBSERVE_RET(name("nothing to wait for, %ld %ld", (long)ts[i].tv_sec, ts[i].tv_nsec), semtimedop_(id, op(0, 0, 0), 1, &ts[i]));
	struct timespec before, after, wait = {0, 30000000};
	clock_gettime(CLOCK_MONOTONIC, &before);
	CHECK_ERR(semtimedop_(id, op(0, -1, 0), 1, &wait), EAGAIN);
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 30000000);
	OBSERVE("timespec is left alone", "%ld %ld", (long)wait.tv_sec, wait.tv_nsec);
	OBSERVE("nobody waits any more", "%ld", semctl_(id, 0, GETNCNT, 0));
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(order_of_checks) {
	struct timespec wrong = {-1, 0}, ok = {0, 0};
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600));
	CHECK_ERR(semtimedop_(id, op(0, 0, 0), 501, bad_ptr()), EFAULT);
	CHECK_ERR(semtimedop_(id, bad_ptr(), 501, &wrong), E2BIG);
	CHECK_ERR(semtimedop_(id, bad_ptr(), 0, &wrong), EINVAL);
	CHECK_ERR(semtimedop_(-1, bad_ptr(), 1, &wrong), EFAULT);
	CHECK_ERR(semtimedop_(0x7ffffff, op(0, 0, 0), 1, &ok), EINVAL);
	CHECK_ERR(semtimedop_(id, op(7, 0, 0), 1, &wrong), EINVAL);
	CHECK_ERR(semtimedop_(id, op(7, 0, 0), 1, &ok), EFBIG);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(semtimedop_(id, op(0, 0, 0), 1, b->p), EFAULT);
	CHECK_EQ(semtimedop_(id, op(0, 0, 0), 1, NULL), 0);
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}

CASE(in_time) {
	int id = REQUIRE_OK(semget_(IPC_PRIVATE, 1, 0600));
	pid_t pid = harness_fork();
	struct timespec long_time = {1000, 0}, ages = {0x7fffffffffffffff, 0};
	if (pid == 0) {
		int a = semtimedop_(id, op(0, -1, 0), 1, &long_time);
		int b = semtimedop_(id, op(0, -1, 0), 1, &ages);
		_exit(a * 2 + b);
	}
	REQUIRE(wait_blocked(pid, pid));
	REQUIRE_OK(semop_(id, op(0, 1, 0), 1));
	while (semctl_(id, 0, GETVAL, 0) || semctl_(id, 0, GETNCNT, 0) == 0)
		sched_yield();
	REQUIRE_OK(semop_(id, op(0, 1, 0), 1));
	OBSERVE_STATUS("child", wait_for(pid));
	sig_catch(SIGUSR1, SA_RESTART);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("interrupted", semtimedop_(id, op(0, -1, 0), 1, &long_time));
	CHECK(interrupt_done(&it));
	REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0));
}
