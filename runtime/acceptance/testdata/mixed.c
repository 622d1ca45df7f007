// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// A mixed load of processes, threads, signals and what they hold. Reads lines
// from standard input: "go SECONDS" loads the system for so long and answers
// "done ROUNDS"; the end of the input ends the program. Between loads it holds nothing, so
// that whoever runs it can count what the load left behind.
//
// A worker's pieces check what they did; "bad: ..." and status 1 if it was wrong.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *self;

#define CHECK(x) ((x) ? (void)0 : bad(#x, __LINE__))

static void bad(const char *what, int line)
{
	printf("bad: line %d: %s (%s)\n", line, what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static int reap(pid_t pid)
{
	int status;
	pid_t r;
	while ((r = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	CHECK(r == pid);
	return status;
}

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void fork_exit(void)
{
	for (int i = 0; i < 8; i++) {
		pid_t pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			_exit(i);
		CHECK(reap(pid) == i << 8);
	}
}

static void vfork_exec(void)
{
	pid_t pid = vfork();
	CHECK(pid >= 0);
	if (!pid) {
		execl(self, self, "exit", "7", NULL);
		_exit(127);
	}
	CHECK(reap(pid) == 7 << 8);
}

static void exec_fails(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		execl("/nothing/here", "x", NULL);
		_exit(errno == ENOENT ? 3 : 4);
	}
	CHECK(reap(pid) == 3 << 8);
}

// Grandchildren that nobody waits for.
static void orphans(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		for (int i = 0; i < 3; i++) {
			if (fork() == 0) {
				usleep(i * 1000);
				_exit(0);
			}
		}
		_exit(0);
	}
	CHECK(reap(pid) == 0);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *arg)
{
	int me = (long)arg;
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&lock);
		while (turn % 4 != me)
			pthread_cond_wait(&cond, &lock);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t t[4];
	turn = 0;
	for (long i = 0; i < 4; i++)
		CHECK(pthread_create(&t[i], NULL, take_turns, (void *)i) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	CHECK(turn == 80);
}

static void *wait_for_ever(void *arg)
{
	static int word;
	struct pollfd p = {eventfd(0, 0), POLLIN};
	sigset_t none;
	int fd[2];
	char c;
	sigemptyset(&none);
	switch ((long)arg) {
	case 0: syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL); break;
	case 1: syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL); break;
	case 2: poll(&p, 1, -1); break;
	case 3: sleep(1000); break;
	case 4: pause(); break;
	case 5: CHECK(pipe(fd) == 0 && read(fd[0], &c, 1) == 1); break;
	case 6: sigwaitinfo(&none, NULL); break;
	case 7:
		for (;;)
			;
	}
	return NULL;
}

static void many_threads(void)
{
	pthread_t t;
	for (long i = 0; i < 8; i++)
		CHECK(pthread_create(&t, NULL, wait_for_ever, (void *)i) == 0);
}

// A process dies with threads in all kinds of waits.
static void killed(void)
{
	int fd[2];
	char c;
	CHECK(pipe(fd) == 0);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		many_threads();
		CHECK(write(fd[1], "x", 1) == 1);
		pause();
	}
	CHECK(read(fd[0], &c, 1) == 1);
	kill(pid, SIGKILL);
	CHECK(reap(pid) == SIGKILL);
	close(fd[0]);
	close(fd[1]);
}

static void *exec_self(void *arg)
{
	execl(self, self, "exit", "9", NULL);
	_exit(127);
}

// exec by a thread that is not the leader, and with others in waits.
static void exec_in_thread(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		pthread_t t;
		many_threads();
		pthread_create(&t, NULL, exec_self, NULL);
		pause();
	}
	CHECK(reap(pid) == 9 << 8);
}

static volatile sig_atomic_t got;
static void count(int n) { got++; }

static void signals(void)
{
	struct sigaction sa = {.sa_handler = count};
	sigset_t set, old;
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGRTMIN, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, &old);
	got = 0;
	for (int i = 0; i < 10; i++) {
		CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){i}) == 0);
		raise(SIGUSR1);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECK(got == 11);
	sigprocmask(SIG_BLOCK, &set, &old);
	pid_t pid = fork();
	CHECK(pid >= 0);
	siginfo_t info;
	while (!pid) {
		if (sigwaitinfo(&set, &info) == SIGUSR1)
			_exit(0);
		sigqueue(info.si_pid, SIGRTMIN, info.si_value);
	}
	for (int i = 0; i < 20; i++) {
		CHECK(sigqueue(pid, SIGRTMIN, (union sigval){i}) == 0);
		CHECK(sigwaitinfo(&set, &info) == SIGRTMIN && info.si_value.sival_int == i);
	}
	kill(pid, SIGUSR1);
	CHECK(reap(pid) == 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void stops(void)
{
	int status;
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		many_threads();
		for (;;)
			pause();
	}
	for (int i = 0; i < 3; i++) {
		kill(pid, SIGSTOP);
		CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
		kill(pid, SIGCONT);
		CHECK(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
	}
	kill(pid, SIGSTOP);
	kill(pid, SIGKILL);
	CHECK(reap(pid) == SIGKILL);
}

// Timers of all kinds, armed and left to the exit.
static void timers(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
		struct itimerspec often = {{0, 200000}, {0, 200000}}, late = {{0, 0}, {1000, 0}};
		struct itimerval it = {{0, 300}, {0, 300}};
		struct sigaction sa = {.sa_handler = count};
		timer_t t;
		sigaction(SIGUSR2, &sa, NULL);
		sigaction(SIGALRM, &sa, NULL);
		for (int i = 0; i < 4; i++) {
			CHECK(timer_create(i & 1 ? CLOCK_MONOTONIC : CLOCK_REALTIME, &ev, &t) == 0);
			CHECK(timer_settime(t, 0, i & 2 ? &late : &often, NULL) == 0);
		}
		setitimer(ITIMER_REAL, &it, NULL);
		int fd = timerfd_create(CLOCK_MONOTONIC, 0);
		CHECK(timerfd_settime(fd, 0, &often, NULL) == 0);
		fd = timerfd_create(CLOCK_MONOTONIC, 0);
		CHECK(timerfd_settime(fd, 0, &late, NULL) == 0);
		while (got < 10)
			pause();
		_exit(0);
	}
	CHECK(reap(pid) == 0);
}

static void memory(void)
{
	for (int i = 0; i < 4; i++) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, (i & 1 ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
		CHECK(p != MAP_FAILED);
		for (int j = 0; j < 1 << 20; j += 65536)
			p[j] = j >> 16;
		pid_t pid = fork();
		CHECK(pid >= 0);
		if (!pid) {
			p[65536] = 77;
			_exit(p[2 * 65536]);
		}
		CHECK(reap(pid) == 2 << 8);
		CHECK(p[65536] == (i & 1 ? 77 : 1));
		char *q = mremap(p, 1 << 20, 1 << 19, 0);
		CHECK(q == p);
		CHECK(mprotect(p, 4096, PROT_NONE) == 0);
		CHECK(munmap(p, 1 << 19) == 0);
	}
	int fd = memfd_create("mixed", 0);
	CHECK(fd >= 0 && ftruncate(fd, 65536) == 0);
	char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	strcpy(p, "hello");
	char b[6];
	CHECK(pread(fd, b, 6, 0) == 6 && !strcmp(b, "hello"));
	close(fd);
	munmap(p, 65536);
}

static void *crash(void *arg)
{
	*(volatile int *)16 = 1;
	return NULL;
}

static void crashes(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		struct rlimit none = {0, 0};
		pthread_t t;
		setrlimit(RLIMIT_CORE, &none);
		many_threads();
		pthread_create(&t, NULL, crash, NULL);
		pause();
	}
	CHECK((reap(pid) & 0x7f) == SIGSEGV);
}

static void sysv(void)
{
	int shm = shmget(IPC_PRIVATE, 65536, 0600), sem = semget(IPC_PRIVATE, 2, 0600), msg = msgget(IPC_PRIVATE, 0600);
	CHECK(shm >= 0 && sem >= 0 && msg >= 0);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		struct { long type; char text[8]; } m = {1, "hello"};
		struct sembuf up = {0, 1, SEM_UNDO}, never = {1, -1, 0};
		int *p = shmat(shm, NULL, 0);
		CHECK(p != (void *)-1);
		*p = 5;
		CHECK(msgsnd(msg, &m, 8, 0) == 0);
		CHECK(semop(sem, &up, 1) == 0);
		CHECK(semop(sem, &never, 1) < 0 && (errno == EIDRM || errno == EINVAL)); // it may be gone already
		_exit(0);
	}
	struct { long type; char text[8]; } m;
	struct sembuf down = {0, -1, 0};
	CHECK(msgrcv(msg, &m, 8, 0, 0) == 8 && !strcmp(m.text, "hello"));
	CHECK(semop(sem, &down, 1) == 0);
	int *p = shmat(shm, NULL, 0);
	CHECK(p != (void *)-1 && *p == 5);
	CHECK(shmctl(shm, IPC_RMID, NULL) == 0 && semctl(sem, 0, IPC_RMID) == 0 && msgctl(msg, IPC_RMID, NULL) == 0);
	CHECK(reap(pid) == 0);
	CHECK(shmdt(p) == 0);
}

static void pass(int sock, int fd)
{
	char c = 'x', buf[CMSG_SPACE(sizeof fd)] = {0};
	struct iovec iov = {&c, 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = buf, .msg_controllen = sizeof buf};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(h), &fd, sizeof fd);
	CHECK(sendmsg(sock, &m, 0) == 1);
}

// Sockets, one of them in its own queue; all left to the exit.
static void sockets(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		int s[2];
		char c;
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
		pass(s[0], s[1]);
		pass(s[1], s[0]);
		CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
		pass(s[0], eventfd(0, 0));
		pass(s[0], s[0]);
		int l = socket(AF_UNIX, SOCK_STREAM, 0), a = socket(AF_UNIX, SOCK_STREAM, 0);
		struct sockaddr_un none = {AF_UNIX}, name;
		socklen_t n = sizeof none.sun_family;
		CHECK(bind(l, (void *)&none, n) == 0 && listen(l, 5) == 0); // autobind
		n = sizeof name;
		CHECK(getsockname(l, (void *)&name, &n) == 0);
		CHECK(connect(a, (void *)&name, n) == 0 && write(a, "y", 1) == 1);
		int b = accept(l, NULL, NULL);
		CHECK(b >= 0 && read(b, &c, 1) == 1 && c == 'y');
		CHECK(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, n) == 0); // never accepted
		int i = socket(AF_INET, SOCK_STREAM, 0);
		CHECK(i >= 0 && listen(i, 5) == 0);
		_exit(0);
	}
	CHECK(reap(pid) == 0);
}

// Descriptors of every kind, left to the exit.
static void descriptors(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		sigset_t set;
		int fd[2];
		sigfillset(&set);
		int ep = epoll_create1(0), ep2 = epoll_create1(0), ev = eventfd(1, 0), ino = inotify_init(), sig = signalfd(-1, &set, 0);
		struct epoll_event e = {EPOLLIN};
		CHECK(ep >= 0 && ep2 >= 0 && ev >= 0 && ino >= 0 && sig >= 0);
		CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e) == 0 && epoll_ctl(ep2, EPOLL_CTL_ADD, ep, &e) == 0);
		CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, ino, &e) == 0 && epoll_ctl(ep, EPOLL_CTL_ADD, sig, &e) == 0);
		CHECK(epoll_wait(ep2, &e, 1, -1) == 1);
		CHECK(inotify_add_watch(ino, "/tmp", IN_ALL_EVENTS) >= 0);
		char name[] = "/tmp/mixed-XXXXXX";
		int f = mkstemp(name);
		CHECK(f >= 0 && flock(f, LOCK_EX) == 0 && unlink(name) == 0);
		struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		CHECK(fcntl(f, F_SETLK, &l) == 0 && write(f, "abc", 3) == 3);
		CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0) != MAP_FAILED);
		CHECK(pipe(fd) == 0 && write(fd[1], "x", 1) == 1 && epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &e) == 0);
		CHECK(fcntl(fd[0], F_SETOWN, getpid()) == 0 && fcntl(fd[0], F_SETFL, O_ASYNC) == 0);
		int pt = posix_openpt(O_RDWR | O_NOCTTY);
		CHECK(pt >= 0 && grantpt(pt) == 0 && unlockpt(pt) == 0 && open(ptsname(pt), O_RDWR | O_NOCTTY) >= 0);
		CHECK(syscall(SYS_pidfd_open, getppid(), 0) >= 0);
		CHECK(open("/proc/self/status", O_RDONLY) >= 0 && open("/proc/self/ns/pid", O_RDONLY) >= 0);
		snprintf(name, sizeof name, "/mixed-%d", getpid());
		mqd_t q = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
		CHECK(q >= 0 && mq_send(q, "m", 1, 0) == 0 && mq_unlink(name) == 0);
		_exit(0);
	}
	CHECK(reap(pid) == 0);
}

static void traced(void)
{
	int status;
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execl(self, self, "exit", "4", NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	CHECK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC) == 0);
	int stops = 0;
	for (;;) {
		CHECK(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
		CHECK(waitpid(pid, &status, 0) == pid);
		if (WIFEXITED(status))
			break;
		if (++stops == 40)
			CHECK(ptrace(PTRACE_DETACH, pid, 0, 0) == 0 && (status = reap(pid), 1));
		if (stops == 40)
			break;
	}
	CHECK(status == 4 << 8);
	// A tracer that dies, and with it (EXITKILL) its tracee.
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		pid_t child = fork();
		if (!child)
			for (;;)
				pause();
		CHECK(ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL) == 0);
		CHECK(ptrace(PTRACE_INTERRUPT, child, 0, 0) == 0);
		_exit(0);
	}
	CHECK(reap(pid) == 0);
}

// Namespaces, where we may: what is in a pid namespace dies with its init.
static int in_namespace(void *arg)
{
	if (fork() == 0)
		for (;;)
			pause();
	sethostname("mixed", 5);
	return 6;
}

static void namespaces(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t pid = clone(in_namespace, stack + sizeof stack, SIGCHLD | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS, NULL);
	if (pid < 0) {
		CHECK(errno == EPERM || errno == ENOSPC);
		return;
	}
	CHECK(reap(pid) == 6 << 8);
}

static void sessions(void)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		CHECK(setsid() == getpid());
		for (int i = 0; i < 3; i++) {
			pid_t c = fork();
			CHECK(c >= 0);
			if (!c) {
				for (;;)
					pause();
			}
			setpgid(c, 0);
			kill(-c, SIGTERM);
			CHECK((reap(c) & 0x7f) == SIGTERM);
		}
		_exit(0);
	}
	CHECK(reap(pid) == 0);
}

static void (*const pieces[])(void) = {
	fork_exit, vfork_exec, exec_fails, orphans, threads, killed, exec_in_thread, signals, stops, timers,
	memory, crashes, sysv, sockets, descriptors, traced, namespaces, sessions,
};

enum { workers = 4, npieces = sizeof pieces / sizeof pieces[0] };

static long work(int worker, double seconds)
{
	double end = now() + seconds;
	long rounds = 0;
	unsigned seed = worker * 7919 + (unsigned)getpid();
	do {
		pieces[rounds < npieces ? (rounds + worker) % npieces : rand_r(&seed) % npieces]();
		rounds++;
	} while (now() < end || rounds < npieces);
	return rounds;
}

static void go(double seconds)
{
	pid_t pid[workers];
	int fd[2];
	long total = 0, rounds;
	CHECK(pipe(fd) == 0);
	for (int i = 0; i < workers; i++) {
		CHECK((pid[i] = fork()) >= 0);
		if (!pid[i]) {
			rounds = work(i, seconds);
			CHECK(write(fd[1], &rounds, sizeof rounds) == sizeof rounds);
			_exit(0);
		}
	}
	close(fd[1]);
	// We are the reaper of what the workers leave, too.
	for (;;) {
		int status;
		pid_t r = wait(&status);
		if (r < 0 && errno != EINTR)
			break;
		for (int i = 0; i < workers; i++)
			CHECK(pid[i] != r || status == 0);
	}
	CHECK(errno == ECHILD);
	while (read(fd[0], &rounds, sizeof rounds) == sizeof rounds)
		total += rounds;
	close(fd[0]);
	printf("done %ld\n", total);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[100];
	if (argc > 2 && !strcmp(argv[1], "exit"))
		return atoi(argv[2]);
	self = argv[0];
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	while (fgets(line, sizeof line, stdin))
		go(atof(line + 3));
	return 0;
}
