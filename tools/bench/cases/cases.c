// SPDX-License-Identifier: Apache-2.0
// The benchmark's cases: each prints nanoseconds per operation. Run it as
// `cases NAME`; the same binary runs natively and in the sandbox.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char buf[65536];
static int fd;
static char *self;

static void getppid_(void) { syscall(SYS_getppid); }

// A call by an instruction sequence that no one rewrites: `mov %ebx,%eax; syscall`.
static void getppid_trapped(void)
{
	long r;
	asm volatile("mov %1,%%eax; syscall" : "=a"(r) : "b"(SYS_getppid) : "rcx", "r11", "memory");
}

static void open_file(void) { fd = open(self, O_RDONLY); if (fd < 0) die(self); }
static void pread_(size_t n) { if (pread(fd, buf, n, 0) != (ssize_t)n) die("pread"); }
static void read_1(void) { pread_(1); }
static void read_4k(void) { pread_(4096); }
static void read_32k(void) { pread_(32768); }
static void open_close(void) { int f = open(self, O_RDONLY); if (f < 0) die("open"); close(f); }
static void stat_(void) { struct stat st; if (stat(self, &st)) die("stat"); }

static void fork_wait(void)
{
	pid_t p = fork();
	if (p < 0)
		die("fork");
	if (p == 0)
		_exit(0);
	waitpid(p, 0, 0);
}

static void vfork_exec_wait(void)
{
	pid_t p = vfork();
	if (p < 0)
		die("vfork");
	if (p == 0) {
		execl(self, self, "nothing", (char *)0);
		_exit(1);
	}
	int status;
	waitpid(p, &status, 0);
	if (status)
		die("exec");
}

static void mmap_touch(void)
{
	char *p = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("mmap");
	for (int i = 0; i < 65536; i += 4096)
		p[i] = 1;
	munmap(p, 65536);
}

static int ping[2], pong[2];

static void start_ponger(void)
{
	if (pipe(ping) || pipe(pong))
		die("pipe");
	if (fork() == 0) {
		char c;
		close(ping[1]);
		while (read(ping[0], &c, 1) == 1)
			if (write(pong[1], &c, 1) != 1)
				break;
		_exit(0);
	}
}

static void pipe_ping_pong(void)
{
	char c = 0;
	if (write(ping[1], &c, 1) != 1 || read(pong[0], &c, 1) != 1)
		die("pipe");
}

// A token in a word that two threads, or two processes, hand to and fro.
static unsigned own_word, *word = &own_word;
static int futex_wait = FUTEX_WAIT_PRIVATE, futex_wake = FUTEX_WAKE_PRIVATE;

static void hand_over(unsigned me)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != me)
		syscall(SYS_futex, word, futex_wait, !me, 0, 0, 0);
	__atomic_store_n(word, !me, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, futex_wake, 1, 0, 0, 0);
}

static void *other_side(void *p)
{
	for (;;)
		hand_over(1);
	return p;
}

static void futex_ping_pong(void) { hand_over(0); }

static void start_thread(void)
{
	pthread_t t;
	if (pthread_create(&t, 0, other_side, 0))
		die("pthread_create");
}

static void start_process(void)
{
	futex_wait = FUTEX_WAIT;
	futex_wake = FUTEX_WAKE;
	word = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (word == MAP_FAILED)
		die("mmap");
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		other_side(0);
	}
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int inside;

static void lock_unlock(void)
{
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 100; i++)
		inside++;
	pthread_mutex_unlock(&mutex);
}

static void *contender(void *p)
{
	for (;;)
		lock_unlock();
	return p;
}

static void start_contenders(void)
{
	pthread_t t;
	for (int i = 0; i < 3; i++)
		if (pthread_create(&t, 0, contender, 0))
			die("pthread_create");
}

static int near, far; // the ends of a connection

// echo answers every byte in a process of its own.
static void echo(void)
{
	if (fork() == 0) {
		char c;
		close(near);
		while (read(far, &c, 1) == 1)
			if (write(far, &c, 1) != 1)
				break;
		_exit(0);
	}
	close(far);
}

static void start_unix_echo(void)
{
	int s[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	near = s[0], far = s[1];
	echo();
}

static void tcp_pair(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int l = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	near = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(l, (void *)&a, len) || listen(l, 1) || getsockname(l, (void *)&a, &len) || connect(near, (void *)&a, len) ||
	    (far = accept(l, 0, 0)) < 0 || setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) ||
	    setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one))
		die("tcp");
	close(l);
}

static void start_tcp_echo(void)
{
	tcp_pair();
	echo();
}

static void socket_ping_pong(void)
{
	char c = 0;
	if (write(near, &c, 1) != 1 || read(near, &c, 1) != 1)
		die("socket");
}

static char block[65536];

// sink reads all that comes in a process of its own.
static void sink(void)
{
	if (fork() == 0) {
		close(near);
		while (read(far, block, sizeof block) > 0)
			;
		_exit(0);
	}
	close(far);
}

static void start_unix_sink(void)
{
	int s[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	near = s[0], far = s[1];
	sink();
}

static void start_tcp_sink(void)
{
	tcp_pair();
	sink();
}

static void send_64k(void)
{
	if (write(near, block, sizeof block) != sizeof block)
		die("write");
}

static void *nothing(void *p) { return p; }

static void thread_(void)
{
	pthread_t t;
	if (pthread_create(&t, 0, nothing, 0))
		die("pthread_create");
	pthread_join(t, 0);
}

static void nanosleep_0(void) { struct timespec ts = {0, 1}; nanosleep(&ts, 0); }

static const struct {
	const char *name;
	void (*setup)(void), (*op)(void);
	int rounds;
} cases[] = {
	{"getppid", 0, getppid_, 200000},
	{"getppid-trapped", 0, getppid_trapped, 50000},
	{"read-1", open_file, read_1, 100000},
	{"read-4k", open_file, read_4k, 50000},
	{"read-32k", open_file, read_32k, 10000},
	{"open-close", 0, open_close, 20000},
	{"stat", 0, stat_, 50000},
	{"pipe-ping-pong", start_ponger, pipe_ping_pong, 5000},
	{"futex-threads", start_thread, futex_ping_pong, 5000},
	{"futex-processes", start_process, futex_ping_pong, 5000},
	{"mutex-contention", start_contenders, lock_unlock, 50000},
	{"unix-ping-pong", start_unix_echo, socket_ping_pong, 5000},
	{"tcp-ping-pong", start_tcp_echo, socket_ping_pong, 5000},
	{"unix-send-64k", start_unix_sink, send_64k, 5000},
	{"tcp-send-64k", start_tcp_sink, send_64k, 5000},
	{"fork-exit-wait", 0, fork_wait, 500},
	{"vfork-exec-wait", 0, vfork_exec_wait, 300},
	{"thread", 0, thread_, 2000},
	{"mmap-touch-munmap", 0, mmap_touch, 5000},
	{"nanosleep", 0, nanosleep_0, 2000},
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	self = argv[0];
	for (unsigned i = 0; argc == 2 && i < sizeof cases / sizeof *cases; i++) {
		if (strcmp(argv[1], cases[i].name))
			continue;
		if (cases[i].setup)
			cases[i].setup();
		for (int j = 0; j < 50; j++)
			cases[i].op();
		double start = now();
		for (int j = 0; j < cases[i].rounds; j++)
			cases[i].op();
		printf("%.1f\n", (now() - start) / cases[i].rounds);
		return 0;
	}
	if (argc == 1)
		for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
			puts(cases[i].name);
	return argc != 1;
}
