// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Helpers of the cases: memory that ends where the test wants, children, gates, threads, interruption, signals, files.
#include "internal.h"

#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>

// --- Memory ---

size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static void *map(size_t size, int prot) {
	void *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	return p;
}

void *guard_end(size_t size) {
	size_t page = page_size(), body = (size + page - 1) / page * page;
	if (body == 0)
		body = page;
	char *p = map(body + page, PROT_READ | PROT_WRITE);
	// PROT_NONE rather than unmapped, so that no later mapping lands there.
	REQUIRE_OK(mprotect(p + body, page, PROT_NONE));
	return p + body - size;
}

void *guard_copy(const void *src, size_t size) { return memcpy(guard_end(size), src, size); }
void *readonly_page(void) { return map(page_size(), PROT_READ); }
void *writable_page(void) { return map(page_size(), PROT_READ | PROT_WRITE); }

const struct bad_pointer *bad_pointers(void) {
	static struct bad_pointer bad[] = {
		{"low", (void *)16},
		{"unmapped", NULL},
		{"prot_none", NULL},
		{"noncanonical", (void *)0x8000000000000000},
		{"kernel", (void *)0xffff888000000000},
		{"minus_one", (void *)-1},
		{NULL, NULL},
	};
	if (!bad[1].p) {
		bad[2].p = map(page_size(), PROT_NONE);
		// Far below everything that the kernel hands out, so that it stays unmapped.
		bad[1].p = (void *)0x10000000000;
	}
	return bad;
}

void *bad_ptr(void) { return bad_pointers()[1].p; }

// --- Processes ---

pid_t harness_fork(void) {
	pid_t pid = fork();
	REQUIRE(pid >= 0);
	return pid;
}

int wait_for(pid_t pid) {
	int st = 0;
	while (waitpid(pid, &st, __WALL) < 0)
		REQUIRE(errno == EINTR);
	return st;
}

int harness_child_end(const char *file, int line, pid_t child, int *status) {
	if (child == 0)
		_exit(0);
	int st = wait_for(child);
	if (status)
		*status = st;
	else if (st != 0)
		harness_fail(file, line, "child: %s", status_text(st));
	return 0;
}

void become_nobody(void) {
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{0}};
	if (geteuid() == 0) {
		REQUIRE_OK(syscall(SYS_setgroups, 0, NULL));
		REQUIRE_OK(syscall(SYS_setresgid, 65534, 65534, 65534));
		REQUIRE_OK(syscall(SYS_setresuid, 65534, 65534, 65534));
	}
	REQUIRE_OK(syscall(SYS_capset, &h, d));
}

struct gate gate_open(void) {
	int fds[2];
	REQUIRE_OK(pipe(fds));
	return (struct gate){fds[0], fds[1]};
}

void gate_signal(struct gate *g) { REQUIRE(write(g->w, "x", 1) == 1); }

void gate_wait(struct gate *g) {
	char c;
	ssize_t n;
	do
		n = read(g->r, &c, 1);
	while (n < 0 && errno == EINTR);
	REQUIRE(n == 1);
}

void gate_close(struct gate *g) {
	close(g->r);
	close(g->w);
}

// --- Threads ---

pid_t tid_self(void) { return (pid_t)syscall(SYS_gettid); }

pthread_t thread_start(void *(*fn)(void *), void *arg) {
	pthread_t t;
	errno = pthread_create(&t, NULL, fn, arg);
	REQUIRE(errno == 0);
	return t;
}

void *thread_join(pthread_t t) {
	void *ret = NULL;
	errno = pthread_join(t, &ret);
	REQUIRE(errno == 0);
	return ret;
}

// --- Blocking and interruption ---

// The state letter of a thread, '?' if it can't be read.
static char thread_state(pid_t pid, pid_t tid) {
	char path[64], buf[512];
	snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return '?';
	ssize_t n = read(fd, buf, sizeof buf - 1);
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	char *paren = strrchr(buf, ')');
	return paren && paren[1] ? paren[2] : '?';
}

bool wait_blocked(pid_t pid, pid_t tid) {
	// Three looks in a row, a millisecond apart: a page fault on the way to the call is not the call.
	int seen = 0;
	for (int tries = 0; tries < 5000 && seen < 3; tries++) {
		char s = thread_state(pid, tid);
		seen = s == 'S' || s == 'D' ? seen + 1 : 0;
		if (seen < 3)
			poll(NULL, 0, 1);
	}
	return seen == 3;
}

struct interrupter interrupt_me(int sig) {
	pid_t pid = getpid(), tid = tid_self();
	int fds[2];
	REQUIRE_OK(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
	struct interrupter it = {.helper = harness_fork(), .sent = fds[0]};
	if (it.helper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!wait_blocked(pid, tid) || write(fds[1], "x", 1) != 1)
			_exit(1);
		_exit(syscall(SYS_tgkill, pid, tid, sig) == 0 ? 0 : 2);
	}
	close(fds[1]);
	return it;
}

bool interrupt_done(struct interrupter *it) {
	char c;
	kill(it->helper, SIGKILL);
	wait_for(it->helper);
	bool sent = read(it->sent, &c, 1) == 1;
	close(it->sent);
	return sent;
}

// --- Signals ---

volatile sig_atomic_t sig_count[65];
volatile siginfo_t sig_info[65];

static void count_signal(int sig, siginfo_t *info, void *ctx) {
	(void)ctx;
	if (info)
		memcpy((void *)&sig_info[sig], info, sizeof *info);
	sig_count[sig]++;
}

void sig_catch(int sig, int sa_flags) {
	struct sigaction sa = {.sa_sigaction = count_signal, .sa_flags = sa_flags | SA_SIGINFO};
	sigemptyset(&sa.sa_mask);
	REQUIRE_OK(sigaction(sig, &sa, NULL));
}

static void change_mask(int how, int sig) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, sig);
	errno = pthread_sigmask(how, &set, NULL);
	REQUIRE(errno == 0);
}

void sig_block(int sig) { change_mask(SIG_BLOCK, sig); }
void sig_unblock(int sig) { change_mask(SIG_UNBLOCK, sig); }

bool sig_pending(int sig) {
	sigset_t set;
	REQUIRE_OK(sigpending(&set));
	return sigismember(&set, sig) == 1;
}

// --- Files ---

int make_file(const char *path, const char *content) {
	int fd = (int)REQUIRE_OK(open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0644));
	REQUIRE_OK(fchmod(fd, 0644));
	REQUIRE(write(fd, content, strlen(content)) == (ssize_t)strlen(content));
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	return fd;
}

const char *read_file(const char *path) {
	static char buf[65537];
	size_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	for (ssize_t r; n < sizeof buf - 1 && (r = read(fd, buf + n, sizeof buf - 1 - n)) > 0;)
		n += r;
	close(fd);
	buf[n] = 0;
	return buf;
}
