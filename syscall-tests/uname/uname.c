// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// uname: six fixed fields, written whole, into memory that must be writable to its last byte.
#include "../harness/harness.h"

#include <sys/utsname.h>

CASE(fields) {
	struct utsname u;
	memset(&u, 0xff, sizeof u);
	OBSERVE_RET("uname", syscall(SYS_uname, &u));
	CHECK_STR(u.sysname, "Linux");
	CHECK_STR(u.machine, "x86_64");
	OBSERVE("machine", "%s", u.machine);
	OBSERVE("domainname", "%s", u.domainname);
}

CASE(bad_pointers) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_uname, b->p));
	CHECK_ERR(syscall(SYS_uname, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_uname, readonly_page()), EFAULT);
}

CASE(ends_at_the_end_of_memory) {
	char *u = guard_end(sizeof(struct utsname));
	CHECK_OK(syscall(SYS_uname, u));
	CHECK_ERR(syscall(SYS_uname, u + 1), EFAULT);
}

static bool zero_after_text(const char *field) {
	for (size_t i = strlen(field); i < 65; i++)
		if (field[i])
			return false;
	return true;
}

CASE(fields_are_terminated_and_padded_with_zeros) {
	struct utsname u;
	memset(&u, 0xff, sizeof u);
	CHECK_OK(syscall(SYS_uname, &u));
	const char *fields[] = {u.sysname, u.nodename, u.release, u.version, u.machine, u.domainname};
	for (int i = 0; i < 6; i++) {
		CHECK(strnlen(fields[i], 65) < 65);
		OBSERVE(name("field %d padded with zeros", i), "%d", zero_after_text(fields[i]));
	}
	CHECK_EQ(sizeof u, 390);
}

// release is major.minor and more; version begins with the build's number.
CASE(shape_of_the_texts) {
	struct utsname u;
	int major, minor, build;
	CHECK_OK(syscall(SYS_uname, &u));
	CHECK_EQ(sscanf(u.release, "%d.%d", &major, &minor), 2);
	CHECK_EQ(sscanf(u.version, "#%d", &build), 1);
}

CASE(same_in_threads_and_children) {
	struct utsname a, b;
	CHECK_OK(syscall(SYS_uname, &a));
	IN_CHILD(NULL) {
		CHECK_OK(syscall(SYS_uname, &b));
		CHECK(memcmp(&a, &b, sizeof a) == 0);
	}
}

// The 32-bit personality of a 64-bit kernel changes the machine field.
CASE(personality_linux32) {
	struct utsname u;
	IN_CHILD(NULL) {
		if (OBSERVE_RET("personality", syscall(SYS_personality, 8)) != -1) {
			CHECK_OK(syscall(SYS_uname, &u));
			OBSERVE("machine", "%s", u.machine);
		}
	}
}

// The 2.6 personality changes the release.
CASE(personality_uname26) {
	struct utsname u;
	IN_CHILD(NULL) {
		if (OBSERVE_RET("personality", syscall(SYS_personality, 0x20000)) != -1) {
			CHECK_OK(syscall(SYS_uname, &u));
			OBSERVE("release", "%.4s", u.release);
		}
	}
}
