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

// --- Memory ---

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif

CASE(mdwe_values, "kernel>=6.6") {
	static const long bits[] = {2, 4, 0, 1, 1, 0, 3, 2};
	OBSERVE_RET("at first", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
	for (int i = 0; i < COUNT(bits); i++)
		OBSERVE_RET(name("%d: set %ld", i, bits[i]), PRCTL(PR_SET_MDWE, bits[i], 0, 0, 0));
	OBSERVE_RET("then", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
	OBSERVE_RET("third argument", PRCTL(PR_SET_MDWE, 1, 1, 0, 0));
	OBSERVE_RET("fifth argument", PRCTL(PR_SET_MDWE, 1, 0, 0, 1));
	OBSERVE_RET("get with an argument", PRCTL(PR_GET_MDWE, 1, 0, 0, 0));
}

CASE(mdwe_refuses, "kernel>=6.3") {
	char *before = pages(1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1), *rwx = pages(1, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *p = anon(3);
	REQUIRE_OK(PRCTL(PR_SET_MDWE, 1, 0, 0, 0));
	OBSERVE_OK("map rwx", (long)mmap(NULL, PG, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OBSERVE_OK("map wx shared", (long)mmap(NULL, PG, PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	OBSERVE_OK("map rx", (long)mmap(NULL, PG, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OBSERVE_RET("rw to rx", mprotect(p, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("rw to r", mprotect(p, PG, PROT_READ));
	OBSERVE_RET("r to x", mprotect(p, PG, PROT_EXEC));
	OBSERVE_RET("rx to rx", mprotect(before, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("rx to rwx", mprotect(before, PG, RW | PROT_EXEC));
	OBSERVE_RET("rwx to rwx", mprotect(rwx, PG, RW | PROT_EXEC));
	OBSERVE_RET("rwx to rx", mprotect(rwx, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("rx to r", mprotect(before, PG, PROT_READ));
	OBSERVE_RET("and back", mprotect(before, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("as far as it may", mprotect(p + PG, 2 * PG, PROT_READ | PROT_EXEC));
	OBSERVE("maps", "%s", perms(p, 3));
	IN_CHILD(NULL) {
		OBSERVE_RET("child", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
		OBSERVE_OK("child maps rwx", (long)mmap(NULL, PG, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	}
}

CASE(mdwe_not_inherited, "kernel>=6.6") {
	REQUIRE_OK(PRCTL(PR_SET_MDWE, 3, 0, 0, 0));
	IN_CHILD(NULL) {
		OBSERVE_RET("child", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
		OBSERVE_OK("child maps rwx", (long)mmap(NULL, PG, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	}
	OBSERVE_RET("itself", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
}

CASE(thp_disable, "kernel>=6.18") {
	static const long v[][3] = {{1, 0, 0}, {0, 0, 0}, {5, 0, 0}, {1, 1, 0}, {1, 2, 0}, {0, 2, 0}, {1, 4, 0}, {1, 0, 1}, {0, 0, 0}};
	for (int i = 0; i < COUNT(v); i++) {
		OBSERVE_RET(name("%d: set %ld %ld %ld", i, v[i][0], v[i][1], v[i][2]), PRCTL(PR_SET_THP_DISABLE, v[i][0], v[i][1], v[i][2], 0));
		OBSERVE_RET(name("%d: then", i), PRCTL(PR_GET_THP_DISABLE, 0, 0, 0, 0));
		const char *s = strstr(read_file("/proc/self/status"), "THP_enabled:");
		OBSERVE(name("%d: status", i), "%d", s ? atoi(s + 12) : -1);
	}
}

// No huge page comes where they are off, though it is asked for.
CASE(thp_disable_is_heeded) {
	REQUIRE_OK(PRCTL(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	char *p = mmap(NULL, 8 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	madvise(p, 8 << 20, MADV_HUGEPAGE);
	memset(p, 1, 8 << 20);
	OBSERVE("huge pages", "%d", atoi(smaps(p, "AnonHugePages")));
	IN_CHILD(NULL) { OBSERVE_RET("child", PRCTL(PR_GET_THP_DISABLE, 0, 0, 0, 0)); }
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

// --- Where a program's parts are ---

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

static struct prctl_mm_map my_map(void) {
	// The numbers of the fields of /proc/self/stat: start_code 26, end_code 27, start_stack 28, start_data 45 ... env_end 51.
	unsigned long long f[53] = {0};
	char *s = strrchr(read_file("/proc/self/stat"), ')') + 2;
	int n = 3;
	for (char *w = strtok(s, " "); w && n < 53; w = strtok(NULL, " "))
		f[n++] = strtoull(w, NULL, 10);
	return (struct prctl_mm_map){.start_code = f[26], .end_code = f[27], .start_data = f[45], .end_data = f[46], .start_brk = f[47],
		.brk = (uintptr_t)sbrk(0), .start_stack = f[28], .arg_start = f[48], .arg_end = f[49], .env_start = f[50],
		.env_end = f[51], .exe_fd = -1};
}

static long set_map(struct prctl_mm_map *m) { return PRCTL(PR_SET_MM, PR_SET_MM_MAP, m, sizeof *m, 0); }

CASE(mm_map) {
	unsigned size = 0;
	struct prctl_mm_map m = my_map(), bad;
	OBSERVE_RET("size", PRCTL(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0));
	OBSERVE("is", "%u", size);
	OBSERVE_RET("size to nowhere", PRCTL(PR_SET_MM, PR_SET_MM_MAP_SIZE, bad_ptr(), 0, 0));
	OBSERVE_RET("as it is", set_map(&m));
	OBSERVE_RET("short", PRCTL(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof m - 8, 0));
	OBSERVE_RET("fifth argument", PRCTL(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof m, 1));
	OBSERVE_RET("from nowhere", PRCTL(PR_SET_MM, PR_SET_MM_MAP, bad_ptr(), sizeof m, 0));
	for (int i = 0; i < 11; i++) {
		bad = m;
		((unsigned long long *)&bad)[i] = 0x1000;
		OBSERVE_RET(name("low %d", i), set_map(&bad));
		((unsigned long long *)&bad)[i] = 1ull << 47;
		OBSERVE_RET(name("high %d", i), set_map(&bad));
	}
	bad = m;
	bad.end_code = bad.start_code;
	OBSERVE_RET("no code", set_map(&bad));
	bad = m;
	bad.arg_end = bad.arg_start - 1;
	OBSERVE_RET("arguments backwards", set_map(&bad));
	bad = m;
	bad.auxv_size = 16;
	OBSERVE_RET("no vector", set_map(&bad));
	bad.auxv = (void *)bad_ptr();
	OBSERVE_RET("vector at nowhere", set_map(&bad));
	bad.auxv_size = 449;
	OBSERVE_RET("long vector", set_map(&bad));
	bad = m;
	bad.exe_fd = 99;
	OBSERVE_RET("program that is none", set_map(&bad));
	bad.exe_fd = make_file("plain", "");
	OBSERVE_RET("program that can't be run", set_map(&bad));
	bad.exe_fd = open(".", O_RDONLY);
	OBSERVE_RET("directory", set_map(&bad));
	bad.exe_fd = open("/bin/true", O_RDONLY);
	OBSERVE_RET("program while the old one is mapped", set_map(&bad));
}

// What ps shows can be anywhere.
CASE(mm_map_moves_the_arguments) {
	static const char arg_bytes[] = "one\0two\0three", env_bytes[] = "A=1\0B=2";
	char *args = memcpy(anon(1), arg_bytes, sizeof arg_bytes), *env = memcpy(anon(1), env_bytes, sizeof env_bytes);
	static unsigned long long aux[] = {6, 4096, 16, 77, 0, 0};
	struct prctl_mm_map m = my_map();
	m.arg_start = (uintptr_t)args, m.arg_end = m.arg_start + sizeof arg_bytes;
	m.env_start = (uintptr_t)env, m.env_end = m.env_start + sizeof env_bytes;
	m.auxv = (void *)aux, m.auxv_size = sizeof aux;
	REQUIRE_OK(set_map(&m));
	char got[256];
	int fd = open("/proc/self/cmdline", O_RDONLY), n = (int)read(fd, got, sizeof got);
	OBSERVE_BYTES("cmdline", got, n);
	close(fd);
	fd = open("/proc/self/environ", O_RDONLY), n = (int)read(fd, got, sizeof got);
	OBSERVE_BYTES("environ", got, n);
	close(fd);
	fd = open("/proc/self/auxv", O_RDONLY), n = (int)read(fd, got, sizeof got);
	OBSERVE_BYTES("auxv", got, n);
	unsigned long long back[64] = {0};
	OBSERVE_RET("by prctl", PRCTL(PR_GET_AUXV, back, sizeof back, 0, 0));
	OBSERVE_BYTES("it is", back, 64);
	IN_CHILD(NULL) OBSERVE_RET("child's", PRCTL(PR_GET_AUXV, back, 0, 0, 0));
	OBSERVE_RET("to nowhere", PRCTL(PR_GET_AUXV, bad_ptr(), 16, 0, 0));
	OBSERVE_RET("nothing to nowhere", PRCTL(PR_GET_AUXV, bad_ptr(), 0, 0, 0));
	OBSERVE_RET("fourth argument", PRCTL(PR_GET_AUXV, back, 16, 1, 0));
}

CASE(mm_map_moves_the_break) {
	char *now = sbrk(0), *p = mmap(NULL, 16 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct prctl_mm_map m = my_map();
	REQUIRE(p != MAP_FAILED && munmap(p, 16 << 20) == 0);
	m.start_brk = m.brk = (uintptr_t)p;
	REQUIRE_OK(set_map(&m));
	CHECK_EQ(syscall(SYS_brk, 0), (uintptr_t)p);
	CHECK_EQ(syscall(SYS_brk, p + 4096), (uintptr_t)p + 4096);
	p[4095] = 1;
	CHECK_EQ(syscall(SYS_brk, now), (uintptr_t)p + 4096);
}

static void one_by_one(void) {
	struct prctl_mm_map m = my_map();
	for (int option = 0; option <= 16; option++) {
		if (option == PR_SET_MM_MAP || option == PR_SET_MM_MAP_SIZE)
			continue;
		OBSERVE_RET(name("%d", option), PRCTL(PR_SET_MM, option, m.start_stack, 0, 0));
		OBSERVE_RET(name("%d with a size", option), PRCTL(PR_SET_MM, option, 0, 8, 0));
		OBSERVE_RET(name("%d with a fifth argument", option), PRCTL(PR_SET_MM, option, m.start_stack, 0, 1));
	}
}

CASE(mm_one_by_one, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		REQUIRE_OK(PRCTL(PR_SET_DUMPABLE, 1, 0, 0, 0));
		one_by_one();
	}
}

CASE(mm_one_by_one_with_the_capability, "cap:24") {
	IN_CHILD(NULL) one_by_one();
}

// --- Syscall user dispatch ---

static volatile char selector;
static volatile int dispatched, dispatched_nr, dispatched_code;
static volatile uint64_t dispatched_ip, dispatched_rax, dispatched_addr;

static void on_sigsys(int sig, siginfo_t *i, void *ctx) {
	ucontext_t *uc = ctx;
	(void)sig;
	selector = 0;
	dispatched++;
	dispatched_nr = i->si_syscall, dispatched_code = i->si_code, dispatched_addr = (uintptr_t)i->si_call_addr;
	dispatched_ip = uc->uc_mcontext.gregs[REG_RIP], dispatched_rax = uc->uc_mcontext.gregs[REG_RAX];
	uc->uc_mcontext.gregs[REG_RAX] = 4242;
}

static void dispatch_all(void) {
	struct sigaction sa = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
	REQUIRE_OK(sigaction(SIGSYS, &sa, NULL));
	REQUIRE_OK(PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector));
}

CASE(dispatch_arguments) {
	static const long v[][3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {3, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 5, -1}, {1, 5, 0}, {-1, 0, 0}, {2, 4096, 0}, {2, 4096, 4096}};
	for (int i = 0; i < COUNT(v); i++) {
		if (v[i][0] == 1 && !v[i][1])
			continue; // nothing could be done any more
		OBSERVE_RET(name("%ld %ld %ld", v[i][0], v[i][1], v[i][2]), PRCTL(PR_SET_SYSCALL_USER_DISPATCH, v[i][0], v[i][1], v[i][2], 0));
		if (i == COUNT(v) - 1)
			OBSERVE_OK("a call from elsewhere", syscall(SYS_getpid));
		PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);
	}
	OBSERVE_RET("selector in the kernel's half", PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, 1ul << 63));
	OBSERVE_RET("off with a selector", PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, &selector));
}

CASE(dispatch_blocks_and_lets_through) {
	dispatch_all();
	CHECK_EQ(syscall(SYS_getpid), getpid());
	CHECK_EQ(dispatched, 0);
	selector = 1;
	long r = syscall(SYS_getppid, 1, 2, 3);
	OBSERVE("result", "%ld", r);
	OBSERVE("dispatched", "%d nr %d code %d rax %d", dispatched, dispatched_nr, dispatched_code, (int)dispatched_rax);
	CHECK_EQ(dispatched_ip, dispatched_addr);
	selector = 1;
	syscall(123456);
	OBSERVE("unknown number", "%d nr %d rax %d", dispatched, dispatched_nr, (int)dispatched_rax);
	IN_CHILD(NULL) {
		selector = 1;
		OBSERVE_OK("a child's calls", syscall(SYS_getpid));
		selector = 0;
	}
	REQUIRE_OK(PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
	selector = 1;
	CHECK_EQ(syscall(SYS_getpid), getpid());
}

CASE(dispatch_kills) {
	static const char *const what[] = {"selector 2", "selector at nowhere", "blocked", "ignored", "no handler", "no handler, selector 2"};
	for (int i = 0; i < COUNT(what); i++) {
		int st;
		IN_CHILD(&st) {
			dispatch_all();
			if (i == 1)
				REQUIRE_OK(PRCTL(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, bad_ptr()));
			if (i == 2)
				sig_block(SIGSYS);
			if (i == 3)
				signal(SIGSYS, SIG_IGN);
			if (i >= 4)
				signal(SIGSYS, SIG_DFL);
			selector = i == 0 || i == 5 ? 2 : 1;
			syscall(SYS_getpid);
			_exit(0);
		}
		OBSERVE_STATUS(what[i], st);
	}
}

CASE(dispatch_ends_with_exec) {
	int st;
	IN_CHILD(&st) {
		static const char *const argv[] = {"true", NULL};
		dispatch_all();
		execv("/bin/true", (char **)argv);
		_exit(127);
	}
	OBSERVE_STATUS("true", st);
}

// --- KSM, failed memory, flushers ---

CASE(memory_merge, "kernel>=6.4") {
	char *before = anon(1);
	OBSERVE_RET("at first", PRCTL(68, 0, 0, 0, 0));
	OBSERVE_RET("on", PRCTL(67, 1, 0, 0, 0));
	OBSERVE_RET("then", PRCTL(68, 0, 0, 0, 0));
	char *after = anon(1);
	before[0] = after[0] = 1;
	OBSERVE("flags", "%d %d", strstr(smaps(before, "VmFlags"), " mg") != NULL, strstr(smaps(after, "VmFlags"), " mg") != NULL);
	IN_CHILD(NULL) OBSERVE_RET("child", PRCTL(68, 0, 0, 0, 0));
	OBSERVE_RET("off", PRCTL(67, 0, 0, 0, 0));
	OBSERVE_RET("then off", PRCTL(68, 0, 0, 0, 0));
	OBSERVE("flags then", "%d", strstr(smaps(before, "VmFlags"), " mg") != NULL);
	OBSERVE_RET("third argument", PRCTL(67, 1, 1, 0, 0));
	OBSERVE_RET("get with an argument", PRCTL(68, 1, 0, 0, 0));
}

CASE(memory_failure) {
	for (long what = 0; what < 3; what++)
		for (long policy = 0; policy < 4; policy++) {
			OBSERVE_RET(name("%ld %ld", what, policy), PRCTL(PR_MCE_KILL, what, policy, 0, 0));
			OBSERVE_RET(name("%ld %ld then", what, policy), PRCTL(PR_MCE_KILL_GET, 0, 0, 0, 0));
		}
	OBSERVE_RET("early", PRCTL(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	IN_CHILD(NULL) OBSERVE_RET("child", PRCTL(PR_MCE_KILL_GET, 0, 0, 0, 0));
	OBSERVE_RET("fourth argument", PRCTL(PR_MCE_KILL, 0, 0, 1, 0));
	OBSERVE_RET("get with an argument", PRCTL(PR_MCE_KILL_GET, 1, 0, 0, 0));
	OBSERVE_RET("perf events", PRCTL(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0) | PRCTL(PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0));
}

CASE(io_flusher) {
	IN_CHILD(NULL) {
		become_nobody();
		for (long v = 0; v < 3; v++)
			OBSERVE_RET(name("set %ld", v), PRCTL(PR_SET_IO_FLUSHER, v, 0, 0, 0));
		OBSERVE_RET("get", PRCTL(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
		OBSERVE_RET("get with an argument", PRCTL(PR_GET_IO_FLUSHER, 1, 0, 0, 0));
	}
}

CASE(not_of_this_machine) {
	static const long ops[] = {5, 6, 9, 10, 11, 12, 19, 43, 44, 45, 46, 50, 51, 54, 55, 56, 62, 74, 75, 76};
	for (int i = 0; i < COUNT(ops); i++)
		OBSERVE_RET(name("%ld", ops[i]), PRCTL(ops[i], 0, 0, 0, 0));
}
