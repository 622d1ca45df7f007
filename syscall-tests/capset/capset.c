// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// capset: effective within permitted, permitted never more than before, inheritable within both and the bounding set.
#include "../harness/creds.h"

#define V1 0x19980330
#define V2 0x20071026
#define V3 0x20080522

struct caps {
	unsigned long eff, prm, inh;
};

static struct caps get(void) {
	struct __user_cap_header_struct h = {V3, 0};
	struct __user_cap_data_struct d[2];
	REQUIRE_OK(syscall(SYS_capget, &h, d));
	return (struct caps){d[0].effective | (unsigned long)d[1].effective << 32, d[0].permitted | (unsigned long)d[1].permitted << 32,
			     d[0].inheritable | (unsigned long)d[1].inheritable << 32};
}

static long set_for(int pid, struct caps c) {
	struct __user_cap_header_struct h = {V3, pid};
	struct __user_cap_data_struct d[2] = {{c.eff, c.prm, c.inh}, {c.eff >> 32, c.prm >> 32, c.inh >> 32}};
	return syscall(SYS_capset, &h, d);
}

static long set(unsigned long eff, unsigned long prm, unsigned long inh) { return set_for(0, (struct caps){eff, prm, inh}); }

// Capabilities 0, 1 and 2 are in every root's set; the tests move within them.
CASE(rules, "root") {
	static const struct {
		const char *what;
		struct caps from, to;
	} moves[] = {
		{"no change", {7, 7, 0}, {7, 7, 0}},
		{"drop effective", {7, 7, 0}, {0, 7, 0}},
		{"raise effective again", {0, 7, 0}, {7, 7, 0}},
		{"effective beyond permitted", {1, 3, 0}, {4, 3, 0}},
		{"drop permitted", {0, 7, 0}, {0, 1, 0}},
		{"drop permitted and keep it effective", {7, 7, 0}, {7, 1, 0}},
		{"raise permitted", {0, 1, 0}, {0, 3, 0}},
		{"raise both", {1, 1, 0}, {3, 3, 0}},
		{"inheritable within permitted", {0, 7, 0}, {0, 7, 3}},
		{"inheritable beyond permitted", {0, 1, 0}, {0, 1, 2}},
		{"inheritable stays without permitted", {0, 7, 2}, {0, 1, 2}},
		{"inheritable dropped", {0, 7, 3}, {0, 7, 1}},
		{"inheritable raised again from nothing", {0, 1, 0}, {0, 1, 1}},
		{"nothing at all", {7, 7, 7}, {0, 0, 0}},
		{"from nothing", {0, 0, 0}, {0, 0, 1}},
	};
	for (int i = 0; i < COUNT(moves); i++)
		IN_CHILD(NULL) {
			REQUIRE_OK(set_for(0, moves[i].from));
			OBSERVE_RET(moves[i].what, set_for(0, moves[i].to));
			struct caps c = get();
			OBSERVE(name("%s, read back", moves[i].what), "%lx %lx %lx", c.eff, c.prm, c.inh);
		}
}

// With CAP_SETPCAP (8) in force, inheritable may go beyond permitted, up to the bounding set.
CASE(setpcap_widens_inheritable, "root cap:8") {
	IN_CHILD(NULL) {
		REQUIRE_OK(set(0x100, 0x101, 0));
		OBSERVE_RET("inheritable beyond permitted", set(0x100, 0x101, 2));
		OBSERVE("inheritable", "%lx", get().inh);
	}
	IN_CHILD(NULL) {
		REQUIRE_OK(prctl(PR_CAPBSET_DROP, 1));
		REQUIRE_OK(set(0x100, 0x101, 0));
		OBSERVE_RET("inheritable beyond the bounding set", set(0x100, 0x101, 2));
	}
}

CASE(unknown_capabilities, "root") {
	IN_CHILD(NULL) {
		struct caps c = get();
		OBSERVE_RET("bit 63 in effective alone", set(c.eff | 1UL << 63, c.prm, 0));
		OBSERVE_RET("bit 63 in both", set(c.eff | 1UL << 63, c.prm | 1UL << 63, 0));
		OBSERVE_RET("bit 63 in inheritable", set(c.eff, c.prm, 1UL << 63));
		struct caps after = get();
		CHECK_EQ(after.eff, c.eff);
		CHECK_EQ(after.prm, c.prm);
		OBSERVE("inheritable", "%lx", after.inh);
	}
}

CASE(versions, "root") {
	static const unsigned versions[] = {V1, V2, V3, 0, 1, V3 + 1};
	for (int i = 0; i < COUNT(versions); i++)
		IN_CHILD(NULL) {
			struct __user_cap_header_struct h = {versions[i], 0};
			struct __user_cap_data_struct d[2] = {{7, 7, 0}, {0, 0, 0}};
			OBSERVE_RET(name("version %#x", versions[i]), syscall(SYS_capset, &h, d));
			OBSERVE(name("version afterwards %#x", versions[i]), "%#x", h.version);
			struct caps c = get();
			OBSERVE(name("set to 7 by %#x", versions[i]), "%d", c.eff == 7 && c.prm == 7);
		}
}

CASE(processes) {
	struct caps c = get();
	CHECK_OK(set_for(getpid(), c));
	CHECK_OK(set_for(0, c));
	CHECK_ERR(set_for(getppid(), c), EPERM);
	CHECK_ERR(set_for(-1, c), EPERM);
	OBSERVE_RET("no such process", set_for(0x3fffffff, c));
	OBSERVE_RET("INT_MIN", set_for(-0x7fffffff - 1, c));
}

static void *drop(void *arg) {
	(void)arg;
	CHECK_OK(set(0, 0, 0));
	OBSERVE("thread", "%s", caps_text());
	return NULL;
}

static pid_t a_tid;
static struct gate started, may_go;
static void *stay(void *arg) {
	a_tid = tid_self();
	gate_signal(&started);
	gate_wait(&may_go);
	return arg;
}

CASE(belongs_to_the_thread, "root") {
	thread_join(thread_start(drop, NULL));
	OBSERVE("first thread", "%s", caps_text());
	started = gate_open();
	may_go = gate_open();
	pthread_t t = thread_start(stay, NULL);
	gate_wait(&started);
	CHECK_ERR(set_for(a_tid, get()), EPERM);
	gate_signal(&may_go);
	thread_join(t);
}

CASE(fork_and_exec, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(set(3, 7, 2));
		IN_CHILD(NULL) {
			struct caps c = get();
			OBSERVE("after fork", "%lx %lx %lx", c.eff, c.prm, c.inh);
		}
		int st;
		// Root gets the whole bounding set back by exec.
		IN_CHILD(&st) {
			execl("/bin/sh", "sh", "-c",
			      "while read -r k v; do case $k in CapPrm:) p=$v;; CapBnd:) test $v = $p; exit;; esac; done < /proc/self/status", NULL);
			_exit(127);
		}
		OBSERVE_STATUS("root after exec has the bounding set", st);
	}
	int st;
	IN_CHILD(&st) {
		become(USER, (int[]){5, 5, 5}, true);
		execl("/bin/sh", "sh", "-c",
		      "while read -r k v; do case $k in CapPrm:) test $v = 0000000000000000; exit;; esac; done < /proc/self/status", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("a user after exec has none", st);
}

CASE(bad_pointers) {
	struct __user_cap_header_struct h = {V3, 0};
	struct __user_cap_data_struct d[2];
	REQUIRE_OK(syscall(SYS_capget, &h, d));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("header at %s", b->name), syscall(SYS_capset, b->p, d));
		OBSERVE_RET(name("data at %s", b->name), syscall(SYS_capset, &h, b->p));
	}
	CHECK_ERR(syscall(SYS_capset, NULL, d), EFAULT);
	CHECK_ERR(syscall(SYS_capset, &h, NULL), EFAULT);
	CHECK_OK(syscall(SYS_capset, guard_copy(&h, 8), guard_copy(d, 24)));
	CHECK_ERR(syscall(SYS_capset, guard_copy(&h, 8), guard_copy(d, 12)), EFAULT);
}

// What is gone from effective is refused, and comes back with it.
CASE(decides, "root cap:0") {
	close(make_file("f", ""));
	IN_CHILD(NULL) {
		struct caps c = get();
		REQUIRE_OK(set(c.eff & ~1UL, c.prm, 0));
		OBSERVE_RET("chown without CAP_CHOWN", chown("f", 5, 5));
		REQUIRE_OK(set(c.eff, c.prm, 0));
		OBSERVE_RET("chown with it", chown("f", 5, 5));
		REQUIRE_OK(set(c.eff & ~6UL, c.prm, 0)); // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
		REQUIRE_OK(chmod("f", 0));
		OBSERVE_OK("open without CAP_DAC_OVERRIDE", open("f", O_RDWR));
		REQUIRE_OK(set(c.eff & ~2UL, c.prm, 0));
		OBSERVE_OK("read with CAP_DAC_READ_SEARCH", open("f", O_RDONLY));
		OBSERVE_OK("write with CAP_DAC_READ_SEARCH", open("f", O_WRONLY));
	}
}
