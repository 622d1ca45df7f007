// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// perf_event_open: attributes that no machine has counters for, and users who may not count.
#include "../harness/harness.h"

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
