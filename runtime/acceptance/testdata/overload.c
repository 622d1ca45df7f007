// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// overload does one kind of much: threads, processes, generations, mappings, or as much as a limit lets it. What it
// prints is the same wherever it works.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static int fail(const char *what, long at)
{
	printf("%s %ld: %s\n", what, at, strerror(errno));
	return 1;
}

static void limit(int which, rlim_t n)
{
	struct rlimit l = {n, n};
	if (setrlimit(which, &l))
		exit(fail("setrlimit", which));
}

// as_nobody: RLIMIT_NPROC does not bind root. The user is one that runs nothing else here.
static void as_nobody(void)
{
	if (getuid() == 0 && (setgid(64321) || setuid(64321)))
		exit(fail("setuid", 64321));
}

static pthread_barrier_t all;

static void *thread(void *arg)
{
	pthread_barrier_wait(&all);
	return arg;
}

static int threads(long n)
{
	pthread_t *list = calloc(n, sizeof *list);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16 * PAGE);
	pthread_barrier_init(&all, NULL, n + 1);
	for (long i = 0; i < n; i++)
		if ((errno = pthread_create(&list[i], &attr, thread, (void *)i)))
			return fail("thread", i);
	pthread_barrier_wait(&all);
	for (long i = 0; i < n; i++) {
		void *got;
		pthread_join(list[i], &got);
		if (got != (void *)i)
			return fail("join", i);
	}
	printf("%ld threads at once\n", n);
	return 0;
}

// children forks up to n that wait for the gate; how many there are.
static long children(long n, int gate[2])
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();
		char c;
		if (pid < 0)
			return i;
		if (pid == 0) {
			close(gate[1]);
			_exit(read(gate[0], &c, 1) == 0 ? 7 : 1);
		}
	}
	return n;
}

static long reap(void)
{
	long ended = 0;
	int status;
	while (wait(&status) > 0)
		ended += status == 7 << 8;
	return ended;
}

static int processes(long n)
{
	int gate[2];
	if (pipe(gate))
		return fail("pipe", 0);
	if (children(n, gate) < n)
		return fail("process", n);
	close(gate[1]);
	printf("%ld of %ld processes ended\n", reap(), n);
	return 0;
}

static int chain(long depth)
{
	int status;
	if (depth == 0)
		return 0;
	pid_t pid = fork();
	if (pid < 0)
		return fail("generation", depth);
	if (pid == 0)
		_exit(chain(depth - 1));
	return waitpid(pid, &status, 0) != pid || status != 0;
}

static int mappings(long n)
{
	char *base = mmap(NULL, 2 * n * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (long i = 0; i < n; i++) {
		if (mprotect(base + 2 * i * PAGE, PAGE, PROT_READ | PROT_WRITE))
			return fail("mapping", i);
		base[2 * i * PAGE] = (char)i;
	}
	pid_t pid = fork();
	if (pid == 0) {
		for (long i = 0; i < n; i++)
			if (base[2 * i * PAGE] != (char)i)
				_exit(1);
		_exit(munmap(base, 2 * n * PAGE) != 0);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	long lines = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	for (int c; f && (c = getc(f)) != EOF;)
		lines += c == '\n';
	printf("%ld mappings: %s, child %d, unmapped %d\n", 2 * n, lines >= 2 * n ? "listed" : "not listed", status, munmap(base, 2 * n * PAGE));
	return 0;
}

// forks until it may no more, in two generations.
static int fork_bomb(long n)
{
	int gate[2];
	if (pipe(gate))
		return fail("pipe", 0);
	as_nobody();
	limit(RLIMIT_NPROC, n);
	long made = 0;
	pid_t pid;
	while (made <= n && (pid = fork()) > 0)
		made++;
	if (pid == 0) {
		children(n, gate);
		close(gate[1]);
		char c;
		(void)!read(gate[0], &c, 1);
		reap();
		_exit(0);
	}
	printf("fork: %s, %s\n", made > n ? "no limit" : strerror(errno), made < n ? "within the limit" : "beyond it");
	close(gate[1]);
	reap();
	pid = fork();
	if (pid == 0)
		_exit(7);
	printf("afterwards: %s\n", pid < 0 ? strerror(errno) : reap() == 1 ? "forks again" : "no child");
	return 0;
}

static int thread_bomb(long n)
{
	as_nobody();
	limit(RLIMIT_NPROC, n);
	pthread_barrier_init(&all, NULL, 2 * n);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16 * PAGE);
	long made = 0;
	int err = 0;
	for (pthread_t t; made < 2 * n && !(err = pthread_create(&t, &attr, thread, NULL));)
		made++;
	printf("%ld threads, then: %s\n", made, strerror(err));
	return 0;
}

static int memory_bomb(long mib, int which, const char *name)
{
	limit(which, (rlim_t)mib << 20);
	long got = 0;
	char *p;
	while (got <= mib && (p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED) {
		memset(p, 1, 1 << 20);
		got++;
	}
	int err = errno;
	printf("%s: %s, %s; ", name, got > mib ? "no limit" : strerror(err), got >= mib - 16 ? "nearly all of it" : "too early");
	printf("malloc: %s; ", malloc(64 << 20) ? "has some" : strerror(errno));
	printf("brk: %s\n", sbrk(64 << 20) == (void *)-1 ? strerror(errno) : "has some");
	return 0;
}

static volatile char sink;

static int recurse(long n)
{
	volatile char frame[PAGE];
	frame[0] = (char)n;
	sink = frame[0];
	return recurse(n + 1) + frame[0];
}

// A stack that grows without end: the guilty process alone dies of it.
static int stack_bomb(void)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		limit(RLIMIT_CORE, 0);
		_exit(recurse(0));
	}
	waitpid(pid, &status, 0);
	printf("stack: %s\n", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no end");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	const char *what = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "threads"))
		return threads(1000);
	if (!strcmp(what, "processes"))
		return processes(2000);
	if (!strcmp(what, "chain"))
		return printf("chain of 100: %d\n", chain(100)), 0;
	if (!strcmp(what, "mappings"))
		return mappings(2500);
	if (!strcmp(what, "fork-bomb"))
		return fork_bomb(60);
	if (!strcmp(what, "thread-bomb"))
		return thread_bomb(60);
	if (!strcmp(what, "memory-bomb"))
		return memory_bomb(256, RLIMIT_AS, "address space");
	if (!strcmp(what, "data-bomb"))
		return memory_bomb(256, RLIMIT_DATA, "data");
	if (!strcmp(what, "stack-bomb"))
		return stack_bomb();
	return 2;
}
