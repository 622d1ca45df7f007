// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that need a right: which capability gives it? Each is tried alone, by a user who has nothing else.
#ifndef DITTO_HARNESS_CAPABILITIES_H
#define DITTO_HARNESS_CAPABILITIES_H

#include "harness.h"

#include <linux/capability.h>
#include <sys/prctl.h>

// Those that containers usually have. What else a case wants to try it names, and needs.
static const int usual_caps[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP,
				 CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_SYS_CHROOT, CAP_MKNOD, CAP_AUDIT_WRITE, CAP_SETFCAP};
#define USUAL_CAPS (int)(sizeof usual_caps / sizeof *usual_caps)

static inline const char *cap_text(int cap) {
	static const char *const names[] = {"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
					    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
					    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
					    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap"};
	return cap < 32 ? names[cap] : name("cap %d", cap);
}

// User and group 65534 without further groups, and with one capability, or none for -1.
static inline void become_user_with(int cap) {
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{0}};
	REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1));
	REQUIRE_OK(syscall(SYS_setgroups, 0, NULL));
	REQUIRE_OK(syscall(SYS_setresgid, 65534, 65534, 65534));
	REQUIRE_OK(syscall(SYS_setresuid, 65534, 65534, 65534));
	if (cap >= 0)
		d[cap / 32].effective = d[cap / 32].permitted = 1U << cap % 32;
	REQUIRE_OK(syscall(SYS_capset, &h, d));
	REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
}

// The result of the call with that capability, in a directory and a process of its own.
static inline const char *result_with(int cap, void (*before)(void), long (*call)(void)) {
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared != MAP_FAILED);
	shared[0] = -1, shared[1] = 0;
	IN_CHILD(NULL) {
		REQUIRE_OK(mkdir(name("with-%d", cap), 0755));
		REQUIRE_OK(chdir(name("with-%d", cap)));
		before();
		become_user_with(cap);
		errno = 0;
		shared[0] = call() < 0 ? -1 : 0;
		shared[1] = errno;
	}
	const char *text = shared[0] < 0 ? errno_name(shared[1]) : "ok";
	munmap(shared, 4096);
	return text;
}

// cap: one more than the usual ones, or -1.
static inline void observe_capabilities(int cap, void (*before)(void), long (*call)(void)) {
	const char *without = result_with(-1, before, call);
	OBSERVE("without", "%s", without);
	for (int i = 0; i <= USUAL_CAPS; i++) {
		int c = i < USUAL_CAPS ? usual_caps[i] : cap;
		if (c < 0)
			continue;
		const char *with = result_with(c, before, call);
		if (strcmp(with, without) != 0 || i == USUAL_CAPS)
			OBSERVE(name("with %s", cap_text(c)), "%s", with);
	}
}

#define CAPABILITY(ident, before, expr)                                                                               \
	static void before_##ident(void) { before; }                                                                  \
	static long call_##ident(void) { return (long)(expr); }                                                       \
	CASE(ident##_by_capability, "root") { observe_capabilities(-1, before_##ident, call_##ident); }

// With a capability beyond the usual ones, by name and number.
#define CAPABILITY_OF(cap, number, ident, before, expr)                                                               \
	static void before_##ident(void) { before; }                                                                  \
	static long call_##ident(void) { return (long)(expr); }                                                       \
	CASE(ident##_by_capability, "root cap:" #number) {                                                            \
		_Static_assert(cap == number, "the capability's number");                                             \
		observe_capabilities(cap, before_##ident, call_##ident);                                              \
	}

// Files of root's in the working directory.
static inline void roots_files(void) {
	REQUIRE_OK(mkdir("locked", 0700));
	REQUIRE_OK(mkdir("dir", 0755));
	REQUIRE_OK(mkdir("sticky", 0));
	REQUIRE_OK(chmod("sticky", 01777));
	close(make_file("file", "content"));
	close(make_file("locked/file", "content"));
	close(make_file("dir/file", "content"));
	close(make_file("sticky/file", "content"));
	close(make_file("secret", "content"));
	REQUIRE_OK(chmod("secret", 0600));
	REQUIRE_OK(symlink("file", "link"));
	REQUIRE_OK(symlink("../file", "locked/link"));
}

// A process of root's that waits.
static pid_t roots_pid;
static inline void roots_process(void) {
	struct gate up = gate_open();
	if ((roots_pid = harness_fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		gate_signal(&up);
		for (;;)
			pause();
	}
	gate_wait(&up);
}

#endif
