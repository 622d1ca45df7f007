// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_timedreceive: the order of priorities, sizes, empty queues with and without a timeout, descriptors and memory.
#include "../harness/mq.h"

#include <sched.h>

CASE(order) {
	int q = queue(10, 8, 0);
	static const int prios[] = {1, 5, 1, 0, 5, 32767};
	for (int i = 0; i < 6; i++)
		REQUIRE_OK(mqsend(q, name("m%d", i), 2, prios[i], NULL));
	for (int i = 0; i < 6; i++) {
		char text[9] = "";
		unsigned prio = 99;
		long n = mqreceive(q, text, 8, i == 3 ? NULL : &prio, NULL);
		OBSERVE(name("%d", i), "%ld %u %s", n, prio, text);
	}
}

CASE(sizes_and_memory) {
	int q = queue(10, 8, O_NONBLOCK);
	char text[20] = "";
	unsigned prio;
	OBSERVE_RET("small and empty", mqreceive(q, text, 7, &prio, NULL));
	OBSERVE_RET("empty", mqreceive(q, text, 8, &prio, NULL));
	for (int i = 0; i < 4; i++)
		REQUIRE_OK(mqsend(q, "four", 4, i, NULL));
	OBSERVE_RET("small", mqreceive(q, text, 7, &prio, NULL));
	OBSERVE_RET("exact", mqreceive(q, text, 8, &prio, NULL));
	OBSERVE_RET("large", mqreceive(q, text, 1 << 30, &prio, NULL));
	CHECK_ERR(mqreceive(q, bad_ptr(), 8, &prio, NULL), EFAULT);
	CHECK_ERR(mqreceive(q, text, 8, bad_ptr(), NULL), EFAULT);
	OBSERVE("both lost", "%s", attr_text(q));
}

CASE(empty) {
	int q = queue(1, 8, 0);
	char text[8];
	struct timespec past = {0, 0}, wrong = {0, -1};
	OBSERVE_RET("past", mqreceive(q, text, 8, NULL, &past));
	OBSERVE_RET("soon", mqreceive(q, text, 8, NULL, in_ms(20)));
	OBSERVE_RET("no time", mqreceive(q, text, 8, NULL, &wrong));
	CHECK_ERR(mqreceive(q, text, 8, NULL, bad_ptr()), EFAULT);
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("interrupted", mqreceive(q, text, 8, NULL, NULL));
	CHECK(interrupt_done(&it));
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(mqreceive(q, text, 8, NULL, NULL));
	REQUIRE(wait_blocked(pid, pid));
	REQUIRE_OK(mqsend(q, "three", 3, 0, NULL));
	OBSERVE_STATUS("receiver", wait_for(pid));
}

CASE(descriptors) {
	char text[8192];
	int q = REQUIRE_OK(mqopen(qname(1), O_CREAT | O_WRONLY, 0600, NULL));
	CHECK_ERR(mqreceive(q, text, 8192, NULL, NULL), EBADF);
	CHECK_ERR(mqreceive(-1, text, 8192, NULL, NULL), EBADF);
	CHECK_ERR(mqreceive(0, text, 8192, NULL, NULL), EBADF);
	REQUIRE_OK(mqunlink(qname(1)));
}

static int shared_queue;

static void *receives(void *arg) {
	char text[16] = "";
	unsigned prio;
	*(pid_t *)arg = tid_self();
	long n = mqreceive(shared_queue, text, sizeof text, &prio, NULL);
	return (void *)(n == 1 ? (long)text[0] : -1L);
}

// Several that wait get their messages in the order that they came in.
CASE(the_first_is_served_first) {
	enum { N = 4 };
	pthread_t t[N];
	static volatile pid_t tid[N];
	shared_queue = queue(4, 16, 0);
	for (int i = 0; i < N; i++) {
		t[i] = thread_start(receives, (void *)&tid[i]);
		while (!tid[i])
			sched_yield();
		wait_blocked(getpid(), tid[i]);
	}
	for (int i = 0; i < N; i++)
		REQUIRE_OK(mqsend(shared_queue, "abcd" + i, 1, N - i, NULL));
	for (int i = 0; i < N; i++)
		OBSERVE(name("%d", i), "%c", (int)(long)thread_join(t[i]));
}
