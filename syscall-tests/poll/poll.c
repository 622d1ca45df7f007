// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// poll: what it says of descriptors in every state, and what ends its waiting.
#include "../harness/inets.h"
#include "../harness/ready.h"

#include <sys/resource.h>

static long kpoll(struct pollfd *p, unsigned n, int timeout) { return syscall(SYS_poll, p, n, timeout); }

static const char *look(int fd) {
	struct pollfd p = {fd, (short)ALL_EVENTS, 0};
	long r = kpoll(&p, 1, 0);
	return name("%ld %s", r, events_text((unsigned short)p.revents));
}

READY_CASES(look)

CASE(only_what_was_asked_for) {
	int p[2], q[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(pipe(q));
	REQUIRE(write(p[1], "x", 1) == 1);
	close(q[0]);
	for (int bit = 0; bit < 16; bit++) {
		struct pollfd f[3] = {{p[0], (short)(1 << bit), -1}, {p[1], (short)(1 << bit), -1}, {q[1], (short)(1 << bit), -1}};
		long r = kpoll(f, 3, 0);
		OBSERVE(name("event %#x", 1 << bit), "%ld: %s, %s, %s", r, events_text((unsigned short)f[0].revents),
			events_text((unsigned short)f[1].revents), events_text((unsigned short)f[2].revents));
	}
}

CASE(negative_and_bad_descriptors) {
	static const int fds[] = {-1, -2, INT32_MIN, 99, 1023, INT32_MAX};
	for (size_t i = 0; i < COUNT(fds); i++) {
		struct pollfd p = {fds[i], POLLIN, 0x7fff};
		long r = kpoll(&p, 1, 0);
		OBSERVE(name("fd %d", fds[i]), "%ld %#x", r, p.revents);
	}
	struct pollfd mixed[3] = {{-1, POLLIN, 1}, {99, 0, 1}, {0, POLLOUT, 1}};
	CHECK_EQ(kpoll(mixed, 3, -1), 2);
	CHECK_EQ(mixed[0].revents, 0);
	CHECK_EQ(mixed[1].revents, POLLNVAL);
}

CASE(errors) {
	struct pollfd p = {0, POLLIN, 0};
	struct rlimit lim;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), kpoll(b->p, 1, 0));
		OBSERVE_RET(name("%s, none", b->name), kpoll(b->p, 0, 0));
	}
	CHECK_ERR(kpoll(NULL, 1, 0), EFAULT);
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERR(kpoll(&p, lim.rlim_cur + 1, 0), EINVAL);
	CHECK_ERR(kpoll(&p, -1U, 0), EINVAL);
	CHECK_ERR(kpoll(bad_ptr(), lim.rlim_cur + 1, 0), EINVAL);
	CHECK_ERR(kpoll(guard_copy(&p, sizeof p), 2, 0), EFAULT);
	lim.rlim_cur = 3;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	struct pollfd four[4] = {{-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}};
	OBSERVE_RET("as many as the limit", kpoll(four, 3, 0));
	OBSERVE_RET("more than the limit", kpoll(four, 4, 0));
	struct pollfd *ro = readonly_page();
	OBSERVE_RET("read-only", kpoll(ro, 1, 0));
}

CASE(timeouts) {
	int64_t start = now_ns(CLOCK_MONOTONIC);
	CHECK_EQ(kpoll(NULL, 0, 0), 0);
	CHECK_EQ(kpoll(NULL, 0, 20), 0);
	CHECK(now_ns(CLOCK_MONOTONIC) - start >= 20000000);
	int p[2];
	REQUIRE_OK(pipe(p));
	struct pollfd f = {p[0], POLLIN, 7};
	CHECK_EQ(kpoll(&f, 1, 5), 0);
	CHECK_EQ(f.revents, 0);
}

CASE(woken_by_data_hangup_and_room) {
	int p[2], e = REQUIRE_OK(eventfd(0, 0));
	struct waker w;
	struct pollfd f = {e, POLLIN, 0};
	wake_me(&w, e);
	OBSERVE_RET("data", kpoll(&f, 1, -1));
	OBSERVE("data's events", "%s", events_text(f.revents));
	thread_join(w.thread);
	REQUIRE_OK(pipe(p));
	pid_t me = getpid(), child = harness_fork();
	if (child == 0) {
		close(p[0]);
		_exit(wait_blocked(me, me) ? 0 : 1); // and its writing end closes
	}
	close(p[1]);
	f = (struct pollfd){p[0], POLLIN, 0};
	OBSERVE_RET("hangup", kpoll(&f, 1, -1));
	OBSERVE("hangup's events", "%s", events_text(f.revents));
	wait_for(child);
	REQUIRE_OK(pipe(p));
	fill(p[1]);
	child = harness_fork();
	if (child == 0) {
		static char all[65536];
		_exit(wait_blocked(me, me) && read(p[0], all, sizeof all) == sizeof all ? 0 : 1);
	}
	f = (struct pollfd){p[1], POLLOUT, 0};
	OBSERVE_RET("room", kpoll(&f, 1, -1));
	OBSERVE("room's events", "%s", events_text(f.revents));
	OBSERVE_STATUS("reader", wait_for(child));
}

CASE(interrupted_with_and_without_restart) {
	static const int flags[] = {0, SA_RESTART};
	for (int i = 0; i < 2; i++) {
		sig_catch(SIGUSR1, flags[i]);
		struct interrupter it = interrupt_me(SIGUSR1);
		CHECK_ERR(kpoll(NULL, 0, -1), EINTR);
		CHECK(interrupt_done(&it));
		it = interrupt_me(SIGUSR1);
		CHECK_ERR(kpoll(NULL, 0, 9000), EINTR);
		CHECK(interrupt_done(&it));
	}
	CHECK_EQ(sig_count[SIGUSR1], 4);
}

// A stop is no interruption: the call goes on with what is left of its time.
CASE(stop_and_continue) {
	int p[2], st;
	REQUIRE_OK(pipe(p));
	pid_t child = harness_fork();
	if (child == 0) {
		struct pollfd f = {p[0], POLLIN, 0};
		_exit(kpoll(&f, 1, 9000) == 1 && f.revents == POLLIN ? 7 : 1);
	}
	REQUIRE(wait_blocked(child, child));
	kill(child, SIGSTOP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	kill(child, SIGCONT);
	REQUIRE_OK(waitpid(child, &st, WCONTINUED));
	REQUIRE(wait_blocked(child, child));
	REQUIRE(write(p[1], "x", 1) == 1);
	OBSERVE_STATUS("child", wait_for(child));
}

CASE(many_descriptors_and_the_same_one_twice) {
	static struct pollfd f[400];
	int e = REQUIRE_OK(eventfd(1, 0));
	for (int i = 0; i < 400; i++)
		f[i] = (struct pollfd){i % 2 ? e : -1, POLLIN | POLLOUT, 0x55};
	CHECK_EQ(kpoll(f, 400, -1), 200);
	CHECK_EQ(f[399].revents, POLLIN | POLLOUT);
	CHECK_EQ(f[398].revents, 0);
}

CASE(states_of_inet_sockets) {
	int l = in_listener(AF_INET, 2), c = in_socket(AF_INET, SOCK_STREAM), p[2];
	OBSERVE("fresh stream", "%s", look(c));
	OBSERVE("fresh datagram", "%s", look(in_socket(AF_INET, SOCK_DGRAM)));
	OBSERVE("listener", "%s", look(l));
	REQUIRE_OK(in_connect(c, AF_INET, in_port(l)));
	await(l, POLLIN);
	OBSERVE("listener, a connection waits", "%s", look(l));
	OBSERVE("connected", "%s", look(c));
	in_pair(AF_INET6, p);
	REQUIRE(write(p[0], "x", 1) == 1);
	await(p[1], POLLIN);
	OBSERVE("data", "%s", look(p[1]));
	REQUIRE(send(p[0], "!", 1, MSG_OOB) == 1);
	await(p[1], POLLPRI);
	OBSERVE("urgent data", "%s", look(p[1]));
	shutdown(p[0], SHUT_WR);
	await(p[1], POLLRDHUP);
	OBSERVE("peer SHUT_WR", "%s", look(p[1]));
	OBSERVE("own SHUT_WR", "%s", look(p[0]));
	in_pair(AF_INET, p);
	static char big[1 << 20];
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	while (write(p[0], big, sizeof big) > 0)
		;
	OBSERVE("full", "%s", look(p[0]));
	close(p[1]);
	await(p[0], POLLIN);
	OBSERVE("peer closed with unread data", "%s", look(p[0]));
}

// A call that waits sees what comes.
CASE(inet_wakes) {
	int p[2];
	struct waker w;
	in_pair(AF_INET, p);
	wake_me(&w, p[0]);
	struct pollfd f = {p[1], POLLIN, 0};
	CHECK_EQ(kpoll(&f, 1, -1), 1);
	thread_join(w.thread);
	CHECK_EQ(f.revents, POLLIN);
}
