// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex: what ends a wait for a wake-up; a lock that the waiter's child holds?
#include "../harness/futexes.h"
#include "../harness/waits.h"

// A word that the waiter's helper sees as well.
static uint32_t *word;

static void a_word(uint32_t value) {
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(word != MAP_FAILED);
	*word = value;
}

static void wake_up(void) { fut(word, FUTEX_WAKE, 1, NULL, NULL, 0); }

// Locked by a child, which unlocks it when it is told to.
static struct gate unlock;

static void a_lock(void) {
	struct gate locked = gate_open();
	unlock = gate_open();
	a_word(0);
	if (harness_fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		REQUIRE_OK(fut(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
		gate_signal(&locked);
		gate_wait(&unlock);
		fut(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
		_exit(0);
	}
	gate_wait(&locked);
}

static struct timespec minute = {60, 0};

WAITS(wake, a_word(5), fut(word, FUTEX_WAIT, 5, NULL, NULL, 0), wake_up())
WAITS(wake_within_a_minute, a_word(5), fut(word, FUTEX_WAIT, 5, &minute, NULL, 0), wake_up())
WAITS(wake_of_a_bit, a_word(5), fut(word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 4), fut(word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 12))
WAITS(lock, a_lock(), fut(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), gate_signal(&unlock))
