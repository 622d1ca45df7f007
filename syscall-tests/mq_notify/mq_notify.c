// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_notify: who is told of which message, once; who is in the way; and how it ends.
#include "../harness/mq.h"

static struct sigevent event(int notify, int signo) {
	struct sigevent e;
	memset(&e, 0, sizeof e);
	e.sigev_notify = notify, e.sigev_signo = signo, e.sigev_value.sival_int = 4711;
	return e;
}

CASE(told_once) {
	int q = queue(10, 8, 0);
	sig_catch(SIGUSR1, 0);
	struct sigevent e = event(SIGEV_SIGNAL, SIGUSR1);
	CHECK_EQ(mqnotify(q, &e), 0);
	CHECK_ERR(mqnotify(q, &e), EBUSY);
	IN_CHILD(NULL) {
		CHECK_ERR(mqnotify(q, &e), EBUSY);
		OBSERVE_RET("a child takes it back", mqnotify(q, NULL));
	}
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	OBSERVE("first", "%d times, code %d value %d pid %s uid %d", sig_count[SIGUSR1], sig_info[SIGUSR1].si_code,
		sig_info[SIGUSR1].si_value.sival_int, pid_name(sig_info[SIGUSR1].si_pid), sig_info[SIGUSR1].si_uid);
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	OBSERVE("second", "%d times", sig_count[SIGUSR1]);
	CHECK_EQ(mqnotify(q, &e), 0);
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	OBSERVE("not empty", "%d times", sig_count[SIGUSR1]);
	char text[8];
	for (int i = 0; i < 3; i++)
		REQUIRE_OK(mqreceive(q, text, 8, NULL, NULL));
	IN_CHILD(NULL) { REQUIRE_OK(mqsend(q, "x", 1, 0, NULL)); }
	OBSERVE("empty before, from a child", "%d times", sig_count[SIGUSR1]);
}

CASE(taken_back) {
	int q = queue(10, 8, 0);
	sig_catch(SIGUSR1, 0);
	struct sigevent e = event(SIGEV_SIGNAL, SIGUSR1), none = event(SIGEV_NONE, 0);
	CHECK_EQ(mqnotify(q, &e), 0);
	CHECK_EQ(mqnotify(q, NULL), 0);
	CHECK_EQ(mqnotify(q, NULL), 0);
	REQUIRE_OK(mqsend(q, "x", 1, 0, NULL));
	OBSERVE("taken back", "%d", sig_count[SIGUSR1]);
	CHECK_EQ(mqnotify(q, &none), 0);
	CHECK_ERR(mqnotify(q, &e), EBUSY);
	close(REQUIRE_OK(dup(q)));
	OBSERVE_RET("a descriptor was closed", mqnotify(q, &e));
	IN_CHILD(NULL) { close(q); }
	OBSERVE_RET("a child closed its own", mqnotify(q, &e));
	CHECK_EQ(mqnotify(q, NULL), 0);
	IN_CHILD(NULL) { CHECK_EQ(mqnotify(q, &e), 0); }
	OBSERVE_RET("a child ended", mqnotify(q, &e));
}

CASE(a_receiver_waits) {
	int q = queue(10, 8, 0);
	sig_catch(SIGUSR1, 0);
	struct sigevent e = event(SIGEV_SIGNAL, SIGUSR1);
	pid_t pid = harness_fork();
	if (pid == 0) {
		char text[8];
		_exit(mqreceive(q, text, 8, NULL, NULL));
	}
	REQUIRE(wait_blocked(pid, pid));
	CHECK_EQ(mqnotify(q, &e), 0);
	REQUIRE_OK(mqsend(q, "xyz", 3, 0, NULL));
	OBSERVE_STATUS("receiver", wait_for(pid));
	OBSERVE("told", "%d", sig_count[SIGUSR1]);
	REQUIRE_OK(mqsend(q, "xyz", 3, 0, NULL));
	OBSERVE("told, then", "%d", sig_count[SIGUSR1]);
}

CASE(errors) {
	int q = queue(10, 8, 0);
	static const int notifies[] = {-1, 3, 4, 5};
	for (int i = 0; i < 4; i++) {
		struct sigevent e = event(notifies[i], SIGUSR1);
		CHECK_ERR(mqnotify(q, &e), EINVAL);
	}
	static const int signals[] = {-1, 0, 64, 65};
	for (int i = 0; i < 4; i++) {
		struct sigevent e = event(SIGEV_SIGNAL, signals[i]);
		OBSERVE_RET(name("signal %d", signals[i]), mqnotify(q, &e));
		mqnotify(q, NULL);
	}
	struct sigevent e = event(SIGEV_NONE, 0);
	CHECK_ERR(mqnotify(-1, &e), EBADF);
	CHECK_ERR(mqnotify(0, &e), EBADF);
	CHECK_ERR(mqnotify(-1, NULL), EBADF);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(mqnotify(q, b->p), EFAULT);
}
