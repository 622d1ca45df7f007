// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_wait: what ends a wait for a wake-up?
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

WAITS(wake, a_word(5), syscall(SYS_futex_wait, word, 5L, ~0L & 0xffffffff, W_U32, NULL, 0), wake_up())
