// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// The executor performs programs of system calls that the fuzzer sends it, each in a process and a directory of its own,
// and answers with what they saw. It is the same on both sides; --isolate, for the machine itself, puts it into
// namespaces of its own first, with everything but its directory read-only.

#include "executor.h"

struct told *told;
struct header program;
struct op ops[MAX_OPS];
const char *directory;

static void die(const char *what) {
	fprintf(stderr, "executor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fetch(void *to, size_t n) {
	for (size_t done = 0; done < n;) {
		ssize_t r = read(0, (char *)to + done, n - done);
		if (r == 0 && done == 0)
			exit(0);
		if (r <= 0 && errno != EINTR)
			die("reading a program");
		if (r > 0)
			done += r;
	}
}

static void answer(const void *from, size_t n) {
	for (size_t done = 0; done < n;) {
		ssize_t r = write(1, (const char *)from + done, n - done);
		if (r < 0 && errno != EINTR)
			die("answering");
		if (r > 0)
			done += r;
	}
}

static void fetch_program(void) {
	fetch(&program, sizeof program);
	if (program.magic != MAGIC || program.ops > MAX_OPS || program.arena > ARENA_MAX || program.data > program.arena) {
		errno = EPROTO;
		die("reading a program");
	}
	fetch(ops, program.ops * sizeof *ops);
	memset((void *)ARENA_AT, 0, program.arena);
	fetch((void *)ARENA_AT, program.data);
}

// become_child sets up what each program finds: its descriptors, its directory.
static void become_child(const char *dir) {
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || chdir(dir) < 0)
		_exit(97);
	proc_dir = open("/proc/self/task", O_RDONLY | O_DIRECTORY);
	dup2(proc_dir, 1000);
	proc_dir = 1000;
	fcntl(proc_dir, F_SETFD, FD_CLOEXEC);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	syscall(SYS_close_range, 3, 999, 0);
	run_program();
}

// watch waits for a program's end. What makes no progress is nudged, and at last killed.
static void watch(int pid) {
	int fd = syscall(SYS_pidfd_open, pid, 0), status = 0, idle = 0;
	uint32_t done = told->done;
	struct pollfd p = {fd, POLLIN, 0};
	while (poll(&p, 1, 50) == 0) {
		uint32_t now = __atomic_load_n(&told->done, __ATOMIC_SEQ_CST);
		idle = now == done ? idle + 1 : 0;
		done = now;
		if (idle > 100)
			break;
		if (idle && __atomic_load_n(&told->ready, __ATOMIC_SEQ_CST))
			kill(pid, NUDGE);
	}
	bool late = idle > 100;
	close(fd);
	kill(pid, late ? SIGKILL : 0);
	waitpid(pid, &status, 0);
	if (late)
		say("timeout\n");
	else if (WIFSIGNALED(status))
		say("signal %d\n", WTERMSIG(status));
	else
		say("exit %d\n", WEXITSTATUS(status));
	kill(-1, SIGKILL); // this is process 1: whatever the program left behind
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

// forget_ipc removes the objects that outlive processes.
static void forget_ipc(void) {
	struct shmid_ds shm;
	struct msqid_ds msg;
	struct seminfo sem;
	struct semid_ds ds;
	union { struct semid_ds *buf; struct seminfo *info; } arg = {.info = &sem};
	int top, id;
	top = shmctl(0, SHM_INFO, &shm);
	for (int i = 0; i <= top; i++)
		if ((id = shmctl(i, SHM_STAT, &shm)) >= 0)
			shmctl(id, IPC_RMID, NULL);
	top = msgctl(0, MSG_INFO, &msg);
	for (int i = 0; i <= top; i++)
		if ((id = msgctl(i, MSG_STAT, &msg)) >= 0)
			msgctl(id, IPC_RMID, NULL);
	top = semctl(0, 0, SEM_INFO, arg);
	arg.buf = &ds;
	for (int i = 0; i <= top; i++)
		if ((id = semctl(i, 0, SEM_STAT, arg)) >= 0)
			semctl(id, 0, IPC_RMID);
	syscall(SYS_mq_unlink, "q1");
	syscall(SYS_mq_unlink, "q2");
}

static void serve_one(void) {
	char dir[64];
	fetch_program();
	told->length = told->done = told->pids = told->staying = 0;
	told->ready = 0;
	told->started = time(NULL) - (program.flags & PROG_PREPARED ? 3600 : 0);
	snprintf(dir, sizeof dir, program.flags & PROG_PREPARED ? "p%u" : "w%u", program.directory);
	if (!(program.flags & PROG_PREPARED) && mkdir(dir, 0755) < 0)
		die("making a program's directory");
	chmod(dir, 0755);
	int pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		become_child(dir);
	watch(pid);
	remove_tree(dir);
	if (program.flags & PROG_SMALL)
		forget_ipc();
	answer(&told->length, sizeof told->length);
	answer(told->text, told->length);
}

int main(int argc, char **argv) {
	set_up(argc, argv);
	told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		die("memory");
	told->server = getpid();
	setsid();
	if (mmap((void *)ARENA_AT, ARENA_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) !=
	    (void *)ARENA_AT)
		die("the arena");
	for (;;)
		serve_one();
}
