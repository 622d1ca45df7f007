// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// set_tid_address: it returns the thread's id, and the word is cleared and woken at the thread's end, if memory is shared.
#include "../harness/signals.h"

CASE(returns_the_thread_id) {
	int word = 5;
	IN_CHILD(NULL) {
		CHECK_EQ(syscall(SYS_set_tid_address, &word), tid_self());
		CHECK_EQ(syscall(SYS_set_tid_address, NULL), tid_self());
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			CHECK_EQ(syscall(SYS_set_tid_address, b->p), tid_self());
		OBSERVE("word untouched", "%d", word);
	}
}

// Only a word that another process can see is cleared, and only at the end of a thread of shared memory.
CASE(private_memory_is_not_written) {
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*shared = 77;
	IN_CHILD(NULL) {
		syscall(SYS_set_tid_address, shared);
		syscall(SYS_exit, 0);
	}
	OBSERVE("word in shared memory, last user of its address space", "%d", *shared);
}

static volatile int word = 99;

static void *thread(void *arg) {
	*(long *)arg = syscall(SYS_set_tid_address, &word);
	syscall(SYS_exit, 0); // libc's own word is no longer cleared: nobody may join this one
	return NULL;
}

CASE(cleared_and_woken_at_the_end) {
	long returned = 0;
	thread_start(thread, &returned);
	while (word != 0)
		syscall(SYS_futex, &word, 0, 99, NULL, NULL, 0);
	CHECK_EQ(word, 0);
	CHECK(returned > 0 && returned != getpid());
}
