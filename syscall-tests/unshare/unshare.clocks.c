// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unshare: the clocks of a time namespace whose offsets were set before anyone was in it: every way
// to read them, by the vDSO and by system calls, and every wait until a time that they show.
#include "../harness/namespaces.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#define OFFSETS "/proc/self/timens_offsets"
#define AHEAD 1000000 // s

static void shift(const char *text) {
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
	REQUIRE_OK(put_text(OFFSETS, text));
}

static long long now(int clock) {
	struct timespec ts;
	REQUIRE_OK(clock_gettime(clock, &ts));
	return ts.tv_sec;
}

static long long now_asked(int clock) {
	struct timespec ts;
	REQUIRE_OK(syscall(SYS_clock_gettime, clock, &ts));
	return ts.tv_sec;
}

// About how many times AHEAD lies between the two.
static long long ahead(long long then, long long now) { return (now - then + AHEAD / 2) / AHEAD; }

static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
	CLOCK_REALTIME_COARSE, CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID};

static void compare(const char *who, long long *before) {
	for (int i = 0; i < (int)(sizeof clocks / sizeof *clocks); i++) {
		OBSERVE(name("%s: clock %d", who, clocks[i]), "%lld by the library, %lld by the call", ahead(before[i], now(clocks[i])),
			ahead(before[i], now_asked(clocks[i])));
	}
}

static void look(long long *before) {
	for (int i = 0; i < (int)(sizeof clocks / sizeof *clocks); i++)
		before[i] = now_asked(clocks[i]);
}

CASE(clocks_of_children, "root cap:21") {
	long long before[8];
	look(before);
	shift("monotonic 1000000 5\nboottime 3000000 999999999\n");
	OBSERVE("offsets", "%s", read_file(OFFSETS));
	compare("the parent", before);
	IN_CHILD(NULL) {
		compare("a child", before);
		IN_CHILD(NULL) compare("a grandchild", before);
		OBSERVE_RET("too late", put_text(OFFSETS, "monotonic 1 0\n"));
	}
	OBSERVE_RET("too late for the parent", put_text(OFFSETS, "monotonic 1 0\n"));
}

CASE(clocks_entered_and_left, "root cap:21") {
	long long before[8];
	look(before);
	int home = REQUIRE_OK(open("/proc/self/ns/time", O_RDONLY));
	shift("1 1000000 0\n7 2000000 0\n");
	int there = REQUIRE_OK(open("/proc/self/ns/time_for_children", O_RDONLY));
	REQUIRE_OK(setns(there, CLONE_NEWTIME));
	compare("entered", before);
	REQUIRE_OK(setns(home, CLONE_NEWTIME));
	compare("back", before);
}

// A namespace within has the clocks of the one that it was made in, and can have others.
CASE(clocks_within, "root cap:21") {
	long long before[8];
	look(before);
	shift("monotonic 1000000 0\n");
	IN_CHILD(NULL) {
		shift("boottime 2000000 0\n");
		OBSERVE("offsets", "%s", read_file(OFFSETS));
		IN_CHILD(NULL) compare("within", before);
		REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
		REQUIRE_OK(put_text(OFFSETS, "monotonic 0 0\nboottime 0 0\n"));
		IN_CHILD(NULL) compare("set back", before);
	}
}

static const struct {
	const char *text;
} refused[] = {{"monotonic"}, {"monotonic 1"}, {"monotonic 1 1000000000"}, {"monotonic 1 -1"}, {"realtime 1 0"}, {"0 1 0"},
	{"monotonic -99999999 0"}, {"boottime 9223372036 0"}, {"boottime 9223372036854775807 0"}, {"boottime -9223372036854775807 0"},
	{"monotonic 1 0\nboottime"}, {""}, {"\n"}};

CASE(clocks_refused, "root cap:21") {
	OBSERVE_RET("of the first", put_text(OFFSETS, "monotonic 1 0\n"));
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
	for (int i = 0; i < (int)(sizeof refused / sizeof *refused); i++) {
		if (*refused[i].text)
			OBSERVE_RET(name("%s", refused[i].text), put_text(OFFSETS, refused[i].text));
	}
	OBSERVE("offsets left", "%s", read_file(OFFSETS));
	OBSERVE_RET("set", put_text(OFFSETS, "monotonic 10 0\n"));
	OBSERVE_RET("set again", put_text(OFFSETS, "monotonic 11 1\nboottime -1 5\n"));
	OBSERVE("offsets", "%s", read_file(OFFSETS));
}

CASE(clocks_of_a_program, "root cap:21") {
	int p[2];
	char text[64] = "";
	REQUIRE_OK(pipe(p));
	long long before = now_asked(CLOCK_BOOTTIME);
	shift("boottime 1000000 0\n");
	pid_t child = vfork();
	if (child == 0) {
		dup2(p[1], 1);
		execl("/bin/cat", "cat", "/proc/uptime", NULL);
		_exit(127);
	}
	REQUIRE_OK(child);
	REQUIRE_OK(read(p[0], text, sizeof text - 1));
	REQUIRE_OK(waitpid(child, NULL, 0));
	OBSERVE("uptime", "%lld", ahead(before, atoll(text)));
	IN_CHILD(NULL) {
		struct sysinfo s;
		REQUIRE_OK(sysinfo(&s));
		OBSERVE("sysinfo", "%lld", ahead(before, s.uptime));
		const char *stat = read_file("/proc/self/stat");
		long long start = 0;
		sscanf(strrchr(stat, ')') + 2, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld", &start);
		OBSERVE("start", "%lld", ahead(before, start / sysconf(_SC_CLK_TCK)));
	}
}

// Waits until a time of the shifted clock end when it is shown, and not before or an age later.
static struct timespec soon(int clock) {
	struct timespec ts;
	REQUIRE_OK(clock_gettime(clock, &ts));
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000)
		ts.tv_nsec -= 1000000000, ts.tv_sec++;
	return ts;
}

static void came(const char *what, int clock, struct timespec until) {
	struct timespec ts;
	REQUIRE_OK(clock_gettime(clock, &ts));
	double late = ts.tv_sec - until.tv_sec + (ts.tv_nsec - until.tv_nsec) / 1e9;
	OBSERVE(name("%s on %d: then", what, clock), "%s", late < 0 ? "too early" : late > 600 ? "too late" : "in time");
}

static void wait_until(int clock) {
	struct timespec until = soon(clock);
	OBSERVE_RET(name("clock_nanosleep on %d", clock), -clock_nanosleep(clock, TIMER_ABSTIME, &until, NULL));
	came("clock_nanosleep", clock, until);

	int fd = REQUIRE_OK(timerfd_create(clock, 0));
	until = soon(clock);
	struct itimerspec its = {.it_value = until};
	uint64_t n = 0;
	REQUIRE_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL));
	OBSERVE_RET(name("timerfd on %d", clock), read(fd, &n, sizeof n));
	came("timerfd", clock, until);
	close(fd);

	timer_t id;
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	REQUIRE_OK(timer_create(clock, &none, &id));
	its.it_value = soon(clock), its.it_value.tv_sec += 1000;
	REQUIRE_OK(timer_settime(id, TIMER_ABSTIME, &its, NULL));
	REQUIRE_OK(timer_gettime(id, &its));
	OBSERVE(name("timer on %d", clock), "%s", its.it_value.tv_sec > 300 && its.it_value.tv_sec <= 1000 ? "some 1000 s are left" : "wrong");
	REQUIRE_OK(timer_delete(id));
}

CASE(waits_ahead, "root cap:21") {
	shift("monotonic 1000000 0\nboottime 2000000 0\n");
	IN_CHILD(NULL) {
		wait_until(CLOCK_MONOTONIC);
		wait_until(CLOCK_BOOTTIME);
		wait_until(CLOCK_REALTIME);
	}
}

static int word;

static void wait_futex(void) {
	struct timespec until = soon(CLOCK_MONOTONIC);
	OBSERVE_RET("FUTEX_WAIT_BITSET", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &until, NULL, -1));
	came("FUTEX_WAIT_BITSET", CLOCK_MONOTONIC, until);
	until = soon(CLOCK_REALTIME);
	OBSERVE_RET("by the real time", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &until, NULL, -1));
	came("FUTEX_WAIT_BITSET", CLOCK_REALTIME, until);
	struct timespec little = {0, 20000000};
	until = soon(CLOCK_MONOTONIC);
	OBSERVE_RET("FUTEX_WAIT", syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &little, NULL, 0));
	came("FUTEX_WAIT", CLOCK_MONOTONIC, until);
	until = soon(CLOCK_MONOTONIC);
	struct futex_waitv v = {.uaddr = (uintptr_t)&word, .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG};
	OBSERVE_RET("futex_waitv", syscall(SYS_futex_waitv, &v, 1, 0, &until, CLOCK_MONOTONIC));
	came("futex_waitv", CLOCK_MONOTONIC, until);
	struct timespec bad = {-1, 0};
	OBSERVE_RET("no time", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &bad, NULL, -1));
	OBSERVE_RET("no memory", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, 8, NULL, -1));
}

CASE(futexes_ahead, "root cap:21") {
	shift("monotonic 1000000 0\n");
	IN_CHILD(NULL) wait_futex();
}

CASE(futexes_behind, "root cap:21") {
	shift("monotonic -100 0\n");
	IN_CHILD(NULL) wait_futex();
}
