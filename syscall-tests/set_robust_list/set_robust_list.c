// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// set_robust_list: its one length, and what happens at the end of a thread that holds listed futexes.
#include "../harness/signals.h"

struct list {
	struct list *next;
};
struct head {
	struct list list;
	long offset;
	struct list *pending;
};
struct lock {
	struct list link;
	int pad;
	volatile int word;
};
#define OFFSET ((long)offsetof(struct lock, word))

CASE(length) {
	static const long lens[] = {0, 8, 23, 24, 25, 32, -1};
	struct head h = {{&h.list}, 0, NULL};
	for (int i = 0; i < 7; i++)
		IN_CHILD(NULL) OBSERVE_RET(name("length %ld", lens[i]), syscall(SYS_set_robust_list, &h, lens[i]));
	IN_CHILD(NULL) {
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			OBSERVE_RET(b->name, syscall(SYS_set_robust_list, b->p, 24));
		CHECK_ERR(syscall(SYS_set_robust_list, &h, 23), EINVAL);
	}
}

// The child holds some of the locks in shared memory and ends in different ways.
static void owner_ends(const char *how, void (*end)(void)) {
	char *mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct lock *l = (struct lock *)mem;
	struct head *h = (struct head *)(mem + 2048);
	pid_t child = harness_fork();
	if (child == 0) {
		h->list.next = &l[0].link;
		l[0].link.next = &l[1].link;
		l[1].link.next = &l[2].link;
		l[2].link.next = &h->list;
		h->offset = OFFSET;
		h->pending = &l[3].link;
		l[0].word = tid_self();
		l[1].word = tid_self() | (int)0x80000000; // with waiters
		l[2].word = 1; // someone else's
		l[3].word = tid_self();
		l[4].word = tid_self(); // not listed
		REQUIRE_OK(syscall(SYS_set_robust_list, h, sizeof *h));
		end();
		_exit(0);
	}
	wait_for(child);
	for (int i = 0; i < 5; i++)
		OBSERVE(name("%s %d", how, i), "%#x", (unsigned)l[i].word == (unsigned)child ? 0xc0ffee : (unsigned)l[i].word);
}

static void by_exit(void) { syscall(SYS_exit, 0); }
static void by_kill(void) { kill(getpid(), SIGKILL); }
static void by_exec(void) { execl("/bin/true", "true", NULL); }

CASE(owner_died) {
	owner_ends("exit", by_exit);
	owner_ends("kill", by_kill);
	owner_ends("exec", by_exec);
}

CASE(broken_lists_do_no_harm) {
	int st;
	IN_CHILD(&st) {
		struct head h = {{(struct list *)bad_ptr()}, 0, bad_ptr()};
		syscall(SYS_set_robust_list, &h, sizeof h);
		_exit(3);
	}
	OBSERVE_STATUS("faulting list", st);
	IN_CHILD(&st) {
		struct head h = {{NULL}, 0, NULL};
		struct list a = {&a}; // never comes back to the head
		h.list.next = &a;
		syscall(SYS_set_robust_list, &h, sizeof h);
		_exit(4);
	}
	OBSERVE_STATUS("endless list", st);
}
