// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the twelve calls on extended attributes. Each family has the path form, the form for links
// themselves and the one for descriptors; tests are written once, over a struct of the four calls of one form.
#ifndef DITTO_HARNESS_XATTRS_H
#define DITTO_HARNESS_XATTRS_H

#include "files.h"

#include <sys/xattr.h>

enum xattr_form { BY_PATH, BY_LINK, BY_FD };

// The calls in terms of a path; BY_FD opens it for the call.
static inline long xattr_fd(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

static inline long x_close(long fd, long r) {
	int err = errno;
	close(fd);
	errno = err;
	return r;
}

static inline long x_set(enum xattr_form form, const char *path, const char *attr, const void *value, size_t size, int flags) {
	if (form != BY_FD)
		return syscall(form == BY_PATH ? SYS_setxattr : SYS_lsetxattr, path, attr, value, size, flags);
	long fd = xattr_fd(path);
	return fd < 0 ? fd : x_close(fd, syscall(SYS_fsetxattr, fd, attr, value, size, flags));
}

static inline long x_get(enum xattr_form form, const char *path, const char *attr, void *value, size_t size) {
	if (form != BY_FD)
		return syscall(form == BY_PATH ? SYS_getxattr : SYS_lgetxattr, path, attr, value, size);
	long fd = xattr_fd(path);
	return fd < 0 ? fd : x_close(fd, syscall(SYS_fgetxattr, fd, attr, value, size));
}

static inline long x_list(enum xattr_form form, const char *path, char *list, size_t size) {
	if (form != BY_FD)
		return syscall(form == BY_PATH ? SYS_listxattr : SYS_llistxattr, path, list, size);
	long fd = xattr_fd(path);
	return fd < 0 ? fd : x_close(fd, syscall(SYS_flistxattr, fd, list, size));
}

static inline long x_remove(enum xattr_form form, const char *path, const char *attr) {
	if (form != BY_FD)
		return syscall(form == BY_PATH ? SYS_removexattr : SYS_lremovexattr, path, attr);
	long fd = xattr_fd(path);
	return fd < 0 ? fd : x_close(fd, syscall(SYS_fremovexattr, fd, attr));
}

// The value in quotes, or the errno.
static inline const char *x_text(enum xattr_form form, const char *path, const char *attr) {
	char v[100] = "";
	long n = x_get(form, path, attr, v, sizeof v - 1);
	return n < 0 ? errno_name(errno) : name("\"%s\" %ld", v, n);
}

// The user. names of a file, sorted (their order is no one's promise).
static inline const char *x_names(enum xattr_form form, const char *path) {
	char list[4096], *names[64];
	static char text[4096];
	long size = x_list(form, path, list, sizeof list), n = 0;
	if (size < 0)
		return errno_name(errno);
	for (char *p = list; p < list + size && n < 64; p += strlen(p) + 1)
		if (strncmp(p, "user.", 5) == 0)
			names[n++] = p;
	qsort(names, n, sizeof names[0], by_name);
	text[0] = 0;
	for (long i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", names[i]);
	return text;
}

static const struct {
	const char *name, *attr;
} odd_names[] = {{"no prefix", "plain"}, {"empty", ""}, {"only a prefix", "user."}, {"prefix without dot", "user"}, {"unknown prefix", "unknown.x"},
		 {"system", "system.x"}, {"dots", "user.a.b..c"}};

// --- set ------------------------------------------------------------------------------------------------------------------------

static inline void observe_set_flags(enum xattr_form f) {
	put_file("f", "", 0644);
	OBSERVE_RET("replace a missing one", x_set(f, "f", "user.a", "1", 1, XATTR_REPLACE));
	OBSERVE_RET("create", x_set(f, "f", "user.a", "1", 1, XATTR_CREATE));
	OBSERVE_RET("create again", x_set(f, "f", "user.a", "2", 1, XATTR_CREATE));
	OBSERVE("value", "%s", x_text(f, "f", "user.a"));
	OBSERVE_RET("replace", x_set(f, "f", "user.a", "three", 5, XATTR_REPLACE));
	OBSERVE("replaced", "%s", x_text(f, "f", "user.a"));
	OBSERVE_RET("either", x_set(f, "f", "user.a", "4", 1, 0));
	OBSERVE_RET("both", x_set(f, "f", "user.a", "5", 1, XATTR_CREATE | XATTR_REPLACE));
	OBSERVE_RET("both, missing", x_set(f, "f", "user.b", "5", 1, XATTR_CREATE | XATTR_REPLACE));
	OBSERVE_RET("empty value", x_set(f, "f", "user.empty", "", 0, 0));
	OBSERVE_RET("empty value, NULL", x_set(f, "f", "user.null", NULL, 0, 0));
	OBSERVE("empty", "%s", x_text(f, "f", "user.empty"));
	for (int bit = 2; bit < 32; bit++)
		OBSERVE_RET(name("flag %#x", 1u << bit), x_set(f, "f", "user.c", "x", 1, 1u << bit));
	OBSERVE("names", "%s", x_names(f, "f"));
}

static inline void observe_set_names(enum xattr_form f) {
	put_file("f", "", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(odd_names); i++)
		OBSERVE_RET(odd_names[i].name, x_set(f, "f", odd_names[i].attr, "v", 1, 0));
	OBSERVE_RET("255 bytes", x_set(f, "f", name("user.%s", repeat("n", 240, "")), "v", 1, 0));
	char *longest = strdup(repeat("n", 255, "")), *longer = strdup(repeat("n", 256, ""));
	memcpy(longest, "user.", 5);
	memcpy(longer, "user.", 5);
	OBSERVE_RET("255", x_set(f, "f", longest, "v", 1, 0));
	OBSERVE_RET("256", x_set(f, "f", longer, "v", 1, 0));
	OBSERVE("get 255", "%s", x_text(f, "f", longest));
}

static inline void observe_set_pointers(enum xattr_form f) {
	put_file("f", "", 0644);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("name %s", b->name), x_set(f, "f", b->p, "v", 1, 0));
		OBSERVE_RET(name("value %s", b->name), x_set(f, "f", "user.a", b->p, 1, 0));
		OBSERVE_RET(name("value %s, none", b->name), x_set(f, "f", "user.b", b->p, 0, 0));
	}
	OBSERVE_RET("name NULL", x_set(f, "f", NULL, "v", 1, 0));
	OBSERVE_RET("value NULL", x_set(f, "f", "user.a", NULL, 1, 0));
	OBSERVE_RET("name without an end", x_set(f, "f", guard_copy("user.a", 6), "v", 1, 0));
	OBSERVE_RET("name ends with memory", x_set(f, "f", guard_copy("user.a", 7), guard_copy("val", 3), 3, 0));
	OBSERVE("value", "%s", x_text(f, "f", "user.a"));
	OBSERVE_RET("65537 bytes", x_set(f, "f", "user.big", calloc(1, 70000), 65537, 0));
	OBSERVE_RET("SIZE_MAX bytes", x_set(f, "f", "user.big", "", SIZE_MAX, 0));
}

// user. attributes are for files and directories, and by the file's permissions.
static inline void observe_set_rights(enum xattr_form f) {
	static const struct {
		const char *file;
		int mode, uid;
	} files[] = {{"writable", 0666, 0}, {"readable", 0644, 0}, {"mine", 0400, 65534}, {"mine_writable", 0600, 65534}};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		put_file(files[i].file, "", files[i].mode);
		REQUIRE_OK(setxattr(files[i].file, "user.a", "1", 1, 0));
		REQUIRE_OK(chown(files[i].file, files[i].uid, files[i].uid));
	}
	put_dir("sticky", 01777);
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			OBSERVE_RET(name("%s", files[i].file), x_set(f, files[i].file, "user.b", "1", 1, 0));
			OBSERVE_RET(name("%s: remove", files[i].file), x_remove(f, files[i].file, "user.a"));
			OBSERVE(name("%s: get", files[i].file), "%s", x_text(f, files[i].file, "user.a"));
		}
		OBSERVE_RET("sticky directory", x_set(f, "sticky", "user.a", "1", 1, 0));
		OBSERVE_RET("trusted", x_set(f, "mine", "trusted.a", "1", 1, 0));
		OBSERVE_RET("security", x_set(f, "mine", "security.a", "1", 1, 0));
	}
}

static inline void observe_set_times(enum xattr_form f) {
	put_file("f", "", 0644);
	struct stat st = stat_of("f");
	next_stamp();
	CHECK_OK(x_set(f, "f", "user.a", "1", 1, 0));
	OBSERVE("set", "%s", times_moved(&st, "f"));
	st = stat_of("f");
	next_stamp();
	x_text(f, "f", "user.a");
	OBSERVE("get", "%s", times_moved(&st, "f"));
	CHECK_OK(x_remove(f, "f", "user.a"));
	OBSERVE("remove", "%s", times_moved(&st, "f"));
}

// --- get ------------------------------------------------------------------------------------------------------------------------

static inline void observe_get_sizes(enum xattr_form f) {
	char v[16];
	static const size_t sizes[] = {0, 1, 4, 5, 6, 65536, 65537, SIZE_MAX};
	put_file("f", "", 0644);
	REQUIRE_OK(setxattr("f", "user.a", "value", 5, 0));
	REQUIRE_OK(setxattr("f", "user.none", "", 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(v, '#', sizeof v);
		OBSERVE_RET(name("%zu", sizes[i]), x_get(f, "f", "user.a", v, sizes[i]));
		OBSERVE(name("%zu: value", sizes[i]), "%.7s", v);
		OBSERVE_RET(name("%zu, empty one", sizes[i]), x_get(f, "f", "user.none", v, sizes[i]));
		OBSERVE_RET(name("%zu, missing one", sizes[i]), x_get(f, "f", "user.missing", v, sizes[i]));
	}
}

static inline void observe_get_pointers(enum xattr_form f) {
	char v[16];
	put_file("f", "", 0644);
	REQUIRE_OK(setxattr("f", "user.a", "value", 5, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("name %s", b->name), x_get(f, "f", b->p, v, 16));
		OBSERVE_RET(name("value %s", b->name), x_get(f, "f", "user.a", b->p, 16));
		OBSERVE_RET(name("value %s, size 0", b->name), x_get(f, "f", "user.a", b->p, 0));
		OBSERVE_RET(name("value %s, too small", b->name), x_get(f, "f", "user.a", b->p, 2));
	}
	OBSERVE_RET("value read-only", x_get(f, "f", "user.a", readonly_page(), 16));
	OBSERVE_RET("value ends with memory", x_get(f, "f", "user.a", guard_end(5), 16));
	OBSERVE_RET("value ends beyond", x_get(f, "f", "user.a", guard_end(4), 16));
	for (size_t i = 0; i < ARRAY_SIZE(odd_names); i++)
		OBSERVE_RET(odd_names[i].name, x_get(f, "f", odd_names[i].attr, v, 16));
	OBSERVE_RET("256 bytes of name", x_get(f, "f", repeat("n", 256, ""), v, 16));
}

// --- list -----------------------------------------------------------------------------------------------------------------------

static inline void observe_list(enum xattr_form f) {
	char list[64];
	static const size_t sizes[] = {0, 1, 13, 14, 15, 65536, 65537, SIZE_MAX};
	put_file("f", "", 0644);
	CHECK_EQ(x_list(f, "f", list, sizeof list), 0);
	REQUIRE_OK(setxattr("f", "user.b", "2", 1, 0));
	REQUIRE_OK(setxattr("f", "user.a", "1", 1, 0));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		OBSERVE_RET(name("%zu", sizes[i]), x_list(f, "f", list, sizes[i]));
	OBSERVE("names", "%s", x_names(f, "f"));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(b->name, x_list(f, "f", b->p, 64));
		OBSERVE_RET(name("%s, size 0", b->name), x_list(f, "f", b->p, 0));
		OBSERVE_RET(name("%s, too small", b->name), x_list(f, "f", b->p, 3));
	}
	OBSERVE_RET("ends with memory", x_list(f, "f", guard_end(14), 64));
	OBSERVE_RET("ends beyond", x_list(f, "f", guard_end(13), 64));
}

static inline void observe_list_privileged(enum xattr_form f) {
	char list[256];
	put_file("f", "", 0644);
	REQUIRE_OK(setxattr("f", "user.a", "1", 1, 0));
	REQUIRE_OK(setxattr("f", "trusted.a", "1", 1, 0));
	OBSERVE_RET("root", x_list(f, "f", list, sizeof list));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody", x_list(f, "f", list, sizeof list));
		OBSERVE("trusted by name", "%s", x_text(f, "f", "trusted.a"));
	}
}

// --- remove ----------------------------------------------------------------------------------------------------------------------

static inline void observe_remove(enum xattr_form f) {
	put_file("f", "", 0644);
	REQUIRE_OK(setxattr("f", "user.a", "1", 1, 0));
	REQUIRE_OK(setxattr("f", "user.b", "2", 1, 0));
	OBSERVE_RET("one", x_remove(f, "f", "user.a"));
	OBSERVE_RET("again", x_remove(f, "f", "user.a"));
	OBSERVE("names", "%s", x_names(f, "f"));
	for (size_t i = 0; i < ARRAY_SIZE(odd_names); i++)
		OBSERVE_RET(odd_names[i].name, x_remove(f, "f", odd_names[i].attr));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(name("name %s", b->name), x_remove(f, "f", b->p));
	OBSERVE_RET("name NULL", x_remove(f, "f", NULL));
	OBSERVE_RET("256 bytes of name", x_remove(f, "f", repeat("n", 256, "")));
	OBSERVE_RET("name ends with memory", x_remove(f, "f", guard_copy("user.b", 7)));
	OBSERVE("names then", "%s", x_names(f, "f"));
}

// --- what they are called on --------------------------------------------------------------------------------------------------------

// Links, pipes and sockets have no user. attributes.
static inline void make_xattr_kinds(void) {
	put_file("file", "", 0644);
	put_dir("dir", 0755);
	put_link("file", "link");
	put_link("nowhere", "dangling");
	REQUIRE_OK(mkfifo("fifo", 0644));
	REQUIRE_OK(mknod("sock", S_IFSOCK | 0644, 0));
}

static inline void observe_xattr_kinds(long (*call)(const char *path)) {
	make_xattr_kinds();
	static const char *const paths[] = {"file", "dir", "link", "dangling", "fifo", "sock", "/dev/null", "/proc/self/status"};
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		OBSERVE_RET(paths[i], call(paths[i]));
}

static inline void observe_xattr_fds(long (*call)(int fd)) {
	int p[2];
	put_file("f", "", 0644);
	REQUIRE_OK(fsetxattr(open("f", O_RDONLY), "user.a", "value", 5, 0));
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", call(-1));
	OBSERVE_RET("99", call(99));
	OBSERVE_RET("AT_FDCWD", call(AT_FDCWD));
	OBSERVE_RET("O_RDONLY", call(open("f", O_RDONLY)));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH)));
	OBSERVE_RET("pipe", call(p[0]));
	int gone = make_file("gone", "");
	REQUIRE_OK(fsetxattr(gone, "user.a", "value", 5, 0));
	REQUIRE_OK(unlink("gone"));
	OBSERVE_RET("unlinked", call(gone));
}

#endif
