// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// The program's own process: it performs the operations one by one, in the thread, process and identity that each asks
// for, and tells what it saw.

#include "executor.h"

volatile sig_atomic_t nudged;
static volatile sig_atomic_t counted[2];
static long slots[SLOTS];

static sigjmp_buf escape;
static volatile int escaping;

// A child that shares this memory has the same handlers; only what comes to the program itself counts.
static bool is_program(void) { return raw(SYS_getpid, 0, 0, 0, 0, 0, 0) == told->pid[0]; }

static void on_nudge(int sig) {
	if (is_program())
		nudged = 1;
}

static void on_count(int sig) {
	if (is_program())
		counted[sig == SIGUSR2]++;
}

static void on_fault(int sig) {
	if (escaping)
		siglongjmp(escape, sig);
	signal(sig, SIG_DFL);
}

static void catch(int sig, void (*handler)(int), int flags) {
	struct sigaction a = {.sa_handler = handler, .sa_flags = flags};
	sigaction(sig, &a, NULL);
}

static long value(const struct arg *a) {
	switch (a->kind) {
	case ARG_SLOT:
		return slots[a->slot];
	case ARG_SLOT_PLUS:
		return slots[a->slot] + a->value;
	case ARG_ARENA:
		return ARENA_AT + a->value;
	case ARG_PAGES:
		return PAGES_AT + a->value;
	case ARG_MEMORY:
		return *(int *)(ARENA_AT + a->value);
	}
	return a->value;
}

// copy moves memory that may fault; the answer is the bytes, or the signal as an error.
static long copy(char *to, const char *from, size_t n) {
	int sig = sigsetjmp(escape, 1);
	if (sig) {
		escaping = 0;
		return sig == SIGBUS ? -EFAULT : -EACCES;
	}
	escaping = 1;
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = from[i];
	escaping = 0;
	return n;
}

long perform(const struct op *o) {
	long v[6];
	for (int i = 0; i < 6; i++)
		v[i] = value(&o->args[i]);
	if (o->what == OP_POKE || o->what == OP_PEEK)
		return copy((char *)v[0], (char *)v[1], v[2]);
	return raw(o->nr, v[0], v[1], v[2], v[3], v[4], v[5]);
}

// perform_as performs an operation as another user, as uid 1000 with or without the group 2000.
static long perform_as(const struct op *o) {
	static const gid_t extra[1] = {2000};
	if (!o->as)
		return perform(o);
	raw(SYS_setgroups, o->as == 2, (long)extra, 0, 0, 0, 0);
	raw(SYS_setresgid, 1000, 1000, 0, 0, 0, 0);
	raw(SYS_setresuid, 1000, 1000, 0, 0, 0, 0);
	long ret = perform(o);
	raw(SYS_setresuid, 0, 0, 0, 0, 0, 0);
	raw(SYS_setresgid, 0, 0, 0, 0, 0, 0);
	raw(SYS_setgroups, 0, 0, 0, 0, 0, 0);
	return ret;
}

void tell_pid(int pid) {
	if (told->pids < 64)
		told->pid[told->pids++] = pid;
}

static uint32_t run(uint32_t from, uint32_t to);

// wait_child waits for a child to end, leaving it to be waited for, or to come to its end and stay.
static void wait_child(int pid, bool stays, uint32_t staying) {
	struct timespec while_it_lives = {0, 20000000};
	for (;;) {
		siginfo_t info = {0};
		int options = WEXITED | WNOWAIT | (stays ? WNOHANG : 0);
		if (waitid(P_PID, pid, &info, options) < 0 && errno != EINTR)
			return;
		if (info.si_pid == pid || (stays && __atomic_load_n(&told->staying, __ATOMIC_SEQ_CST) != staying))
			return;
		if (nudged) {
			nudged = 0;
			kill(pid, NUDGE);
		}
		if (stays)
			raw(SYS_futex, (long)&told->staying, FUTEX_WAIT, staying, (long)&while_it_lives, 0, 0);
	}
}

// child_part is what a child does: its part, once its pid is known.
static int child_part(void *arg) {
	uint32_t at = *(uint32_t *)arg;
	bool stays = value(&ops[at].args[1]);
	while (!__atomic_load_n(&told->told_pid, __ATOMIC_SEQ_CST))
		raw(SYS_futex, (long)&told->told_pid, FUTEX_WAIT, 0, 0, 0, 0);
	run(at + 1, at + 1 + ops[at].body);
	__atomic_fetch_add(&told->staying, 1, __ATOMIC_SEQ_CST);
	raw(SYS_futex, (long)&told->staying, FUTEX_WAKE, 1, 0, 0, 0);
	while (stays)
		raw(SYS_pause, 0, 0, 0, 0, 0, 0);
	raw(SYS_exit_group, 7, 0, 0, 0, 0, 0);
	return 0;
}

// fork_part runs a part of the program in a child: arg 0 is clone's flags, arg 1 whether the child stays at its end.
static void fork_part(uint32_t at) {
	static char stacks[8][128 << 10] __attribute__((aligned(16)));
	const struct op *o = &ops[at];
	uint32_t staying = told->staying;
	long flags = value(&o->args[0]), pid;
	told->told_pid = 0;
	if (flags & CLONE_VM && told->children < 8) {
		pid = clone(child_part, stacks[told->children] + sizeof stacks[0], flags | SIGCHLD, &at);
	} else {
		pid = raw(SYS_clone, (flags & ~CLONE_VM) | SIGCHLD, 0, 0, 0, 0, 0);
		if (pid == 0)
			child_part(&at);
	}
	if (pid > 0) {
		told->children++;
		tell_pid(pid);
		slots[o->store] = pid;
		__atomic_store_n(&told->told_pid, 1, __ATOMIC_SEQ_CST);
		raw(SYS_futex, (long)&told->told_pid, FUTEX_WAKE, 1, 0, 0, 0);
		wait_child(pid, value(&o->args[1]), staying);
	}
	say("%u ", o->index);
	say_result(o, pid);
	say("\n");
}

static bool is_directory(int fd) {
	struct stat s;
	return fstat(fd, &s) == 0 && S_ISDIR(s.st_mode);
}

// sends_itself tells of a sendfile from a file into itself. Linux carries pages of the file, so that what comes out depends on which
// of them were holes when they were taken, and on how many its page cache keeps together.
static bool sends_itself(const struct op *o) {
	struct stat a, b;
	return o->nr == SYS_sendfile && fstat(value(&o->args[0]), &a) == 0 && fstat(value(&o->args[1]), &b) == 0 && S_ISREG(a.st_mode) &&
		a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// carries_pages tells of a file sent into a pipe. Linux has the pipe carry the file's pages, so that what is read there may be
// what was written later; here it is a copy. The other generator's short programs do not come to that.
static bool carries_pages(const struct op *o) {
	struct stat in, out;
	int from = o->nr == SYS_sendfile, to = o->nr == SYS_sendfile ? 0 : 2;
	if (program.flags & PROG_SMALL || (o->nr != SYS_sendfile && o->nr != SYS_splice))
		return false;
	return fstat(value(&o->args[from]), &in) == 0 && S_ISREG(in.st_mode) && fstat(value(&o->args[to]), &out) == 0 && S_ISFIFO(out.st_mode);
}

// step performs one operation, and answers how many it took.
static uint32_t step(uint32_t at) {
	const struct op *o = &ops[at];
	long ret;
	if (o->what == OP_FORK) {
		fork_part(at);
		return 1 + o->body;
	}
	if (o->what == OP_DUMP) {
		say("%u", o->index);
		dump_tree();
		return 1;
	}
	if (o->flags & OP_ASYNC) {
		call_later(o);
		return 1;
	}
	if (o->flags & OP_NOT_DIRECTORY && (is_directory(value(&o->args[0])) || (o->nr == SYS_sendfile && is_directory(value(&o->args[1]))))) {
		say("%u directory\n", o->index);
		return 1;
	}
	if (program.flags & PROG_TEMPLATE && sends_itself(o)) {
		say("%u itself\n", o->index);
		return 1;
	}
	if (carries_pages(o)) {
		say("%u pages\n", o->index);
		return 1;
	}
	ret = o->thread ? call_elsewhere(o) : perform_as(o);
	if (ret >= 0 && o->store < SLOTS)
		slots[o->store] = ret;
	say("%u ", o->index);
	observe(o, ret);
	say("\n");
	return 1;
}

static uint32_t run(uint32_t from, uint32_t to) {
	uint32_t at = from;
	while (at < to) {
		at += step(at);
		__atomic_fetch_add(&told->done, 1, __ATOMIC_SEQ_CST);
	}
	return at;
}

static void limit(int resource, rlim_t value) {
	struct rlimit l = {value, value};
	setrlimit(resource, &l);
}

// prepare_programs sets what all programs inherit of the server, which blocks all signals.
void prepare_programs(void) {
	catch(NUDGE, on_nudge, 0);
	catch(SIGUSR1, on_count, 0);
	catch(SIGUSR2, on_count, SA_RESTART);
	catch(SIGSEGV, on_fault, SA_NODEFER);
	catch(SIGBUS, on_fault, SA_NODEFER);
	signal(SIGXFSZ, SIG_IGN);
	limit(RLIMIT_NOFILE, 64);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_MEMLOCK, 65536);
}

// run_program is the program's process. It ends in exit.
void run_program(void) {
	tell_pid(getpid());
	setpgid(0, 0);
	for (int i = 0; i < SLOTS; i++)
		slots[i] = -1;
	nudged = counted[0] = counted[1] = escaping = 0;
	if (program.flags & PROG_SMALL)
		limit(RLIMIT_FSIZE, 1 << 20);
	if (program.flags & PROG_TEMPLATE && !(program.flags & PROG_PREPARED))
		make_template();
	umask(022);
	__atomic_store_n(&told->ready, 1, __ATOMIC_SEQ_CST);
	shadow_all();
	run(0, program.ops);
	collect_late();
	settle();
	say("signals %d %d\n", counted[0], counted[1]);
	_exit(0);
}
