// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prctl: the basic operations (name, death signal, dumpable, keepcaps, no_new_privs, subreaper, timer slack, bounding
// and ambient capabilities, securebits), what each answers to bad arguments, and who inherits what.
#include "../harness/memory.h"
#include "../harness/creds.h"

#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>

#define PRCTL(...) syscall(SYS_prctl, __VA_ARGS__)

// --- Name ---

CASE(name_is_cut_at_15) {
	char got[17] = "................";
	CHECK_OK(PRCTL(PR_SET_NAME, "0123456789abcdefXYZ", 0, 0, 0));
	CHECK_OK(PRCTL(PR_GET_NAME, got, 0, 0, 0));
	CHECK_STR(got, "0123456789abcde");
	CHECK_EQ(got[16], 0);
	const char *comm = read_file("/proc/self/comm");
	OBSERVE("comm", "%s", comm ? comm : "none");
}

CASE(short_name_is_padded_with_zeros) {
	unsigned char got[17];
	memset(got, 0xee, sizeof got);
	CHECK_OK(PRCTL(PR_SET_NAME, "0123456789abcde", 0, 0, 0));
	CHECK_OK(PRCTL(PR_SET_NAME, "ab", 0, 0, 0));
	CHECK_OK(PRCTL(PR_GET_NAME, got, 0, 0, 0));
	OBSERVE_BYTES("16 bytes and the next", got, 17);
	CHECK_EQ(got[16], 0xee);
}

CASE(name_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("set from %s", b->name), PRCTL(PR_SET_NAME, b->p, 0, 0, 0));
		OBSERVE_RET(name("get to %s", b->name), PRCTL(PR_GET_NAME, b->p, 0, 0, 0));
	}
	CHECK_ERR(PRCTL(PR_GET_NAME, readonly_page(), 0, 0, 0), EFAULT);
	// A name that ends before the end of memory is enough.
	CHECK_OK(PRCTL(PR_SET_NAME, guard_copy("abc", 4), 0, 0, 0));
	CHECK_OK(PRCTL(PR_SET_NAME, guard_copy("0123456789abcde", 15), 0, 0, 0));
	OBSERVE_RET("three bytes without an end", PRCTL(PR_SET_NAME, guard_copy("abc", 3), 0, 0, 0));
	CHECK_OK(PRCTL(PR_GET_NAME, guard_end(16), 0, 0, 0));
	OBSERVE_RET("other arguments are not looked at", PRCTL(PR_SET_NAME, "x", 1, 2, 3));
}

static void *rename_thread(void *arg) {
	char got[16];
	(void)arg;
	CHECK_OK(PRCTL(PR_GET_NAME, got, 0, 0, 0));
	OBSERVE("a new thread's", "%s", got);
	CHECK_OK(PRCTL(PR_SET_NAME, "thread", 0, 0, 0));
	return NULL;
}

CASE(name_belongs_to_the_thread) {
	char got[16];
	CHECK_OK(PRCTL(PR_SET_NAME, "first", 0, 0, 0));
	thread_join(thread_start(rename_thread, NULL));
	CHECK_OK(PRCTL(PR_GET_NAME, got, 0, 0, 0));
	CHECK_STR(got, "first");
	IN_CHILD(NULL) {
		CHECK_OK(PRCTL(PR_GET_NAME, got, 0, 0, 0));
		OBSERVE("child's", "%s", got);
	}
}

CASE(exec_sets_the_name) {
	int st;
	IN_CHILD(&st) {
		CHECK_OK(PRCTL(PR_SET_NAME, "before", 0, 0, 0));
		execl("/bin/sh", "other-argv0", "-c", "read -r x < /proc/$$/comm; test $x = sh", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("sh", st);
}

// --- Parent-death signal ---

CASE(pdeathsig_values) {
	int got = 77;
	CHECK_OK(PRCTL(PR_GET_PDEATHSIG, &got, 0, 0, 0));
	CHECK_EQ(got, 0);
	static const long sigs[] = {0, 1, 9, 19, 31, 32, 64, 65, -1, 0x10000000aL};
	for (int i = 0; i < COUNT(sigs); i++) {
		OBSERVE_RET(name("set %ld", sigs[i]), PRCTL(PR_SET_PDEATHSIG, sigs[i], 0, 0, 0));
		CHECK_OK(PRCTL(PR_GET_PDEATHSIG, &got, 0, 0, 0));
		OBSERVE(name("after %ld", sigs[i]), "%d", got);
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("get to %s", b->name), PRCTL(PR_GET_PDEATHSIG, b->p, 0, 0, 0));
}

CASE(pdeathsig_comes_when_the_parent_dies) {
	struct gate ready = gate_open(), die = gate_open();
	REQUIRE_OK(PRCTL(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	pid_t middle = harness_fork();
	if (middle == 0) {
		if (harness_fork() == 0) {
			struct gate never = gate_open();
			REQUIRE_OK(PRCTL(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
			gate_signal(&ready);
			gate_wait(&never);
		}
		gate_wait(&die);
		_exit(0);
	}
	gate_wait(&ready);
	gate_signal(&die);
	OBSERVE_STATUS("middle", wait_for(middle));
	int st;
	REQUIRE_OK(wait(&st));
	OBSERVE_STATUS("grandchild", st);
}

CASE(pdeathsig_is_not_inherited) {
	int got = 77;
	CHECK_OK(PRCTL(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	IN_CHILD(NULL) {
		CHECK_OK(PRCTL(PR_GET_PDEATHSIG, &got, 0, 0, 0));
		CHECK_EQ(got, 0);
	}
}

CASE(pdeathsig_is_cleared_by_an_id_change, "root") {
	IN_CHILD(NULL) {
		int got = 77;
		CHECK_OK(PRCTL(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
		CHECK_OK(syscall(SYS_setresuid, 5, 5, 5));
		CHECK_OK(PRCTL(PR_GET_PDEATHSIG, &got, 0, 0, 0));
		OBSERVE("after setresuid", "%d", got);
	}
}

// --- Dumpable ---

CASE(dumpable_values) {
	OBSERVE_RET("at first", PRCTL(PR_GET_DUMPABLE, 0, 0, 0, 0));
	static const long values[] = {0, 1, 2, 3, -1, 0x100000001L};
	for (int i = 0; i < COUNT(values); i++) {
		OBSERVE_RET(name("set %ld", values[i]), PRCTL(PR_SET_DUMPABLE, values[i], 0, 0, 0));
		OBSERVE_RET(name("after %ld", values[i]), PRCTL(PR_GET_DUMPABLE, 0, 0, 0, 0));
	}
	CHECK_OK(PRCTL(PR_SET_DUMPABLE, 0, 0, 0, 0));
	IN_CHILD(NULL) OBSERVE_RET("child", PRCTL(PR_GET_DUMPABLE, 0, 0, 0, 0));
	int st;
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "test -r /proc/self/environ", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("readable again after exec", st);
}

// --- Keepcaps ---

CASE(keepcaps_values) {
	CHECK_EQ(PRCTL(PR_GET_KEEPCAPS, 0, 0, 0, 0), 0);
	static const long values[] = {1, 0, 2, -1};
	for (int i = 0; i < COUNT(values); i++) {
		OBSERVE_RET(name("set %ld", values[i]), PRCTL(PR_SET_KEEPCAPS, values[i], 0, 0, 0));
		OBSERVE_RET(name("after %ld", values[i]), PRCTL(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	}
	CHECK_OK(PRCTL(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	IN_CHILD(NULL) OBSERVE_RET("child", PRCTL(PR_GET_KEEPCAPS, 0, 0, 0, 0));
}

// --- No new privileges ---

CASE(no_new_privs_is_for_ever) {
	IN_CHILD(NULL) {
		OBSERVE_RET("at first", PRCTL(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
		CHECK_ERR(PRCTL(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
		CHECK_ERR(PRCTL(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0), EINVAL);
		CHECK_ERR(PRCTL(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
		CHECK_ERR(PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 1, 0), EINVAL);
		CHECK_ERR(PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1), EINVAL);
		CHECK_ERR(PRCTL(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
		CHECK_OK(PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		CHECK_EQ(PRCTL(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
		CHECK_OK(PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		CHECK_ERR(PRCTL(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
		IN_CHILD(NULL) CHECK_EQ(PRCTL(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
		const char *status = read_file("/proc/self/status"), *line = status ? strstr(status, "NoNewPrivs:\t") : NULL;
		OBSERVE("status", "%.13s", line ? line : "none");
	}
}

static void *nnp_thread(void *arg) {
	(void)arg;
	CHECK_OK(PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return NULL;
}

CASE(no_new_privs_belongs_to_the_thread) {
	long before = PRCTL(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	thread_join(thread_start(nnp_thread, NULL));
	CHECK_EQ(PRCTL(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), before);
}

// --- Subreaper ---

CASE(subreaper_values) {
	int got = 77;
	CHECK_OK(PRCTL(PR_GET_CHILD_SUBREAPER, &got, 0, 0, 0));
	CHECK_EQ(got, 0);
	static const long values[] = {1, 0, 5, -1};
	for (int i = 0; i < COUNT(values); i++) {
		OBSERVE_RET(name("set %ld", values[i]), PRCTL(PR_SET_CHILD_SUBREAPER, values[i], 0, 0, 0));
		CHECK_OK(PRCTL(PR_GET_CHILD_SUBREAPER, &got, 0, 0, 0));
		OBSERVE(name("after %ld", values[i]), "%d", got);
	}
	IN_CHILD(NULL) {
		CHECK_OK(PRCTL(PR_GET_CHILD_SUBREAPER, &got, 0, 0, 0));
		OBSERVE("child", "%d", got);
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("get to %s", b->name), PRCTL(PR_GET_CHILD_SUBREAPER, b->p, 0, 0, 0));
}

CASE(subreaper_gets_the_orphans) {
	REQUIRE_OK(PRCTL(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	int told[2], st;
	pid_t orphan = 0;
	REQUIRE_OK(pipe(told));
	IN_CHILD(NULL) {
		pid_t pid = harness_fork();
		if (pid == 0)
			_exit(9);
		REQUIRE(write(told[1], &pid, sizeof pid) == sizeof pid);
	}
	REQUIRE(read(told[0], &orphan, sizeof orphan) == sizeof orphan);
	CHECK_EQ(waitpid(orphan, &st, 0), orphan);
	OBSERVE_STATUS("orphan", st);
	CHECK_ERR(wait(&st), ECHILD);
}

// --- Timer slack ---

CASE(timerslack) {
	long initial = PRCTL(PR_GET_TIMERSLACK, 0, 0, 0, 0);
	OBSERVE("at first", "%ld", initial);
	CHECK_OK(PRCTL(PR_SET_TIMERSLACK, 12345, 0, 0, 0));
	CHECK_EQ(PRCTL(PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
	IN_CHILD(NULL) {
		CHECK_EQ(PRCTL(PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
		// Zero means the default, which is the creator's value.
		CHECK_OK(PRCTL(PR_SET_TIMERSLACK, 1, 0, 0, 0));
		CHECK_OK(PRCTL(PR_SET_TIMERSLACK, 0, 0, 0, 0));
		CHECK_EQ(PRCTL(PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
	}
	OBSERVE_RET("negative", PRCTL(PR_SET_TIMERSLACK, -1L, 0, 0, 0));
	OBSERVE("after negative", "%ld", (long)PRCTL(PR_GET_TIMERSLACK, 0, 0, 0, 0));
}

// --- Capabilities ---

CASE(bounding_set, "root") {
	OBSERVE_RET("read CAP_CHOWN", PRCTL(PR_CAPBSET_READ, 0, 0, 0, 0));
	OBSERVE_RET("read 63", PRCTL(PR_CAPBSET_READ, 63, 0, 0, 0));
	OBSERVE_RET("read 64", PRCTL(PR_CAPBSET_READ, 64, 0, 0, 0));
	OBSERVE_RET("read -1", PRCTL(PR_CAPBSET_READ, -1L, 0, 0, 0));
	OBSERVE_RET("read 41", PRCTL(PR_CAPBSET_READ, 41, 0, 0, 0));
	OBSERVE_RET("drop 63", PRCTL(PR_CAPBSET_DROP, 63, 0, 0, 0));
	OBSERVE_RET("drop -1", PRCTL(PR_CAPBSET_DROP, -1L, 0, 0, 0));
	IN_CHILD(NULL) {
		OBSERVE_RET("drop CAP_CHOWN", PRCTL(PR_CAPBSET_DROP, 0, 0, 0, 0));
		OBSERVE_RET("read it again", PRCTL(PR_CAPBSET_READ, 0, 0, 0, 0));
		OBSERVE_RET("drop it again", PRCTL(PR_CAPBSET_DROP, 0, 0, 0, 0));
		IN_CHILD(NULL) OBSERVE_RET("read in a child", PRCTL(PR_CAPBSET_READ, 0, 0, 0, 0));
		OBSERVE("what one has stays", "%s", caps_text());
		int st;
		close(make_file("f", ""));
		IN_CHILD(&st) {
			execl("/bin/chown", "chown", "5", "f", NULL);
			_exit(127);
		}
		OBSERVE("chown after exec", "%s", WIFEXITED(st) && WEXITSTATUS(st) == 0 ? "works" : "fails");
		become_nobody();
		OBSERVE_RET("drop without CAP_SETPCAP", PRCTL(PR_CAPBSET_DROP, 1, 0, 0, 0));
		OBSERVE_RET("drop an unknown one without CAP_SETPCAP", PRCTL(PR_CAPBSET_DROP, 63, 0, 0, 0));
	}
}

CASE(ambient_set, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("is set", PRCTL(PR_CAP_AMBIENT, 1, 10, 0, 0));
		OBSERVE_RET("raise what is not inheritable", PRCTL(PR_CAP_AMBIENT, 2, 10, 0, 0));
		struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
		struct __user_cap_data_struct d[2];
		REQUIRE_OK(syscall(SYS_capget, &h, d));
		d[0].inheritable |= 1 << 10;
		REQUIRE_OK(syscall(SYS_capset, &h, d));
		OBSERVE_RET("raise", PRCTL(PR_CAP_AMBIENT, 2, 10, 0, 0));
		OBSERVE_RET("is set after raise", PRCTL(PR_CAP_AMBIENT, 1, 10, 0, 0));
		IN_CHILD(NULL) OBSERVE_RET("in a child", PRCTL(PR_CAP_AMBIENT, 1, 10, 0, 0));
		OBSERVE_RET("lower", PRCTL(PR_CAP_AMBIENT, 3, 10, 0, 0));
		OBSERVE_RET("is set after lower", PRCTL(PR_CAP_AMBIENT, 1, 10, 0, 0));
		PRCTL(PR_CAP_AMBIENT, 2, 10, 0, 0);
		OBSERVE_RET("clear all", PRCTL(PR_CAP_AMBIENT, 4, 0, 0, 0));
		OBSERVE_RET("is set after clear all", PRCTL(PR_CAP_AMBIENT, 1, 10, 0, 0));
		OBSERVE_RET("clear all with an argument", PRCTL(PR_CAP_AMBIENT, 4, 1, 0, 0));
		OBSERVE_RET("unknown capability", PRCTL(PR_CAP_AMBIENT, 1, 64, 0, 0));
		OBSERVE_RET("unknown operation", PRCTL(PR_CAP_AMBIENT, 5, 10, 0, 0));
		OBSERVE_RET("fourth argument", PRCTL(PR_CAP_AMBIENT, 1, 10, 1, 0));
		OBSERVE_RET("fifth argument", PRCTL(PR_CAP_AMBIENT, 1, 10, 0, 1));
	}
}

CASE(ambient_survives_exec_of_a_user, "root") {
	int st;
	IN_CHILD(&st) {
		struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
		struct __user_cap_data_struct d[2];
		become(USER, (int[]){5, 5, 5}, true);
		REQUIRE_OK(syscall(SYS_capget, &h, d));
		d[0].inheritable |= 1 << 10;
		REQUIRE_OK(syscall(SYS_capset, &h, d));
		REQUIRE_OK(PRCTL(PR_CAP_AMBIENT, 2, 10, 0, 0));
		execl("/bin/sh", "sh", "-c",
		      "while read -r k v; do case $k in CapEff:) test $v = 0000000000000400; exit;; esac; done < /proc/self/status", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("effective is CAP_NET_BIND_SERVICE alone", st);
}

CASE(securebits, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("at first", PRCTL(PR_GET_SECUREBITS, 0, 0, 0, 0));
		OBSERVE_RET("keepcaps by its bit", PRCTL(PR_SET_SECUREBITS, 0x10, 0, 0, 0));
		OBSERVE_RET("keepcaps", PRCTL(PR_GET_KEEPCAPS, 0, 0, 0, 0));
		OBSERVE_RET("unknown bits", PRCTL(PR_SET_SECUREBITS, 0x1000, 0, 0, 0));
		OBSERVE_RET("noroot, locked", PRCTL(PR_SET_SECUREBITS, 3, 0, 0, 0));
		OBSERVE_RET("read", PRCTL(PR_GET_SECUREBITS, 0, 0, 0, 0));
		OBSERVE_RET("unlock", PRCTL(PR_SET_SECUREBITS, 1, 0, 0, 0));
		OBSERVE_RET("clear the locked bit", PRCTL(PR_SET_SECUREBITS, 2, 0, 0, 0));
		OBSERVE_RET("keepcaps locked", PRCTL(PR_SET_SECUREBITS, 0x23, 0, 0, 0));
		OBSERVE_RET("keepcaps when locked", PRCTL(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		become_nobody();
		OBSERVE_RET("without CAP_SETPCAP", PRCTL(PR_SET_SECUREBITS, 0x2f, 0, 0, 0));
	}
	IN_CHILD(NULL) {
		CHECK_OK(PRCTL(PR_SET_SECUREBITS, 4, 0, 0, 0)); // no set-user-id fix-up
		CHECK_OK(syscall(SYS_setresuid, 5, 5, 5));
		OBSERVE("capabilities of a user without fix-up", "%s", caps_text());
	}
}

// --- The rest ---

CASE(unknown_operations) {
	static const long ops[] = {0, 20, 200, 1000, 0x7fffffff, -1, 0x100000010L};
	for (int i = 0; i < COUNT(ops); i++)
		OBSERVE_RET(name("%#lx", ops[i]), PRCTL(ops[i], 0, 0, 0, 0));
}

CASE(odd_ones) {
	int v = 77;
	OBSERVE_RET("GET_TIMING", PRCTL(PR_GET_TIMING, 0, 0, 0, 0));
	OBSERVE_RET("SET_TIMING 0", PRCTL(PR_SET_TIMING, 0, 0, 0, 0));
	OBSERVE_RET("SET_TIMING 1", PRCTL(PR_SET_TIMING, 1, 0, 0, 0));
	OBSERVE_RET("GET_TSC", PRCTL(PR_GET_TSC, &v, 0, 0, 0));
	OBSERVE("tsc", "%d", v);
	OBSERVE_RET("GET_SECCOMP", PRCTL(PR_GET_SECCOMP, 0, 0, 0, 0));
	OBSERVE_RET("GET_THP_DISABLE", PRCTL(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	OBSERVE_RET("GET_THP_DISABLE with an argument", PRCTL(PR_GET_THP_DISABLE, 1, 0, 0, 0));
	OBSERVE_RET("GET_UNALIGN", PRCTL(PR_GET_UNALIGN, &v, 0, 0, 0));
	OBSERVE_RET("GET_FPEMU", PRCTL(PR_GET_FPEMU, &v, 0, 0, 0));
	OBSERVE_RET("GET_ENDIAN", PRCTL(PR_GET_ENDIAN, &v, 0, 0, 0));
	OBSERVE_RET("MCE_KILL_GET", PRCTL(PR_MCE_KILL_GET, 0, 0, 0, 0));
}

// --- Speculation ---

CASE(speculation) {
	for (long which = 0; which < 5; which++) {
		OBSERVE_RET(name("get %ld", which), PRCTL(PR_GET_SPECULATION_CTRL, which, 0, 0, 0));
		for (long v = 0; v <= 32; v = v ? 2 * v : 1)
			OBSERVE_RET(name("set %ld to %ld", which, v), PRCTL(PR_SET_SPECULATION_CTRL, which, v, 0, 0));
		OBSERVE_RET(name("then %ld", which), PRCTL(PR_GET_SPECULATION_CTRL, which, 0, 0, 0));
	}
	OBSERVE_RET("get with an argument", PRCTL(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0));
	OBSERVE_RET("set with an argument", PRCTL(PR_SET_SPECULATION_CTRL, 0, 2, 1, 0));
	OBSERVE_RET("negative", PRCTL(PR_GET_SPECULATION_CTRL, -1, 0, 0, 0));
}

CASE(not_of_this_machine) {
	static const long ops[] = {5, 6, 9, 10, 11, 12, 19, 43, 44, 45, 46, 50, 51, 54, 55, 56, 62, 74, 75, 76};
	for (int i = 0; i < COUNT(ops); i++)
		OBSERVE_RET(name("%ld", ops[i]), PRCTL(ops[i], 0, 0, 0, 0));
}
