// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// capget: three versions of the header, two sizes of data, by process; and the quiet negotiation of the version.
#include "../harness/creds.h"

#define V1 0x19980330
#define V2 0x20071026
#define V3 0x20080522

static long get(unsigned version, int pid, struct __user_cap_data_struct *d) {
	struct __user_cap_header_struct h = {version, pid};
	return syscall(SYS_capget, &h, d);
}

CASE(versions) {
	static const unsigned versions[] = {V1, V2, V3, 0, 1, V3 + 1, -1};
	for (int i = 0; i < COUNT(versions); i++) {
		struct __user_cap_header_struct h = {versions[i], 0};
		struct __user_cap_data_struct d[2];
		memset(d, 0xee, sizeof d);
		OBSERVE_RET(name("version %#x", versions[i]), syscall(SYS_capget, &h, d));
		OBSERVE(name("version afterwards %#x", versions[i]), "%#x", h.version);
		OBSERVE(name("words written %#x", versions[i]), "%s %s", d[0].effective == 0xeeeeeeee ? "no" : "yes",
			d[1].effective == 0xeeeeeeee ? "no" : "yes");
	}
}

// Without data the call only tells the version, and an unknown one is no error.
CASE(version_probe) {
	static const unsigned versions[] = {V1, V2, V3, 0, 7};
	for (int i = 0; i < COUNT(versions); i++) {
		struct __user_cap_header_struct h = {versions[i], 0};
		OBSERVE_RET(name("no data, version %#x", versions[i]), syscall(SYS_capget, &h, NULL));
		OBSERVE(name("version afterwards %#x", versions[i]), "%#x", h.version);
	}
	struct __user_cap_header_struct h = {0, -5};
	OBSERVE_RET("no data, no version, bad pid", syscall(SYS_capget, &h, NULL));
}

CASE(agrees_with_proc) {
	struct __user_cap_data_struct d[2];
	unsigned long inh, prm, eff;
	REQUIRE_OK(get(V3, 0, d));
	const char *status = read_file("/proc/self/status"), *line = status ? strstr(status, "CapInh:") : NULL;
	REQUIRE(line && sscanf(line, "CapInh: %lx CapPrm: %lx CapEff: %lx", &inh, &prm, &eff) == 3);
	CHECK_EQ(d[0].inheritable | (unsigned long)d[1].inheritable << 32, inh);
	CHECK_EQ(d[0].permitted | (unsigned long)d[1].permitted << 32, prm);
	CHECK_EQ(d[0].effective | (unsigned long)d[1].effective << 32, eff);
	OBSERVE("inheritable", "%#lx", inh);
	OBSERVE("effective is a part of permitted", "%d", (eff & ~prm) == 0);
}

CASE(processes) {
	struct __user_cap_data_struct mine[2], d[2];
	REQUIRE_OK(get(V3, 0, mine));
	CHECK_OK(get(V3, getpid(), d));
	CHECK(memcmp(mine, d, sizeof d) == 0);
	OBSERVE_RET("-1", get(V3, -1, d));
	OBSERVE_RET("INT_MIN", get(V3, -0x7fffffff - 1, d));
	OBSERVE_RET("no such process", get(V3, 0x3fffffff, d));
	OBSERVE_RET("process 1", get(V3, 1, d));
}

CASE(of_a_child_that_dropped_them, "root") {
	struct gate ready = gate_open(), go = gate_open();
	struct __user_cap_data_struct d[2];
	pid_t pid = harness_fork();
	if (pid == 0) {
		set_caps(false);
		gate_signal(&ready);
		gate_wait(&go);
		_exit(0);
	}
	gate_wait(&ready);
	CHECK_OK(get(V3, pid, d));
	OBSERVE("child", "%#x %#x", d[0].permitted, d[1].permitted);
	gate_signal(&go);
	CHECK_EQ(wait_for(pid), 0);
	CHECK_ERR(get(V3, pid, d), ESRCH);
}

CASE(bad_pointers) {
	struct __user_cap_header_struct h = {V3, 0};
	struct __user_cap_data_struct d[2];
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("header at %s", b->name), syscall(SYS_capget, b->p, d));
		OBSERVE_RET(name("data at %s", b->name), syscall(SYS_capget, &h, b->p));
	}
	CHECK_ERR(syscall(SYS_capget, NULL, d), EFAULT);
	CHECK_OK(syscall(SYS_capget, guard_copy(&h, 8), guard_end(24)));
	h.version = V1;
	CHECK_OK(syscall(SYS_capget, guard_copy(&h, 8), guard_end(12)));
	h.version = V3;
	CHECK_ERR(syscall(SYS_capget, guard_copy(&h, 8), guard_end(12)), EFAULT);
	// Only an unknown version is written back, so a header that can't be written will do.
	void *page = writable_page();
	memcpy(page, &h, sizeof h);
	REQUIRE_OK(mprotect(page, page_size(), PROT_READ));
	CHECK_OK(syscall(SYS_capget, page, d));
	OBSERVE_RET("an unknown version in a read-only header", syscall(SYS_capget, readonly_page(), d));
}
