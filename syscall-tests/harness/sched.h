// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of scheduling: the kernel's struct sched_attr, policies by name.
#ifndef DITTO_HARNESS_SCHED_H
#define DITTO_HARNESS_SCHED_H

#include "signals.h"

#include <sched.h>
#include <sys/resource.h>

struct kattr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static inline long setattr(pid_t pid, struct kattr *a, unsigned flags) { return syscall(SYS_sched_setattr, pid, a, flags); }
static inline long getattr(pid_t pid, struct kattr *a, unsigned size, unsigned flags) {
	return syscall(SYS_sched_getattr, pid, a, size, flags);
}

__attribute__((unused)) static const struct {
	int policy;
	const char *name;
} policies[] = {{0, "OTHER"}, {1, "FIFO"}, {2, "RR"}, {3, "BATCH"}, {4, "number 4"}, {5, "IDLE"}, {6, "DEADLINE"}, {8, "number 8"}, {-1, "number -1"}};
#define POLICIES 9

// All that the kernel tells of the caller's scheduling.
static inline const char *sched_text(void) {
	int prio = -1;
	syscall(SYS_sched_getparam, 0, &prio);
	return name("policy %#lx priority %d nice %ld", syscall(SYS_sched_getscheduler, 0), prio, 20 - syscall(SYS_getpriority, PRIO_PROCESS, 0));
}

#endif
