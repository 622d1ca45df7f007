// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_timedsend: priorities, sizes, full queues with and without a timeout, descriptors and memory that are none.
#include "../harness/mq.h"

#include <sched.h>

CASE(priorities_and_sizes) {
	int q = queue(10, 8, 0);
	static const unsigned prios[] = {0, 1, 32767, 32768, -1u};
	for (int i = 0; i < 5; i++)
		OBSERVE_RET(name("priority %u", prios[i]), mqsend(q, "x", 1, prios[i], NULL));
	for (int n = 0; n < 10; n += 3)
		OBSERVE_RET(name("%d bytes", n), mqsend(q, "123456789", n, 0, NULL));
	OBSERVE_RET("8 bytes", mqsend(q, "123456789", 8, 0, NULL));
	OBSERVE("then", "%s", attr_text(q));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(mqsend(q, b->p, 1, 0, NULL), EFAULT);
	CHECK_ERR(mqsend(q, NULL, 9, 0, NULL), EMSGSIZE);
	OBSERVE_RET("nothing of nothing", mqsend(q, NULL, 0, 0, NULL));
}

CASE(full) {
	int q = queue(1, 8, O_NONBLOCK);
	struct timespec past = {0, 0}, wrong = {0, 1000000000}, before = {-1, 0};
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	OBSERVE_RET("O_NONBLOCK", mqsend(q, "x", 1, 0, NULL));
	REQUIRE_OK(fcntl(q, F_SETFL, 0));
	OBSERVE_RET("past", mqsend(q, "x", 1, 0, &past));
	OBSERVE_RET("soon", mqsend(q, "x", 1, 0, in_ms(20)));
	OBSERVE_RET("no time", mqsend(q, "x", 1, 0, &wrong));
	OBSERVE_RET("before all time", mqsend(q, "x", 1, 0, &before));
	CHECK_ERR(mqsend(q, "x", 1, 0, bad_ptr()), EFAULT);
	for (int restart = 0; restart < 2; restart++) {
		sig_catch(SIGUSR1, restart ? SA_RESTART : 0);
		struct interrupter it = interrupt_me(SIGUSR1);
		OBSERVE_RET(restart ? "SA_RESTART" : "interrupted", mqsend(q, "x", 1, 0, restart ? in_ms(300) : NULL));
		CHECK(interrupt_done(&it));
	}
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(mqsend(q, "second", 6, 3, NULL) ? errno : 0);
	REQUIRE(wait_blocked(pid, pid));
	char text[8];
	unsigned prio;
	REQUIRE_OK(mqreceive(q, text, 8, &prio, NULL));
	OBSERVE_STATUS("sender", wait_for(pid));
	OBSERVE("then", "%ld %u %.6s", mqreceive(q, text, 8, &prio, NULL), prio, text);
}

CASE(descriptors) {
	int q = REQUIRE_OK(mqopen(qname(1), O_CREAT | O_RDONLY, 0600, NULL));
	CHECK_ERR(mqsend(q, "x", 1, 0, NULL), EBADF);
	CHECK_ERR(mqsend(-1, "x", 1, 0, NULL), EBADF);
	CHECK_ERR(mqsend(0, "x", 1, 0, NULL), EBADF);
	CHECK_ERR(mqsend(-1, "x", 1, 32768, NULL), EINVAL);
	REQUIRE_OK(mqunlink(qname(1)));
}

static int full_queue;
static volatile pid_t sender_tid[4];

static void *sends(void *arg) {
	long i = (long)arg;
	sender_tid[i] = tid_self();
	return (void *)mqsend(full_queue, "abcd" + i, 1, 5, NULL);
}

// Several that wait for room get it in the order that they came in.
CASE(the_first_is_served_first) {
	pthread_t t[4];
	char text[16];
	full_queue = queue(1, 16, 0);
	REQUIRE_OK(mqsend(full_queue, "-", 1, 5, NULL));
	for (long i = 0; i < 4; i++) {
		t[i] = thread_start(sends, (void *)i);
		while (!sender_tid[i])
			sched_yield();
		wait_blocked(getpid(), sender_tid[i]);
	}
	for (int i = 0; i < 5; i++) {
		REQUIRE_OK(mqreceive(full_queue, text, sizeof text, NULL, NULL));
		OBSERVE(name("%d", i), "%c", text[0]);
	}
	for (int i = 0; i < 4; i++)
		CHECK_EQ((long)thread_join(t[i]), 0);
}
