// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// One case's life: needs, fresh directory, child, time limit, its records made into a JSON line, and everything that
// it left behind removed.
#include "internal.h"

#include <dirent.h>
#include <ftw.h>
#include <poll.h>
#include <sys/resource.h>
#include <time.h>

int limit_ms = 30000;
pid_t case_pid;

// What arrived from the case so far.
struct report {
	char *checks, *obs;
	size_t checks_len, obs_len;
	char *skip;
	bool ended;
	char line[2 * PIPE_BUF]; // an incomplete record
	size_t line_len;
};

static long long now_ms(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void append(char **list, size_t *len, const char *item) {
	size_t n = strlen(item);
	*list = realloc(*list, *len + n + 2);
	if (*len)
		(*list)[(*len)++] = ',';
	memcpy(*list + *len, item, n + 1);
	*len += n;
}

static void take_record(struct report *r, const char *rec) {
	switch (rec[0]) {
	case 'C':
		append(&r->checks, &r->checks_len, rec + 1);
		break;
	case 'O':
		append(&r->obs, &r->obs_len, rec + 1);
		break;
	case 'S':
		if (!r->skip)
			r->skip = strdup(rec + 1);
		break;
	case 'E':
		r->ended = true;
	}
}

static void take_bytes(struct report *r, const char *p, size_t n) {
	for (; n; p++, n--) {
		if (*p != '\n' && r->line_len < sizeof r->line - 1) {
			r->line[r->line_len++] = *p;
			continue;
		}
		r->line[r->line_len] = 0;
		take_record(r, r->line);
		r->line_len = 0;
	}
}

// Reads what there is, waiting up to wait_ms for something; false at the end of the pipe.
static bool drain(struct report *r, int fd, int wait_ms) {
	char buf[8192];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (poll(&p, 1, wait_ms) <= 0)
		return true;
	ssize_t n = read(fd, buf, sizeof buf);
	if (n > 0)
		take_bytes(r, buf, n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	if (type == FTW_D || type == FTW_DNR)
		chmod(path, 0700);
	return 0;
}

static int remove_entry_post(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	remove(path);
	return 0;
}

static void remove_tree(const char *dir) {
	nftw(dir, remove_entry, 16, FTW_PHYS);
	nftw(dir, remove_entry_post, 16, FTW_PHYS | FTW_DEPTH);
}

static void point_at_null(int fd, int flags) {
	int null = open("/dev/null", flags);
	if (null < 0)
		return;
	dup2(null, fd);
	if (null != fd)
		close(null);
}

// The state in which every case starts: leader of its own process group, no handlers, nothing blocked, umask 022,
// descriptors 0, 1 and 2 only (and the report pipe).
static void child_main(const struct harness_case *c, int report, const char *dir) {
	sigset_t none;
	setpgid(0, 0);
	case_pid = getpid();
	report_fd = fcntl(report, F_DUPFD_CLOEXEC, REPORT_FD);
	if (report_fd < 0)
		report_fd = report;
	point_at_null(0, O_RDONLY);
	point_at_null(1, O_WRONLY);
	for (int fd = 3; fd < 64; fd++)
		if (fd != report_fd)
			close(fd);
	for (int s = 1; s < 65; s++)
		if (s != SIGKILL && s != SIGSTOP)
			signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, RLIM_INFINITY}); // no files of crashing children
	REQUIRE_OK(chdir(dir));
	c->run();
	harness_end();
}

// Follows the child until its end record, its death or the limit. Returns its wait status, or -1 for the limit.
static int follow(struct report *r, int fd, pid_t pid) {
	long long deadline = now_ms() + limit_ms;
	int status = 0;
	bool open = true;
	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		if (got == pid)
			break;
		long long left = deadline - now_ms();
		if (left <= 0)
			return -1;
		if (open && !r->ended)
			open = drain(r, fd, left < 50 ? (int)left : 50);
		else
			poll(NULL, 0, 1);
	}
	while (open && !r->ended) {
		size_t before = r->checks_len + r->obs_len + r->line_len;
		open = drain(r, fd, 0);
		if (before == r->checks_len + r->obs_len + r->line_len && !r->ended)
			break;
	}
	return status;
}

static void print_line(const char *id, const struct report *r, int status, const char *skip, long long ms) {
	const char *result = "ok";
	char detail[128] = "";
	if (skip || r->skip) {
		result = "skip";
	} else if (status == -1) {
		result = "timeout";
	} else if (!r->ended) {
		result = "crash";
		snprintf(detail, sizeof detail, "%s before the end of the case", status_text(status));
	} else if (r->checks_len) {
		result = "fail";
	}
	printf("{\"case\":\"%s\",\"result\":\"%s\",\"checks\":[%s],\"obs\":[%s]", id, result, r->checks ? r->checks : "",
	       r->obs ? r->obs : "");
	if (skip)
		printf(",\"skip\":\"%s\"", skip);
	else if (r->skip)
		printf(",\"skip\":%s", r->skip);
	if (detail[0])
		printf(",\"detail\":\"%s\"", detail);
	printf(",\"ms\":%lld}\n", ms);
	fflush(stdout);
}

static void make_dir(char *dir, size_t size) {
	const char *tmp = getenv("TMPDIR");
	snprintf(dir, size, "%s/case-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(dir)) {
		fprintf(stderr, "mkdtemp %s: %s\n", dir, strerror(errno));
		exit(3);
	}
	chmod(dir, 0755);
}

void run_case(const struct harness_case *c, const char *id) {
	char dir[PATH_MAX];
	struct report r = {0};
	int fds[2];
	long long start = now_ms();
	make_dir(dir, sizeof dir);
	const char *skip = chdir(dir) == 0 ? unmet_need(c->needs) : NULL;
	int status = 0;
	if (!skip) {
		if (pipe2(fds, O_CLOEXEC) < 0) {
			perror("pipe2");
			exit(3);
		}
		fflush(stdout);
		pid_t pid = fork();
		if (pid < 0) {
			perror("fork");
			exit(3);
		}
		if (pid == 0)
			child_main(c, fds[1], dir);
		close(fds[1]);
		status = follow(&r, fds[0], pid);
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		if (getpid() == 1)
			kill(-1, SIGKILL); // all else in this pid namespace is what the case left behind
		if (status == -1)
			waitpid(pid, NULL, 0);
		// Orphans come here when this is the first process of its namespace.
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		close(fds[0]);
	}
	if (chdir("/") < 0)
		perror("chdir /");
	remove_tree(dir);
	print_line(id, &r, status, skip, now_ms() - start);
	free(r.checks);
	free(r.obs);
	free(r.skip);
}
