// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// move_pages: where pages are, page by page, of whom, and what is refused.
#include "../harness/numa.h"

static long move(pid_t pid, unsigned long n, void *const *pages, const int *nodes, int *status, int flags) {
	return syscall(SYS_move_pages, pid, n, pages, nodes, status, flags);
}

static const char *states(const int *s, int n) {
	static char text[1024];
	int len = 0;
	for (int i = 0; i < n; i++)
		len += snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "", s[i] < 0 ? errno_name(-s[i]) : s[i] == 99 ? "untouched" : name("%d", s[i]));
	return text;
}

CASE(where_pages_are) {
	one_node();
	char *p = lettered(anon(4), 1), *none = pages(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	volatile char c = p[PG];
	(void)c;
	char *s = lettered(shared(2), 1), *f = pages(3, RW, MAP_SHARED, letter_file("f", 2, 0));
	c = f[0];
	REQUIRE_OK(munmap(p + 3 * PG, PG));
	void *list[] = {p, p + PG, p + 2 * PG, p + 3 * PG, p + 7, none, s, s + PG, f, f + 2 * PG, NULL, bad_ptr(), (void *)0xffff800000000000};
	enum { N = sizeof list / sizeof *list };
	int st[N];
	for (int i = 0; i < N; i++)
		st[i] = 99;
	OBSERVE_RET("answer", move(0, N, list, NULL, st, 0));
	for (int i = 0; i < N; i++)
		OBSERVE(name("page %d", i), "%s", states(st + i, 1));
	OBSERVE("nothing was brought in", "%s", resident(p, 3));
}

CASE(moving) {
	one_node();
	char *p = lettered(anon(4), 2);
	void *list[] = {p, p + PG, p + 2 * PG, p};
	int to[] = {0, 0, 0, 0}, st[] = {99, 99, 99, 99};
	OBSERVE_RET("answer", move(0, 4, list, to, st, MOVE));
	OBSERVE("status", "%s", states(st, 4));
	OBSERVE("bytes", "%s", peek_pages(p, 2));
	static const int bad[] = {1, -1, 5000, 1023};
	for (unsigned i = 0; i < 4; i++) {
		to[1] = bad[i];
		st[0] = st[1] = st[2] = 99;
		OBSERVE_RET(name("to node %d", bad[i]), move(0, 3, list, to, st, MOVE));
		OBSERVE(name("status of node %d", bad[i]), "%s", states(st, 3));
	}
}

CASE(errors) {
	one_node();
	char *p = lettered(anon(2), 2);
	void *list[] = {p, p + PG};
	int to[] = {0, 0}, st[] = {99, 99};
	for (int f = 1; f <= 16; f *= 2)
		OBSERVE_RET(name("flags %d", f), move(0, 2, list, NULL, st, f));
	OBSERVE_RET("none", move(0, 0, NULL, NULL, NULL, 0));
	OBSERVE_RET("none to move", move(0, 0, NULL, to, NULL, MOVE));
	OBSERVE_RET("bad pages", move(0, 2, bad_ptr(), NULL, st, 0));
	OBSERVE_RET("bad status", move(0, 2, list, NULL, bad_ptr(), 0));
	OBSERVE_RET("bad nodes", move(0, 2, list, bad_ptr(), st, MOVE));
	OBSERVE_RET("no status", move(0, 2, list, to, NULL, MOVE));
	OBSERVE_RET("no such process", move(0x7fffffff, 2, list, NULL, st, 0));
	OBSERVE_RET("negative pid", move(-1, 2, list, NULL, st, 0));
	IN_CHILD(NULL) {
		pid_t parent = getppid();
		become_nobody();
		OBSERVE_RET("nobody, own", move(0, 2, list, NULL, st, MOVE));
		OBSERVE_RET("nobody, MOVE_ALL", move(0, 2, list, NULL, st, MOVE_ALL));
		OBSERVE_RET("nobody, another's", move(parent, 2, list, NULL, st, 0));
	}
}

CASE(many) {
	one_node();
	enum { N = 100 };
	char *p = anon(N);
	void *list[N];
	int st[N], here = 0;
	for (int i = 0; i < N; i++) {
		list[i] = p + i * PG;
		st[i] = 99;
		if (i % 3 == 0)
			p[i * PG] = 1;
	}
	CHECK_OK(move(0, N, list, NULL, st, 0));
	for (int i = 0; i < N; i++) {
		CHECK_EQ(st[i], i % 3 ? -ENOENT : 0);
		here += st[i] == 0;
	}
	OBSERVE("there", "%d", here);
	int *end = (int *)guard_end(20 * sizeof *end);
	OBSERVE_RET("status ends after 20", move(0, N, list, NULL, end, 0));
	OBSERVE("the first", "%s", states(end, 16));
}

CASE(another_process) {
	one_node();
	char *p = anon(2);
	struct gate g = gate_open(), ready = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		p[PG] = 1;
		gate_signal(&ready);
		gate_wait(&g);
		_exit(0);
	}
	gate_wait(&ready);
	void *list[] = {p, p + PG};
	int st[] = {99, 99};
	OBSERVE_RET("child", move(pid, 2, list, NULL, st, 0));
	OBSERVE("child's", "%s", states(st, 2));
	CHECK_OK(move(0, 2, list, NULL, st, 0));
	OBSERVE("own", "%s", states(st, 2));
	gate_signal(&g);
	siginfo_t info;
	REQUIRE_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	OBSERVE_RET("dead", move(pid, 2, list, NULL, st, 0));
	CHECK_EQ(wait_for(pid), 0);
}
