// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// futex_waitv: what ends a wait for a wake-up of one of two words?
#include "../harness/futexes.h"
#include "../harness/waits.h"

#include <linux/futex.h>

// A word that the waiter's helper sees as well.
static uint32_t *word;

static void a_word(uint32_t value) {
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(word != MAP_FAILED);
	*word = value;
}

static void wake_up(void) { fut(word, FUTEX_WAKE, 1, NULL, NULL, 0); }

static long on_two(void) {
	struct futex_waitv v[2] = {{.val = 5, .uaddr = (uintptr_t)word, .flags = W_U32}, {.val = 0, .uaddr = (uintptr_t)(word + 1), .flags = W_U32}};
	return syscall(SYS_futex_waitv, v, 2, 0, NULL, 0);
}

WAITS(wake_of_one, a_word(5), on_two(), wake_up())
