// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// semop: what operations do and when they wait, all or nothing, the order of those that wait, undoing at exit and who
// shares it, limits, removal, and interruption.
#include "../harness/pids.h"
#include "../harness/sysv.h"

#include <sched.h>

static int set(int n) { return REQUIRE_OK(semget_(IPC_PRIVATE, n, 0600)); }
static long val(int id, int n) { return semctl_(id, n, GETVAL, 0); }
static void removed(int id) { REQUIRE_OK(semctl_(id, 0, IPC_RMID, 0)); }

CASE(values) {
	int id = set(2);
	OBSERVE_RET("up", semop_(id, op(0, 3, 0), 1));
	OBSERVE_RET("down", semop_(id, op(0, -1, 0), 1));
	OBSERVE_RET("too far down", semop_(id, op(0, -3, IPC_NOWAIT), 1));
	OBSERVE_RET("zero of 2", semop_(id, op(0, 0, IPC_NOWAIT), 1));
	OBSERVE_RET("zero of 0", semop_(id, op(1, 0, IPC_NOWAIT), 1));
	OBSERVE("then", "%s", sem_text(id));
	OBSERVE("pids", "%s %s", pid_name(semctl_(id, 0, GETPID, 0)), pid_name(semctl_(id, 1, GETPID, 0)));
	OBSERVE_RET("to the top", semop_(id, op(1, 32767, 0), 1));
	OBSERVE_RET("over the top", semop_(id, op(1, 1, 0), 1));
	OBSERVE("at last", "%s", sem_text(id));
	removed(id);
}

CASE(all_or_nothing) {
	int id = set(3);
	struct sembuf both[] = {{0, 1, 0}, {1, -1, IPC_NOWAIT}};
	OBSERVE_RET("the second would wait", semop_(id, both, 2));
	OBSERVE("nothing done", "%s", sem_text(id));
	struct sembuf twice[] = {{0, 2, 0}, {0, -1, 0}, {0, -1, 0}, {0, 0, IPC_NOWAIT}, {2, 5, 0}};
	OBSERVE_RET("one after the other", semop_(id, twice, 5));
	OBSERVE("done", "%s", sem_text(id));
	struct sembuf over[] = {{0, 7, 0}, {2, 32767, 0}};
	OBSERVE_RET("the second is out of range", semop_(id, over, 2));
	OBSERVE("nothing done again", "%s", sem_text(id));
	struct sembuf first[] = {{0, -1, 0}, {1, -1, IPC_NOWAIT}};
	IN_CHILD(NULL) {
		struct interrupter it = interrupt_me(SIGUSR1);
		sig_catch(SIGUSR1, 0);
		OBSERVE_RET("the first waits", semop_(id, first, 2));
		interrupt_done(&it);
	}
	removed(id);
}

CASE(errors) {
	int id = set(2);
	static struct sembuf many[501];
	for (int i = 0; i < 501; i++)
		many[i] = (struct sembuf){0, 0, 0};
	OBSERVE_RET("500", semop_(id, many, 500));
	CHECK_ERR(semop_(id, many, 501), E2BIG);
	CHECK_ERR(semop_(id, many, 0), EINVAL);
	CHECK_ERR(semop_(id, NULL, 0), EINVAL);
	CHECK_ERR(semop_(-1, many, 1), EINVAL);
	CHECK_ERR(semop_(-1, bad_ptr(), 1), EFAULT);
	CHECK_ERR(semop_(0x7ffffff, many, 1), EINVAL);
	CHECK_ERR(semop_(id, op(2, 0, 0), 1), EFBIG);
	CHECK_ERR(semop_(id, op(0xffff, 0, 0), 1), EFBIG);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(semop_(id, b->p, 1), EFAULT);
	CHECK_ERR(semop_(id, NULL, 1), EFAULT);
	CHECK_ERR(semop_(id, guard_end(6), 2), EFAULT);
	CHECK_OK(semop_(id, guard_end(6), 1));
	for (int bit = 0; bit < 16; bit++)
		OBSERVE_RET(name("flag %d", bit), semop_(id, op(1, 1, 1 << bit), 1));
	removed(id);
	CHECK_ERR(semop_(id, many, 1), EINVAL);
}

// A child that makes one operation and tells in which order it came through.
static pid_t waiter(int id, struct sembuf *ops, int n, int report, char letter) {
	pid_t pid = harness_fork();
	if (pid == 0) {
		char c = semop_(id, ops, n) == 0 ? letter : '!';
		if (write(report, &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	REQUIRE(wait_blocked(pid, pid));
	return pid;
}

static char next(int fd) {
	char c = '?';
	return read(fd, &c, 1) == 1 ? c : '?';
}

CASE(waiting) {
	int id = set(2), p[2];
	REQUIRE_OK(pipe(p));
	pid_t a = waiter(id, op(0, -1, 0), 1, p[1], 'a');
	pid_t b = waiter(id, op(0, -2, 0), 1, p[1], 'b');
	pid_t c = waiter(id, op(0, -1, 0), 1, p[1], 'c');
	OBSERVE("counts", "n %ld z %ld", semctl_(id, 0, GETNCNT, 0), semctl_(id, 0, GETZCNT, 0));
	REQUIRE_OK(semop_(id, op(0, 1, 0), 1));
	OBSERVE("one up", "%c", next(p[0]));
	wait_for(a);
	REQUIRE_OK(semop_(id, op(0, 1, 0), 1));
	OBSERVE("one more: the one that it is enough for", "%c", next(p[0]));
	wait_for(c);
	OBSERVE("counts, then", "n %ld z %ld", semctl_(id, 0, GETNCNT, 0), semctl_(id, 0, GETZCNT, 0));
	REQUIRE_OK(semop_(id, op(0, 2, 0), 1));
	OBSERVE("two more", "%c", next(p[0]));
	OBSERVE("pid is the one that waited", "%d", semctl_(id, 0, GETPID, 0) == b);
	wait_for(b);
	OBSERVE("value", "%ld", val(id, 0));
	removed(id);
}

CASE(waiting_for_zero) {
	int id = set(2), p[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(semop_(id, op(0, 2, 0), 1));
	pid_t a = waiter(id, op(0, 0, 0), 1, p[1], 'a');
	struct sembuf take[] = {{0, 0, 0}, {0, 1, 0}};
	pid_t b = waiter(id, take, 2, p[1], 'b');
	OBSERVE("counts", "n %ld z %ld", semctl_(id, 0, GETNCNT, 0), semctl_(id, 0, GETZCNT, 0));
	REQUIRE_OK(semop_(id, op(0, -1, 0), 1));
	OBSERVE("still", "n %ld z %ld", semctl_(id, 0, GETNCNT, 0), semctl_(id, 0, GETZCNT, 0));
	REQUIRE_OK(semop_(id, op(0, -1, 0), 1));
	wait_for(a);
	wait_for(b);
	char x = next(p[0]), y = next(p[0]);
	OBSERVE("both came", "%d", (x == 'a' && y == 'b') || (x == 'b' && y == 'a'));
	OBSERVE("value", "%ld", val(id, 0));
	removed(id);
}

CASE(a_chain) {
	int id = set(4), p[2];
	REQUIRE_OK(pipe(p));
	struct sembuf one[] = {{0, -1, 0}, {1, 1, 0}}, two[] = {{1, -1, 0}, {2, 1, 0}}, three[] = {{2, -1, 0}, {3, 1, 0}};
	pid_t c = waiter(id, three, 2, p[1], 'c'), b = waiter(id, two, 2, p[1], 'b'), a = waiter(id, one, 2, p[1], 'a');
	REQUIRE_OK(semop_(id, op(0, 1, 0), 1));
	wait_for(a), wait_for(b), wait_for(c);
	OBSERVE("values", "%s", sem_text(id));
	removed(id);
}

CASE(removed_while_waiting) {
	int id = set(1), st;
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(semop_(id, op(0, -1, 0), 1) ? errno : 0);
	REQUIRE(wait_blocked(pid, pid));
	removed(id);
	st = wait_for(pid);
	OBSERVE("end", "%s", errno_name(WEXITSTATUS(st)));
}

CASE(interrupted) {
	int id = set(1);
	for (int flags = 0; flags < 2; flags++) {
		sig_catch(SIGUSR1, flags ? SA_RESTART : 0);
		struct interrupter it = interrupt_me(SIGUSR1);
		OBSERVE_RET(flags ? "SA_RESTART" : "plain", semop_(id, op(0, -1, 0), 1));
		CHECK(interrupt_done(&it));
		OBSERVE(flags ? "counts, restart" : "counts", "n %ld", semctl_(id, 0, GETNCNT, 0));
	}
	removed(id);
}

// --- SEM_UNDO ---

CASE(undone_at_exit) {
	int id = set(3), st;
	REQUIRE_OK(semop_(id, op(0, 5, 0), 1));
	IN_CHILD(NULL) {
		REQUIRE_OK(semop_(id, op(0, -2, SEM_UNDO), 1));
		REQUIRE_OK(semop_(id, op(1, 4, SEM_UNDO), 1));
		REQUIRE_OK(semop_(id, op(2, 1, 0), 1));
		REQUIRE_OK(semop_(id, op(0, -1, SEM_UNDO), 1));
		OBSERVE("before", "%s", sem_text(id));
	}
	OBSERVE("exit", "%s", sem_text(id));
	IN_CHILD(&st) {
		REQUIRE_OK(semop_(id, op(0, 3, SEM_UNDO), 1));
		raise(SIGKILL);
	}
	OBSERVE("killed", "%s", sem_text(id));
	IN_CHILD(NULL) {
		REQUIRE_OK(semop_(id, op(0, -1, SEM_UNDO), 1));
		execl("/bin/true", "true", NULL);
	}
	OBSERVE("exec", "%s", sem_text(id));
	IN_CHILD(NULL) {
		REQUIRE_OK(semop_(id, op(0, -1, SEM_UNDO), 1));
		IN_CHILD(NULL) { OBSERVE("a child of its own", "%s", sem_text(id)); }
		OBSERVE("does not inherit", "%s", sem_text(id));
		REQUIRE_OK(semctl_(id, 0, SETVAL, 9));
	}
	OBSERVE("SETVAL forgets", "%s", sem_text(id));
	IN_CHILD(NULL) {
		REQUIRE_OK(semop_(id, op(1, 7, SEM_UNDO), 1));
		IN_CHILD(NULL) { REQUIRE_OK(semop_(id, op(1, -5, 0), 1)); }
	}
	OBSERVE("not below zero", "%s", sem_text(id));
	removed(id);
}

CASE(undo_limits) {
	int id = set(1);
	OBSERVE_RET("up", semop_(id, op(0, 32767, SEM_UNDO), 1));
	OBSERVE_RET("down without", semop_(id, op(0, -32767, 0), 1));
	OBSERVE_RET("up once more", semop_(id, op(0, 1, SEM_UNDO), 1));
	OBSERVE_RET("up twice more", semop_(id, op(0, 1, SEM_UNDO), 1));
	struct sembuf back[] = {{0, 1, SEM_UNDO}, {0, -1, SEM_UNDO}};
	OBSERVE_RET("up and down", semop_(id, back, 2));
	OBSERVE("value", "%ld", val(id, 0));
	removed(id);
}

CASE(undo_wakes) {
	int id = set(1), p[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(semop_(id, op(0, 1, 0), 1));
	struct gate g = gate_open();
	pid_t holder = harness_fork();
	if (holder == 0) {
		REQUIRE_OK(semop_(id, op(0, -1, SEM_UNDO), 1));
		gate_signal(&g);
		pause();
	}
	gate_wait(&g);
	pid_t a = waiter(id, op(0, -1, 0), 1, p[1], 'a');
	kill(holder, SIGKILL);
	wait_for(holder);
	OBSERVE("came through", "%c", next(p[0]));
	wait_for(a);
	removed(id);
}

static int thread_set;

static volatile pid_t down_tid;

static void *down(void *flags) {
	down_tid = tid_self();
	REQUIRE_OK(semop_(thread_set, op(0, -1, (long)flags), 1));
	return NULL;
}

CASE(threads_share_undo) {
	thread_set = set(1);
	REQUIRE_OK(semop_(thread_set, op(0, 3, 0), 1));
	IN_CHILD(NULL) {
		thread_join(thread_start(down, (void *)(long)SEM_UNDO));
		// Who joins hears of the end before the thread leaves the list of what to undo (do_exit).
		await_free_number(down_tid);
		OBSERVE("the thread is gone", "%ld", val(thread_set, 0));
		OBSERVE_RET("unshare", unshare(CLONE_SYSVSEM));
		OBSERVE("unshared", "%ld", val(thread_set, 0));
		thread_join(thread_start(down, (void *)(long)SEM_UNDO));
		OBSERVE("another thread is gone", "%ld", val(thread_set, 0));
	}
	OBSERVE("the process is gone", "%ld", val(thread_set, 0));
	removed(thread_set);
}

static void op_as(const char *who, int mode) {
	int id = set(1);
	struct semid_ds d = {.sem_perm = {.uid = 1000, .gid = 1000, .mode = mode}};
	REQUIRE_OK(semctl_(id, 0, IPC_SET, &d));
	IN_CHILD(NULL) {
		become(who);
		int zero = semop_(id, op(0, 0, 0), 1) ? errno : 0, up = semop_(id, op(0, 1, 0), 1) ? errno : 0;
		OBSERVE(name("%s, mode %o", who, mode), "zero %s up %s", errno_name(zero), errno_name(up));
	}
	removed(id);
}

CASE(permissions, "root") { for_each_access(op_as); }
