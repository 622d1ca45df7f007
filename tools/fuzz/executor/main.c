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

enum { RENEW = 42 };

// How often the server looks at a program, in milliseconds; after how many looks without progress it nudges what waits, and
// after how many it gives up. No call waits for longer than a millisecond by itself.
enum { LOOK = 5, STILL = 3, PATIENCE = 20000 / LOOK };

static void die(const char *what) {
	dprintf(ERR_FD, "executor: %s: %s\n", what, strerror(errno));
	exit(1);
}

// What has been read ahead of the programs to come. It is shared, for the next server goes on with it.
static struct input {
	size_t at, end;
	char bytes[256 << 10];
} *input;

static void fetch(void *to, size_t n) {
	for (size_t done = 0; done < n;) {
		if (input->at == input->end) {
			ssize_t r = read(IN_FD, input->bytes, sizeof input->bytes);
			if (r == 0 && done == 0)
				exit(0);
			if (r <= 0 && errno != EINTR)
				die("reading a program");
			input->at = 0;
			input->end = r > 0 ? r : 0;
			continue;
		}
		size_t part = n - done < input->end - input->at ? n - done : input->end - input->at;
		memcpy((char *)to + done, input->bytes + input->at, part);
		input->at += part;
		done += part;
	}
}

static void answer(const void *from, size_t n) {
	for (size_t done = 0; done < n;) {
		ssize_t r = write(OUT_FD, (const char *)from + done, n - done);
		if (r < 0 && errno != EINTR)
			die("answering");
		if (r > 0)
			done += r;
	}
}

// clear_arena zeroes the arena, and leaves alone the pages that are zero: after a fork writing to one is dear.
static void clear_arena(size_t size) {
	static const char zero[4096];
	for (char *p = (char *)ARENA_AT; p < (char *)ARENA_AT + size; p += sizeof zero)
		if (memcmp(p, zero, sizeof zero))
			memset(p, 0, sizeof zero);
}

static void fetch_program(void) {
	fetch(&program, sizeof program);
	if (program.magic != MAGIC || program.ops > MAX_OPS || program.arena > ARENA_MAX || program.data > program.arena) {
		errno = EPROTO;
		die("reading a program");
	}
	fetch(ops, program.ops * sizeof *ops);
	clear_arena(program.arena + (128 << 10) < ARENA_MAX ? program.arena + (128 << 10) : ARENA_MAX);
	fetch((void *)ARENA_AT, program.data);
}

// become_program sets up what each program finds: its descriptors, its directory.
static int become_program(void *dir) {
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chroot(dir) < 0 || chdir("/") < 0)
		_exit(98);
	syscall(SYS_close_range, IN_FD, ERR_FD, 0);
	run_program();
	return 0;
}

static bool runs(int pid) {
	char path[32], stat[256];
	snprintf(path, sizeof path, "%d/stat", pid);
	long fd = raw(SYS_openat, PROC_FD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	long n = fd < 0 ? -1 : raw(SYS_read, fd, (long)stat, sizeof stat - 1, 0, 0, 0);
	if (fd >= 0)
		raw(SYS_close, fd, 0, 0, 0, 0, 0);
	if (n <= 0)
		return false;
	stat[n] = 0;
	char *p = strrchr(stat, ')');
	return p && p[2] == 'R';
}

// all_wait tells whether nothing of the program has anything to do, however slow the machine is.
static bool all_wait(void) {
	for (int i = 0; i < told->pids; i++)
		if (runs(told->pid[i]))
			return false;
	return true;
}

// watch waits for a program's end. What makes no progress is nudged, and at last killed. The program may share this
// memory, errno included.
static void watch(int pid) {
	const uint64_t child = 1ul << (SIGCHLD - 1); // it stays pending, so none is missed; one may be of something else
	const struct timespec look = {0, LOOK * 1000000};
	int status = 0, idle = 0;
	uint32_t done = told->done;
	bool late = false;
	for (;;) {
		long got = raw(SYS_rt_sigtimedwait, (long)&child, 0, (long)&look, sizeof child, 0, 0);
		if (raw(SYS_wait4, pid, (long)&status, late ? 0 : WNOHANG, 0, 0, 0) == pid)
			break;
		if (got > 0)
			continue;
		uint32_t now = __atomic_load_n(&told->done, __ATOMIC_SEQ_CST);
		idle = now == done ? idle + 1 : 0;
		done = now;
		if (idle > PATIENCE) {
			late = true;
			raw(SYS_kill, pid, SIGKILL, 0, 0, 0, 0);
		}
		if (idle % STILL || idle == 0 || !__atomic_load_n(&told->ready, __ATOMIC_SEQ_CST))
			continue;
		if (all_wait())
			raw(SYS_kill, pid, NUDGE, 0, 0, 0, 0);
	}
	if (late)
		say("timeout\n");
	else if (WIFSIGNALED(status))
		say("signal %d\n", WTERMSIG(status));
	else
		say("exit %d\n", WEXITSTATUS(status));
	if (!told->children)
		return;
	for (int i = 1; i < told->pids; i++) // whatever the program left behind
		kill(told->pid[i], SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

// as_owner performs a removal as the user that an object belongs to: who else it would take a capability.
static void as_owner(uid_t owner, long nr, long a, long b, long c) {
	raw(SYS_setresuid, -1, owner, -1, 0, 0, 0);
	raw(nr, a, b, c, 0, 0, 0);
	raw(SYS_setresuid, -1, 0, -1, 0, 0, 0);
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
		if ((id = shmctl(i, SHM_STAT_ANY, &shm)) >= 0)
			as_owner(shm.shm_perm.uid, SYS_shmctl, id, IPC_RMID, 0);
	top = msgctl(0, MSG_INFO, &msg);
	for (int i = 0; i <= top; i++)
		if ((id = msgctl(i, MSG_STAT_ANY, &msg)) >= 0)
			as_owner(msg.msg_perm.uid, SYS_msgctl, id, IPC_RMID, 0);
	top = semctl(0, 0, SEM_INFO, arg);
	arg.buf = &ds;
	for (int i = 0; i <= top; i++)
		if ((id = semctl(i, 0, SEM_STAT_ANY, arg)) >= 0)
			as_owner(ds.sem_perm.uid, SYS_semctl, id, 0, IPC_RMID);
	syscall(SYS_mq_unlink, "q1");
	syscall(SYS_mq_unlink, "q2");
}

static bool makes_ipc(void) {
	for (uint32_t i = 0; i < program.ops; i++)
		switch (ops[i].nr) {
		case SYS_shmget: case SYS_msgget: case SYS_semget: case SYS_mq_open:
			return true;
		}
	return false;
}

// forget_locks takes from /dev/null, which all programs have open at once, the locks that it keeps.
static void forget_locks(void) {
	struct flock all = {.l_type = F_UNLCK};
	for (uint32_t i = 0; i < program.ops; i++)
		if (ops[i].nr == SYS_flock)
			flock(NULL_FD, LOCK_UN);
		else if (ops[i].nr == SYS_fcntl)
			fcntl(NULL_FD, F_OFD_SETLK, &all);
}

// restore_null gives /dev/null back its owner and permissions, where its file system can be written.
static void restore_null(void) {
	struct stat st;
	if (fstat(NULL_FD, &st) == 0 && ((st.st_mode & 07777) != 0666 || st.st_uid || st.st_gid) &&
	    fchown(NULL_FD, 0, 0) == 0)
		fchmod(NULL_FD, 0666);
}

static bool uses_pages(void) {
	for (uint32_t i = 0; i < program.ops; i++)
		for (int a = 0; a < 6; a++)
			if (ops[i].args[a].kind == ARG_PAGES)
				return true;
	return false;
}

// fresh_pages gives the program its pages. They need not be made again when the program before left them alone.
static void fresh_pages(void) {
	static bool used = true;
	if (used && mmap((void *)PAGES_AT, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		die("the pages");
	used = uses_pages();
	if (!(program.flags & PROG_SMALL))
		munmap((void *)WINDOWS_AT, WINDOWS * WINDOW);
}

static int server, session;

static void serve_one(void) {
	static char stack[256 << 10] __attribute__((aligned(4096)));
	char dir[64];
	fetch_program();
	memset(told, 0, offsetof(struct told, text));
	told->server = server;
	told->session = session;
	told->started = time(NULL) - (program.flags & PROG_PREPARED ? 3600 : 0);
	snprintf(dir, sizeof dir, program.flags & PROG_PREPARED ? "p%u" : "w%u", program.directory);
	if (!(program.flags & PROG_PREPARED) && mkdir(dir, 0755) < 0)
		die("making a program's directory");
	if (program.flags & PROG_PREPARED)
		chmod(dir, 0755);
	fresh_pages();
	forget_threads();
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // a program that became another user took it from this memory
	// A process of its own, but in this memory: copying it costs ten times what all else does. What can't be undone from
	// here is done in a copy.
	int pid = program.flags & PROG_OWN_MEMORY ? fork() : clone(become_program, stack + sizeof stack, CLONE_VM | SIGCHLD, dir);
	if (pid < 0)
		die("fork");
	if (pid == 0)
		become_program(dir);
	watch(pid);
	if (!throw_away || !(program.flags & PROG_SMALL))
		remove_tree(dir);
	if (makes_ipc())
		forget_ipc();
	forget_locks();
	restore_null();
	answer(&told->length, sizeof told->length + told->length);
}

// serve performs programs, till its memory is better made anew: what they mapped stays. So do their files, if they are thrown away
// with the whole file system.
static void serve(void) {
	drop_capabilities();
	server = getpid();
	session = getsid(0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	prepare_programs();
	for (int i = 0; i < 500 && !(throw_away && wants_directory()); i++)
		serve_one();
	exit(RENEW);
}

// take_descriptors moves what the server needs out of the programs' reach.
static void take_descriptors(void) {
	int null = open("/dev/null", O_RDWR), proc = open("/proc", O_RDONLY | O_DIRECTORY);
	if (dup3(0, IN_FD, O_CLOEXEC) < 0 || dup3(1, OUT_FD, O_CLOEXEC) < 0 || dup3(2, ERR_FD, O_CLOEXEC) < 0 ||
	    dup3(null, NULL_FD, O_CLOEXEC) < 0 || dup3(proc, PROC_FD, O_CLOEXEC) < 0)
		die("descriptors");
	for (int fd = 0; fd < 3; fd++)
		dup2(NULL_FD, fd);
	syscall(SYS_close_range, 3, NULL_FD - 1, 0);
}

int main(int argc, char **argv) {
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL); // programs may send signals to all processes
	set_up(argc, argv);
	if (getpid() > 50) {
		fprintf(stderr, "executor: its programs signal whatever they see, so it must be among the first processes: --isolate, or a sandbox\n");
		return 1;
	}
	told = mmap((void *)TOLD_AT, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (told != (void *)TOLD_AT)
		die("memory");
	setsid();
	take_descriptors();
	input = mmap(NULL, sizeof *input, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (input == MAP_FAILED)
		die("memory");
	if (mmap((void *)ARENA_AT, ARENA_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) !=
	    (void *)ARENA_AT)
		die("the arena");
	for (;;) {
		if (throw_away)
			fresh_directory();
		int status = 0, pid = fork();
		if (pid == 0)
			serve();
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			die("starting the server");
		if (!WIFEXITED(status) || WEXITSTATUS(status) != RENEW)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
}
