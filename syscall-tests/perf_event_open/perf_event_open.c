// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// perf_event_open: counters of software events: which are there, what they count, flags, sizes of the attributes, and who may.
#include "../harness/harness.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>

static long perf(struct perf_event_attr *a, pid_t pid, int cpu, int group, unsigned long flags) {
	return syscall(SYS_perf_event_open, a, pid, cpu, group, flags);
}

static struct perf_event_attr software(uint64_t config) {
	return (struct perf_event_attr){.type = PERF_TYPE_SOFTWARE, .size = sizeof(struct perf_event_attr), .config = config, .exclude_kernel = 1, .exclude_hv = 1};
}

CASE(software_events, "root cap:21") {
	for (uint64_t config = 0; config < 14; config++) {
		struct perf_event_attr a = software(config);
		OBSERVE_OK(name("event %d", (int)config), perf(&a, 0, -1, -1, 0));
	}
}

CASE(counts_faults, "root cap:21") {
	struct perf_event_attr a = software(PERF_COUNT_SW_PAGE_FAULTS);
	uint64_t before, after;
	int fd = REQUIRE_OK(perf(&a, 0, -1, -1, 0));
	char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(read(fd, &before, 8) == 8);
	for (int i = 0; i < 16; i++)
		p[i * 4096] = 1;
	REQUIRE(read(fd, &after, 8) == 8);
	OBSERVE("sixteen pages make", "%s", after - before >= 1 ? "faults" : "none");
	OBSERVE_RET("disable", ioctl(fd, PERF_EVENT_IOC_DISABLE, 0));
	OBSERVE_RET("reset", ioctl(fd, PERF_EVENT_IOC_RESET, 0));
	REQUIRE(read(fd, &after, 8) == 8);
	OBSERVE("after a reset", "%lu", (unsigned long)after);
	OBSERVE_RET("read into too little", read(fd, &after, 7));
	OBSERVE_RET("write", write(fd, &after, 8));
}

CASE(flags, "root cap:21") {
	struct perf_event_attr a = software(PERF_COUNT_SW_DUMMY);
	for (int bit = 0; bit < 32; bit++) {
		int fd = perf(&a, 0, -1, -1, 1ul << bit);
		OBSERVE(name("flag %d", bit), "%s", fd < 0 ? errno_name(errno) : name("ok, FD_CLOEXEC %d", fcntl(fd, F_GETFD)));
	}
}

CASE(targets, "root cap:21") {
	struct perf_event_attr a = software(PERF_COUNT_SW_CPU_CLOCK);
	OBSERVE_OK("itself on any processor", perf(&a, 0, -1, -1, 0));
	OBSERVE_OK("itself on processor 0", perf(&a, 0, 0, -1, 0));
	OBSERVE_OK("nothing at all", perf(&a, -1, -1, -1, 0));
	OBSERVE_OK("a processor that is none", perf(&a, 0, 100000, -1, 0));
	OBSERVE_OK("a process that is none", perf(&a, 0x7ffffff0, -1, -1, 0));
	int leader = REQUIRE_OK(perf(&a, 0, -1, -1, 0));
	OBSERVE_OK("in a group", perf(&a, 0, -1, leader, 0));
	OBSERVE_OK("in a group on another processor", perf(&a, 0, 0, leader, 0));
	OBSERVE_OK("in what is no group", perf(&a, 0, -1, 0, 0));
	OBSERVE_OK("in a closed one", perf(&a, 0, -1, 777, 0));
}

CASE(sizes_of_the_attributes, "root cap:21") {
	char big[8192] = {0};
	struct perf_event_attr a = software(PERF_COUNT_SW_DUMMY);
	memcpy(big, &a, sizeof a);
	static const unsigned sizes[] = {0, 1, 63, 64, 72, 80, 96, 104, 112, 120, 4096, 4097, ~0u};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		((struct perf_event_attr *)big)->size = sizes[i];
		OBSERVE_OK(name("%u", sizes[i]), perf((void *)big, 0, -1, -1, 0));
	}
	((struct perf_event_attr *)big)->size = 4096;
	big[3000] = 1;
	OBSERVE_OK("a tail that is not zero", perf((void *)big, 0, -1, -1, 0));
	OBSERVE("the size that it knows", "%s", ((struct perf_event_attr *)big)->size < 4096 ? "told" : "not told");
}

CASE(odd_attributes, "root cap:21") {
	struct perf_event_attr a = software(PERF_COUNT_SW_DUMMY);
	a.type = 1000000;
	OBSERVE_OK("no such type", perf(&a, 0, -1, -1, 0));
	a = software(1000);
	OBSERVE_OK("no such event", perf(&a, 0, -1, -1, 0));
	a = software(PERF_COUNT_SW_DUMMY);
	a.sample_type = 1ull << 60;
	OBSERVE_OK("an unknown sample", perf(&a, 0, -1, -1, 0));
	a.sample_type = 0, a.read_format = 1ull << 60;
	OBSERVE_OK("an unknown format", perf(&a, 0, -1, -1, 0));
	a.read_format = 0, a.freq = 1, a.sample_freq = 1ull << 40;
	OBSERVE_OK("too frequent", perf(&a, 0, -1, -1, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
		OBSERVE_OK(p->name, perf(p->p, 0, -1, -1, 0));
}
