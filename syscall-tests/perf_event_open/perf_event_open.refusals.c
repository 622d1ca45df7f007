// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// perf_event_open: attributes that no machine has counters for, and users who may not count.
#include "../harness/harness.h"

#include <linux/capability.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/resource.h>

static long perf(struct perf_event_attr *a, pid_t pid, int cpu) { return syscall(SYS_perf_event_open, a, pid, cpu, -1, 0); }

static struct perf_event_attr software(uint64_t config) {
	return (struct perf_event_attr){.type = PERF_TYPE_SOFTWARE, .size = sizeof(struct perf_event_attr), .config = config, .exclude_kernel = 1, .exclude_hv = 1};
}

CASE(attributes_that_are_refused, "root cap:21") {
	struct perf_event_attr a = software(PERF_COUNT_SW_DUMMY);
	a.sample_type = PERF_SAMPLE_CALLCHAIN;
	a.sample_max_stack = 65535;
	OBSERVE_OK("too deep a stack", perf(&a, 0, -1));
	a = software(PERF_COUNT_SW_CPU_CLOCK);
	a.sample_type = PERF_SAMPLE_BRANCH_STACK;
	a.branch_sample_type = PERF_SAMPLE_BRANCH_ANY;
	OBSERVE_OK("branches of a software event", perf(&a, 0, -1));
	a = software(PERF_COUNT_SW_CPU_CLOCK);
	a.freq = 1;
	a.sample_freq = UINT64_MAX / 2;
	OBSERVE_OK("too often", perf(&a, 0, -1));
	a = software(PERF_COUNT_SW_DUMMY);
	a.type = 0x7fffff00;
	OBSERVE_OK("a type that is none", perf(&a, 0, -1));
}

CASE(no_descriptor_left, "root cap:21") {
	struct perf_event_attr a = software(PERF_COUNT_SW_DUMMY);
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, 2000}));
	OBSERVE_OK("then", perf(&a, 0, -1));
}

CASE(by_nobody, "root cap:21") {
	struct gate g = gate_open();
	pid_t roots = harness_fork();
	if (roots == 0) {
		gate_wait(&g);
		_exit(0);
	}
	IN_CHILD(NULL) {
		struct perf_event_attr a = software(PERF_COUNT_SW_DUMMY);
		become_nobody();
		OBSERVE_OK("root's process", perf(&a, roots, -1));
		OBSERVE_OK("a whole processor", perf(&a, -1, 0));
	}
	gate_signal(&g);
	wait_for(roots);
}

static struct perf_event_attr breakpoint(uint64_t addr, bool user_only) {
	return (struct perf_event_attr){.type = PERF_TYPE_BREAKPOINT, .size = sizeof(struct perf_event_attr), .bp_type = HW_BREAKPOINT_W, .bp_addr = addr,
		.bp_len = HW_BREAKPOINT_LEN_4, .exclude_kernel = user_only, .exclude_hv = 1};
}

// The processor has four registers for them.
CASE(more_breakpoints_than_the_processor_has, "root cap:21") {
	static uint32_t words[8];
	for (int i = 0; i < 6; i++) {
		struct perf_event_attr a = breakpoint((uintptr_t)&words[i], true);
		OBSERVE_OK(name("breakpoint %d", i), perf(&a, 0, -1));
	}
}

// Who may count, but not more, can't watch the kernel's memory.
CASE(breakpoint_in_the_kernel, "root cap:38") {
	IN_CHILD(NULL) {
		struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
		struct __user_cap_data_struct d[2] = {{0}, {1u << (CAP_PERFMON - 32), 1u << (CAP_PERFMON - 32), 0}};
		struct perf_event_attr a = breakpoint(0xffffffff81000000, false), mine = breakpoint((uintptr_t)&h, false);
		REQUIRE_OK(syscall(SYS_capset, &h, d));
		OBSERVE_OK("kernel", perf(&a, 0, -1));
		OBSERVE_OK("its own", perf(&mine, 0, -1));
	}
}
