// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sched_getaffinity: which lengths are taken, how many bytes are written and returned, and whose mask is told?
#include "../harness/sched.h"

#include <sys/sysinfo.h>

CASE(lengths) {
	static const unsigned lens[] = {0, 1, 4, 7, 8, 9, 12, 16, 24, 128, 1024, 4096};
	static unsigned char buf[8192];
	for (int i = 0; i < 12; i++) {
		memset(buf, 0xee, sizeof buf);
		long r = syscall(SYS_sched_getaffinity, 0, lens[i], buf);
		int err = errno;
		unsigned touched = 0;
		for (unsigned k = 0; k < sizeof buf; k++)
			if (buf[k] != 0xee)
				touched = k + 1;
		// The size of the kernel's own mask depends on its configuration: what is compared is that the length is right.
		OBSERVE(name("length %u", lens[i]), "%s", r < 0 ? errno_name(err) : r == (long)touched && r % 8 == 0 ? "as returned" : "wrong");
	}
	CHECK_ERR(syscall(SYS_sched_getaffinity, 0, 7, buf), EINVAL);
	CHECK_ERR(syscall(SYS_sched_getaffinity, 0, 12, buf), EINVAL);
}

CASE(arguments) {
	cpu_set_t set;
	OBSERVE_RET("pid -1", syscall(SYS_sched_getaffinity, -1, sizeof set, &set));
	OBSERVE_RET("dead", syscall(SYS_sched_getaffinity, dead_pid(), sizeof set, &set));
	OBSERVE_RET("NULL", syscall(SYS_sched_getaffinity, 0, sizeof set, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_sched_getaffinity, 0, sizeof set, b->p));
	OBSERVE_RET("bad pointer of nobody", syscall(SYS_sched_getaffinity, INT32_MAX, sizeof set, bad_ptr()));
	OBSERVE_RET("bad length of nobody", syscall(SYS_sched_getaffinity, INT32_MAX, 3, &set));
	CHECK_ERR(syscall(SYS_sched_getaffinity, INT32_MAX, sizeof set, &set), ESRCH);
	CHECK_ERR(syscall(SYS_sched_getaffinity, 0, sizeof set, bad_ptr()), EFAULT);
}

CASE(processors) {
	cpu_set_t set;
	CPU_ZERO(&set);
	REQUIRE_OK(syscall(SYS_sched_getaffinity, 0, sizeof set, &set));
	OBSERVE("count", "%d", CPU_COUNT(&set));
	OBSERVE("like get_nprocs", "%d", CPU_COUNT(&set) == get_nprocs());
	IN_CHILD(NULL) {
		cpu_set_t mine;
		CPU_ZERO(&mine);
		REQUIRE_OK(syscall(SYS_sched_getaffinity, 0, sizeof mine, &mine));
		CHECK(CPU_EQUAL(&mine, &set));
	}
}

CASE(of_another_as_nobody, "root") {
	cpu_set_t set;
	pid_t child = sleeper();
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("get", syscall(SYS_sched_getaffinity, child, sizeof set, &set));
	}
	end_child(child);
}
