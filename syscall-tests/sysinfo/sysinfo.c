// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sysinfo: memory, load, uptime and the number of processes, in one structure of 112 bytes.
#include "../harness/harness.h"

#include <sys/sysinfo.h>
#include <time.h>

CASE(plausible) {
	struct sysinfo s;
	memset(&s, 0xff, sizeof s);
	CHECK_OK(syscall(SYS_sysinfo, &s));
	CHECK_EQ(sizeof s, 112);
	CHECK(s.mem_unit >= 1);
	CHECK(s.totalram > 0);
	CHECK(s.freeram > 0 && s.freeram <= s.totalram);
	CHECK(s.bufferram <= s.totalram);
	CHECK(s.freeswap <= s.totalswap);
	CHECK(s.freehigh <= s.totalhigh);
	CHECK(s.procs >= 1);
	CHECK(s.uptime > 0);
	OBSERVE("mem_unit", "%u", s.mem_unit);
	OBSERVE("totalhigh", "%lu", s.totalhigh);
	OBSERVE("pad", "%#x", s.pad);
}

CASE(uptime_is_the_boot_clock) {
	struct timespec before, after;
	struct sysinfo s;
	REQUIRE_OK(clock_gettime(CLOCK_BOOTTIME, &before));
	CHECK_OK(syscall(SYS_sysinfo, &s));
	REQUIRE_OK(clock_gettime(CLOCK_BOOTTIME, &after));
	// Rounded up to a second.
	CHECK(s.uptime >= before.tv_sec && s.uptime <= after.tv_sec + 1);
}

CASE(total_agrees_with_meminfo) {
	struct sysinfo s;
	unsigned long kb = 0;
	CHECK_OK(syscall(SYS_sysinfo, &s));
	const char *info = read_file("/proc/meminfo");
	REQUIRE(info && sscanf(info, "MemTotal: %lu kB", &kb) == 1);
	CHECK_EQ(s.totalram * s.mem_unit / 1024, kb);
}

CASE(processes_are_counted) {
	struct sysinfo before, after;
	struct gate go = gate_open();
	pid_t pids[20];
	// Others come and go on the machine, so the count only has to hold ours.
	CHECK_OK(syscall(SYS_sysinfo, &before));
	for (int i = 0; i < 20; i++)
		if ((pids[i] = harness_fork()) == 0) {
			gate_wait(&go);
			_exit(0);
		}
	CHECK_OK(syscall(SYS_sysinfo, &after));
	CHECK(after.procs >= 21);
	for (int i = 0; i < 20; i++)
		gate_signal(&go);
	for (int i = 0; i < 20; i++)
		CHECK_EQ(wait_for(pids[i]), 0);
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_sysinfo, b->p));
	CHECK_ERR(syscall(SYS_sysinfo, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_sysinfo, readonly_page()), EFAULT);
	char *p = guard_end(112);
	CHECK_OK(syscall(SYS_sysinfo, p));
	CHECK_ERR(syscall(SYS_sysinfo, p + 1), EFAULT);
	CHECK_OK(syscall(SYS_sysinfo, p - 3));
}
