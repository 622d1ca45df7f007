// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of access control lists (acl(5)): lists as short texts, users and groups that they speak of, and a case in each
// place that has such lists.
#ifndef DITTO_HARNESS_ACLS_H
#define DITTO_HARNESS_ACLS_H

#include "files.h"
#include "mounts.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/xattr.h>

#define ACCESS_ACL "system.posix_acl_access"
#define DEFAULT_ACL "system.posix_acl_default"

struct acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

struct acl_value {
	uint32_t version;
	struct acl_entry entries[16];
	int n;
};

enum { ACL_USER_OBJ = 1, ACL_USER = 2, ACL_GROUP_OBJ = 4, ACL_GROUP = 8, ACL_MASK = 0x10, ACL_OTHER = 0x20 };

// "u:rw u1000:r g:r g2000:rwx m:rx o:" as a value.
static inline struct acl_value acl_of(const char *text) {
	struct acl_value v = {.version = 2};
	for (const char *p = text; *p;) {
		struct acl_entry e = {.id = -1};
		char who = *p++;
		bool named = *p != ':';
		if (named)
			e.id = strtoul(p, (char **)&p, 10);
		for (p++; *p && *p != ' '; p++)
			e.perm |= *p == 'r' ? 4 : *p == 'w' ? 2 : *p == 'x' ? 1 : 0;
		while (*p == ' ')
			p++;
		e.tag = who == 'u' ? (named ? ACL_USER : ACL_USER_OBJ) : who == 'g' ? (named ? ACL_GROUP : ACL_GROUP_OBJ) : who == 'm' ? ACL_MASK : ACL_OTHER;
		REQUIRE(v.n < 16);
		v.entries[v.n++] = e;
	}
	return v;
}

static inline size_t acl_size(const struct acl_value *v) { return 4 + 8 * v->n; }

static inline long acl_set(const char *path, const char *attr, const char *text) {
	struct acl_value v = acl_of(text);
	return syscall(SYS_setxattr, path, attr, &v, acl_size(&v), 0);
}

// The list as text, or the errno.
static inline const char *acl_text(const char *path, const char *attr) {
	struct acl_value v;
	char text[400] = "";
	long n = syscall(SYS_getxattr, path, attr, &v, 4 + sizeof v.entries);
	if (n < 0)
		return errno_name(errno);
	CHECK_EQ(v.version, 2);
	for (int i = 0; i < (n - 4) / 8; i++) {
		struct acl_entry *e = &v.entries[i];
		char who[24] = "", tag = e->tag == ACL_USER_OBJ || e->tag == ACL_USER ? 'u' : e->tag == ACL_GROUP_OBJ || e->tag == ACL_GROUP ? 'g' : e->tag == ACL_MASK ? 'm' : 'o';
		if (e->id != (uint32_t)-1)
			snprintf(who, sizeof who, "%u", e->id);
		else if (e->tag == ACL_USER || e->tag == ACL_GROUP)
			strcpy(who, "nobody");
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%c%s:%s%s%s", i ? " " : "", tag, who, e->perm & 4 ? "r" : "", e->perm & 2 ? "w" : "", e->perm & 1 ? "x" : "");
	}
	return name("%s", text);
}

// Mode, and both lists.
static inline const char *acl_state(const char *path) {
	struct stat st;
	if (lstat(path, &st) < 0)
		return errno_name(errno);
	const char *access = strdup(acl_text(path, ACCESS_ACL));
	return name("%06o; %s; %s", st.st_mode, access, acl_text(path, DEFAULT_ACL));
}

// The names of a file's attributes, sorted.
static inline const char *acl_names(const char *path) {
	char list[4096], *names[16], text[400] = "";
	long size = syscall(SYS_llistxattr, path, list, sizeof list), n = 0;
	if (size < 0)
		return errno_name(errno);
	for (char *p = list; p < list + size && n < 16; p += strlen(p) + 1)
		if (strncmp(p, "security.", 9) != 0)
			names[n++] = p;
	qsort(names, n, sizeof names[0], by_name);
	for (long i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", names[i]);
	return name("%s", text);
}

// Makes a child someone without capabilities; group2 is a further group, unless it is 0.
static inline void become_user(uid_t uid, gid_t gid, gid_t group2) {
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {{0}};
	REQUIRE_OK(syscall(SYS_setgroups, group2 ? 1 : 0, &group2));
	REQUIRE_OK(syscall(SYS_setresgid, gid, gid, gid));
	REQUIRE_OK(syscall(SYS_setresuid, uid, uid, uid));
	REQUIRE_OK(syscall(SYS_capset, &h, d));
}

static const struct acl_user {
	const char *name;
	uid_t uid;
	gid_t gid, group2;
} acl_users[] = {
		{"owner", 1000, 1, 0}, {"named", 1001, 1, 0}, {"of the group", 1002, 2000, 0}, {"of a named group", 1003, 2001, 0},
		{"of both groups", 1004, 2000, 2001}, {"named and of the group", 1001, 2000, 0}, {"of another named group", 1005, 1, 2002}, {"other", 1006, 1, 0},
};

enum acl_place { ACL_HERE, ACL_ON_TMPFS, ACL_ON_OVERLAY, ACL_ON_RAMFS };

static inline void acl_place(enum acl_place place) {
	umask(0);
	if (place == ACL_HERE)
		return;
	own_mounts();
	DIRS("at");
	if (place == ACL_ON_TMPFS)
		REQUIRE_OK(mount("at", "at", "tmpfs", 0, "mode=755"));
	if (place == ACL_ON_RAMFS)
		REQUIRE_OK(mount("at", "at", "ramfs", 0, "mode=755"));
	if (place == ACL_ON_OVERLAY) {
		DIRS("low", "up", "work");
		if (mount("at", "at", "overlay", 0, "lowerdir=low,upperdir=up,workdir=work") && errno == ENODEV)
			SKIP("no overlay");
	}
	REQUIRE_OK(chdir("at"));
	REQUIRE_OK(chmod(".", 0755));
}

// A case in each place.
#define ACL_CASE(ident, observe)                                                                                      \
	CASE(ident, "root fs:acl") {                                                                                  \
		acl_place(ACL_HERE);                                                                                  \
		observe();                                                                                            \
	}                                                                                                             \
	CASE(ident##_on_tmpfs, "root cap:21 kernel>=6.6") {                                                           \
		acl_place(ACL_ON_TMPFS);                                                                              \
		observe();                                                                                            \
	}                                                                                                             \
	CASE(ident##_on_an_overlay, "root cap:21 kernel>=6.6") {                                                      \
		acl_place(ACL_ON_OVERLAY);                                                                            \
		observe();                                                                                            \
	}

#endif
