// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rseq: registering and unregistering with every wrong argument; the fields that the kernel fills in; a critical
// section that a signal aborts.
#include "../harness/signals.h"

#define SIGNATURE 0x53053053
struct area {
	uint32_t cpu_start, cpu;
	uint64_t section;
	uint32_t flags, node, mm_cid, pad;
} __attribute__((aligned(32)));

static long rseq_(void *p, unsigned len, int flags, unsigned sig) { return syscall(SYS_rseq, p, len, flags, sig); }

// libc has registered an area of its own for every thread; a raw fork's child unregisters nothing, so that one is found and dropped.
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned __rseq_size __attribute__((weak));

static void drop_libcs(void) {
	if (&__rseq_size && __rseq_size)
		REQUIRE_OK(rseq_((char *)__builtin_thread_pointer() + __rseq_offset, 32, 1, SIGNATURE));
}

CASE(registration) {
	static struct area a, b;
	drop_libcs();
	OBSERVE_RET("unregister none", rseq_(&a, 32, 1, SIGNATURE));
	OBSERVE_RET("unaligned", rseq_((char *)&a + 4, 32, 0, SIGNATURE));
	OBSERVE_RET("length 31", rseq_(&a, 31, 0, SIGNATURE));
	OBSERVE_RET("length 0", rseq_(&a, 0, 0, SIGNATURE));
	OBSERVE_RET("flags", rseq_(&a, 32, 4, SIGNATURE));
	OBSERVE_RET("bad pointer", rseq_((void *)((uintptr_t)bad_ptr() & ~31ul), 32, 0, SIGNATURE));
	OBSERVE_RET("kernel half", rseq_((void *)0xffff888000000000, 32, 0, SIGNATURE));
	CHECK_OK(rseq_(&a, 32, 0, SIGNATURE));
	OBSERVE_RET("again", rseq_(&a, 32, 0, SIGNATURE));
	OBSERVE_RET("again, other signature", rseq_(&a, 32, 0, 1));
	OBSERVE_RET("another area", rseq_(&b, 32, 0, SIGNATURE));
	OBSERVE_RET("unregister another", rseq_(&b, 32, 1, SIGNATURE));
	OBSERVE_RET("unregister, other signature", rseq_(&a, 32, 1, 1));
	OBSERVE_RET("unregister, other length", rseq_(&a, 64, 1, SIGNATURE));
	CHECK_OK(rseq_(&a, 32, 1, SIGNATURE));
	OBSERVE("cpu after", "%d %d", (int)a.cpu_start, (int)a.cpu);
}

CASE(processor_is_told) {
	static struct area a;
	unsigned cpu, node;
	drop_libcs();
	a.cpu = -1;
	REQUIRE_OK(rseq_(&a, 32, 0, SIGNATURE));
	// Retried: it may move in between.
	for (int i = 0; i < 1000; i++) {
		REQUIRE_OK(syscall(SYS_getcpu, &cpu, &node, NULL));
		if (cpu == *(volatile uint32_t *)&a.cpu)
			break;
	}
	CHECK_EQ(cpu, a.cpu);
	CHECK_EQ(a.cpu, a.cpu_start);
	CHECK_EQ(a.node, node);
}

CASE(not_kept_over_exec_but_over_fork) {
	static struct area a;
	drop_libcs();
	REQUIRE_OK(rseq_(&a, 32, 0, SIGNATURE));
	pid_t child = (pid_t)syscall(SYS_fork);
	if (child == 0) {
		OBSERVE_RET("child registers the same", rseq_(&a, 32, 0, SIGNATURE));
		_exit(0);
	}
	wait_for(child);
}
