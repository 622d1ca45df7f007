// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// arch_prctl: the tiles of AMX, for which a process needs leave, through system calls, signals, threads and fork. Where the processor has
// none, the refusal is all that there is to see.
#include "../harness/harness.h"

#define REQ_XCOMP_PERM 0x1023
#define TILE_DATA 18L

static unsigned char pattern[1024], zero[1024];

// configure gives all eight tiles 16 rows of 64 bytes, and zeroes them.
static void configure(void) {
	struct {
		uint8_t palette, row, reserved[14];
		uint16_t columns[16];
		uint8_t rows[16];
	} c = {.palette = 1};
	for (int i = 0; i < 8; i++)
		c.columns[i] = 64, c.rows[i] = 16;
	__asm__ volatile("ldtilecfg %0" : : "m"(c));
}

static void load(const unsigned char *from) { __asm__ volatile("tileloadd (%0,%1,1), %%tmm3" : : "r"(from), "r"(64l) : "memory"); }

static bool holds(const unsigned char *want) {
	static __thread unsigned char got[1024];
	__asm__ volatile("tilestored %%tmm3, (%0,%1,1)" : : "r"(got), "r"(64l) : "memory");
	return !memcmp(got, want, sizeof got);
}

static volatile int handled;
static void overwrite(int sig) {
	(void)sig;
	configure();
	load(zero);
	getppid();
	handled++;
}

static void *other(void *arg) {
	configure();
	for (int i = 0; i < 100; i++)
		getppid();
	*(bool *)arg = holds(zero);
	load(zero);
	return NULL;
}

CASE(tiles_survive, "kernel>=5.17") {
	if (OBSERVE_RET("leave for tiles", syscall(SYS_arch_prctl, REQ_XCOMP_PERM, TILE_DATA)))
		return;
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i * 7 + 1;
	configure();
	load(pattern);
	for (int i = 0; i < 200; i++)
		getppid();
	OBSERVE("after system calls", "%d", holds(pattern));
	signal(SIGUSR1, overwrite);
	for (int i = 0; i < 20; i++)
		raise(SIGUSR1);
	OBSERVE("after signals", "%d %d", handled, holds(pattern));
	bool fresh = false;
	thread_join(thread_start(other, &fresh));
	OBSERVE("a thread starts without", "%d", fresh);
	OBSERVE("after a thread's", "%d", holds(pattern));
	IN_CHILD(NULL) {
		configure();
		OBSERVE("a child starts without", "%d", holds(zero));
	}
	OBSERVE("after a child's", "%d", holds(pattern));
}
