// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setdomainname: up to 64 bytes, not terminated, into uname's domainname; for those with CAP_SYS_ADMIN.
#include "../harness/creds.h"

#include <sched.h>
#include <sys/utsname.h>

static char kept[65];

// Cases share a UTS namespace: each puts the old name back.
static void keep(void) {
	struct utsname u;
	REQUIRE_OK(uname(&u));
	memcpy(kept, u.domainname, sizeof kept);
}

static void restore(void) { CHECK_OK(syscall(SYS_setdomainname, kept, strlen(kept))); }

static const char *current(void) {
	static struct utsname u;
	REQUIRE_OK(uname(&u));
	return u.domainname;
}

CASE(sets, "cap:21") {
	keep();
	OBSERVE_RET("call", syscall(SYS_setdomainname, "some-name", 9));
	CHECK_STR(current(), "some-name");
	struct utsname u;
	CHECK_OK(uname(&u));
	CHECK(strcmp(u.nodename, "some-name") != 0);
	const char *proc = read_file("/proc/sys/kernel/domainname");
	OBSERVE("/proc/sys/kernel/domainname", "%s", proc ? proc : "none");
	restore();
}

CASE(lengths, "cap:21") {
	char text[80];
	memset(text, 'x', sizeof text);
	keep();
	static const long lens[] = {64, 63, 1, 0, 65, 80, -1, 0x80000000, 0x100000004, 0x7fffffff};
	for (int i = 0; i < COUNT(lens); i++) {
		OBSERVE_RET(name("length %#lx", lens[i]), syscall(SYS_setdomainname, text, lens[i]));
		OBSERVE(name("name after length %#lx", lens[i]), "%zu", strlen(current()));
	}
	CHECK_ERR(syscall(SYS_setdomainname, text, 65), EINVAL);
	CHECK_ERR(syscall(SYS_setdomainname, text, -1), EINVAL);
	restore();
}

CASE(a_shorter_name_leaves_nothing_of_the_longer, "cap:21") {
	struct utsname u;
	keep();
	CHECK_OK(syscall(SYS_setdomainname, "a-long-name", 11));
	CHECK_OK(syscall(SYS_setdomainname, "b", 1));
	CHECK_OK(uname(&u));
	OBSERVE_BYTES("field", u.domainname, 12);
	restore();
}

CASE(any_bytes_will_do, "cap:21") {
	keep();
	OBSERVE_RET("zero inside", syscall(SYS_setdomainname, "a\0b", 3));
	OBSERVE("name", "%s", current());
	struct utsname u;
	CHECK_OK(uname(&u));
	OBSERVE_BYTES("bytes", u.domainname, 4);
	OBSERVE_RET("not text", syscall(SYS_setdomainname, "\xff/ \n", 4));
	CHECK_OK(uname(&u));
	OBSERVE_BYTES("not text, read back", u.domainname, 5);
	restore();
}

CASE(bad_pointers, "cap:21") {
	keep();
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_setdomainname, b->p, 4));
	CHECK_ERR(syscall(SYS_setdomainname, NULL, 4), EFAULT);
	OBSERVE_RET("nothing from a bad pointer", syscall(SYS_setdomainname, bad_ptr(), 0));
	OBSERVE_RET("bad pointer and bad length", syscall(SYS_setdomainname, bad_ptr(), 65));
	char *p = guard_copy("abcd", 4);
	CHECK_OK(syscall(SYS_setdomainname, p, 4));
	CHECK_STR(current(), "abcd");
	CHECK_ERR(syscall(SYS_setdomainname, p, 5), EFAULT);
	CHECK_STR(current(), "abcd");
	restore();
}

CASE(privilege) {
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_setdomainname, "x", 1), EPERM);
		// It is asked for first.
		OBSERVE_RET("bad pointer", syscall(SYS_setdomainname, bad_ptr(), 1));
		OBSERVE_RET("bad length", syscall(SYS_setdomainname, "x", -1));
		OBSERVE_RET("nothing", syscall(SYS_setdomainname, "x", 0));
	}
}

CASE(root_without_capabilities, "root") {
	IN_CHILD(NULL) {
		set_caps(false);
		CHECK_ERR(syscall(SYS_setdomainname, "x", 1), EPERM);
	}
}

static void *set(void *arg) {
	CHECK_OK(syscall(SYS_setdomainname, arg, strlen(arg)));
	return NULL;
}

CASE(is_seen_by_all_processes, "cap:21") {
	keep();
	IN_CHILD(NULL) CHECK_OK(syscall(SYS_setdomainname, "child", 5));
	CHECK_STR(current(), "child");
	thread_join(thread_start(set, "thread"));
	CHECK_STR(current(), "thread");
	restore();
}

CASE(new_namespace_has_a_copy, "root cap:21") {
	keep();
	IN_CHILD(NULL) {
		long r = OBSERVE_RET("unshare", unshare(CLONE_NEWUTS));
		if (r == 0) {
			CHECK_STR(current(), kept);
			CHECK_OK(syscall(SYS_setdomainname, "elsewhere", 9));
			CHECK_STR(current(), "elsewhere");
		}
	}
	CHECK_STR(current(), kept);
}
