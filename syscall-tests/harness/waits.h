// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that wait: the same questions to each of them. A call is given by what stands ready before it,
// the call itself, and what ends the wait. The cases: a handler without SA_RESTART and with it, signals that nobody hears (one
// blocked, one whose default is nothing), a stop and a continue, and the end of the process (killed, ended by another thread, replaced by
// another thread's exec); for descriptors also one that another thread points elsewhere meanwhile.
#ifndef DITTO_HARNESS_WAITS_H
#define DITTO_HARNESS_WAITS_H

#include "harness.h"

#include <poll.h>
#include <sys/prctl.h>

enum wait_how { WAIT_HANDLER, WAIT_RESTART, WAIT_UNHEARD, WAIT_STOPPED };

struct waiting {
	void (*prepare)(void);
	long (*call)(void);
	void (*ready)(void); // in another process or thread: what was waited for happens
};

// What the case's process and its helper tell each other.
struct wait_news {
	volatile int handled, readied;
};
static struct wait_news *wait_news;
static pid_t wait_pid, wait_tid; // who waits

static inline void wait_handle(int sig) {
	(void)sig;
	wait_news->handled++;
}

static inline void wait_catch(int flags) {
	struct sigaction sa = {.sa_handler = wait_handle, .sa_flags = flags};
	REQUIRE_OK(sigaction(SIGUSR1, &sa, NULL));
}

static inline void wait_begin(const struct waiting *w) {
	wait_news = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(wait_news != MAP_FAILED);
	wait_pid = getpid(), wait_tid = tid_self();
	w->prepare();
}

static inline char wait_state(void) {
	const char *s = read_file(name("/proc/%d/task/%d/stat", wait_pid, wait_tid));
	const char *paren = s ? strrchr(s, ')') : NULL;
	return paren && paren[1] ? paren[2] : '?';
}

// Looks every millisecond, for five seconds at most.
#define WAIT_UNTIL(cond)                                                                                              \
	for (int looks_ = 0; looks_ < 5000 && !(cond); looks_++)                                                      \
		poll(NULL, 0, 1)

// The helper's part: the signals, and when the call waits again after them, what it waits for.
static inline void wait_disturb(enum wait_how how, const struct waiting *w) {
	if (!wait_blocked(wait_pid, wait_tid))
		_exit(1);
	switch (how) {
	case WAIT_HANDLER:
	case WAIT_RESTART:
		syscall(SYS_tgkill, wait_pid, wait_tid, SIGUSR1);
		WAIT_UNTIL(wait_news->handled);
		break;
	case WAIT_UNHEARD:
		syscall(SYS_tgkill, wait_pid, wait_tid, SIGUSR1);
		syscall(SYS_tgkill, wait_pid, wait_tid, SIGWINCH);
		break;
	case WAIT_STOPPED:
		kill(wait_pid, SIGSTOP);
		WAIT_UNTIL(wait_state() == 'T');
		kill(wait_pid, SIGCONT);
		WAIT_UNTIL(wait_state() != 'T');
	}
	if (!wait_blocked(wait_pid, wait_tid))
		_exit(2);
	wait_news->readied = 1;
	w->ready();
	_exit(0);
}

static inline void wait_run(enum wait_how how, const struct waiting *w) {
	wait_begin(w);
	wait_catch(how == WAIT_RESTART ? SA_RESTART : 0);
	if (how == WAIT_UNHEARD)
		sig_block(SIGUSR1);
	pid_t helper = harness_fork();
	if (helper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		wait_disturb(how, w);
	}
	errno = 0;
	long r = w->call();
	int err = errno, readied = wait_news->readied;
	kill(helper, SIGKILL);
	harness_observe_ret("call", r, err, true);
	OBSERVE("ended by", "%s", readied ? "what it waited for" : "the signal");
	OBSERVE("handled", "%d", wait_news->handled);
	OBSERVE("pending", "%d", sig_pending(SIGUSR1));
}

// --- The process ends ---

static enum { END_KILLED, END_EXIT, END_EXEC, WAIT_ENDS } wait_end;

static inline void *wait_ender(void *arg) {
	(void)arg;
	if (!wait_blocked(wait_pid, wait_tid))
		_exit(1);
	if (wait_end == END_KILLED)
		kill(wait_pid, SIGKILL);
	else if (wait_end == END_EXIT)
		syscall(SYS_exit_group, 7);
	else
		execl("/bin/sh", "sh", "-c", "exit 9", NULL);
	return NULL;
}

static inline void wait_ends(const struct waiting *w) {
	static const char *const names[] = {"killed", "ended by another thread", "another thread's exec"};
	for (wait_end = 0; wait_end < WAIT_ENDS; wait_end++) {
		pid_t pid = harness_fork();
		if (pid == 0) {
			wait_begin(w);
			thread_start(wait_ender, NULL);
			w->call();
			harness_fail(__FILE__, __LINE__, "%s: the call came back", names[wait_end]);
			_exit(3);
		}
		OBSERVE_STATUS(names[wait_end], wait_for(pid));
	}
}

// --- The descriptor goes elsewhere ---

static const struct waiting *wait_of;
static int *wait_fd;

static inline void *wait_redirect(void *arg) {
	(void)arg;
	int elsewhere = open("/dev/null", O_RDWR);
	if (!wait_blocked(wait_pid, wait_tid) || dup2(elsewhere, *wait_fd) < 0)
		_exit(1);
	if (!wait_blocked(wait_pid, wait_tid))
		_exit(2);
	wait_news->readied = 1;
	wait_of->ready();
	return NULL;
}

static inline void wait_redirected(const struct waiting *w, int *fd) {
	wait_begin(w);
	wait_of = w, wait_fd = fd;
	pthread_t t = thread_start(wait_redirect, NULL);
	errno = 0;
	long r = w->call();
	int err = errno, readied = wait_news->readied;
	harness_observe_ret("call", r, err, true);
	OBSERVE("ended by", "%s", readied ? "what it waited for" : "the new descriptor");
	if (readied)
		thread_join(t);
}

#define WAITS(ident, before, expr, then)                                                                              \
	static void before_##ident(void) { before; }                                                                  \
	static long call_##ident(void) { return (long)(expr); }                                                       \
	static void then_##ident(void) { then; }                                                                      \
	static const struct waiting waiting_##ident = {before_##ident, call_##ident, then_##ident};                      \
	CASE(ident##_and_a_handler) { wait_run(WAIT_HANDLER, &waiting_##ident); }                                        \
	CASE(ident##_and_a_restarting_handler) { wait_run(WAIT_RESTART, &waiting_##ident); }                             \
	CASE(ident##_and_unheard_signals) { wait_run(WAIT_UNHEARD, &waiting_##ident); }                                  \
	CASE(ident##_stopped_and_continued) { wait_run(WAIT_STOPPED, &waiting_##ident); }                                \
	CASE(ident##_at_the_end_of_the_process) { wait_ends(&waiting_##ident); }

// The same, and one more: fd is what the call waits on.
#define FD_WAITS(ident, fd, before, expr, then)                                                                       \
	WAITS(ident, before, expr, then)                                                                              \
	CASE(ident##_redirected) { wait_redirected(&waiting_##ident, &(fd)); }

// --- What there is to wait for ---

static int wait_on[2]; // the descriptor that is waited on, and the one that ends the wait
static char wait_buf[1 << 16] __attribute__((unused));

static inline void wait_fill(int fd) {
	int fl = fcntl(fd, F_GETFL);
	REQUIRE_OK(fcntl(fd, F_SETFL, fl | O_NONBLOCK));
	while (write(fd, wait_buf, 4096) > 0)
		;
	while (write(fd, wait_buf, 1) > 0)
		;
	REQUIRE_OK(fcntl(fd, F_SETFL, fl));
}

static inline void wait_drain(int fd) {
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, wait_buf, sizeof wait_buf) > 0)
		;
}

static inline void empty_pipe(void) { REQUIRE_OK(pipe(wait_on)); }

// Written to at wait_on[0], and full.
static inline void full_pipe(void) {
	int p[2];
	REQUIRE_OK(pipe(p));
	wait_on[0] = p[1], wait_on[1] = p[0];
	wait_fill(wait_on[0]);
}

static inline void wait_byte(void) { REQUIRE(write(wait_on[1], "x", 1) == 1); }
static inline void wait_room(void) { wait_drain(wait_on[1]); }

#endif
