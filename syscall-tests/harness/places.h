// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of calls that change a file system: one that can't be written to, one that is full, one that something is mounted on.
#ifndef DITTO_HARNESS_PLACES_H
#define DITTO_HARNESS_PLACES_H

#include "files.h"
#include "mounts.h"

// --- Read-only ---

enum read_only { READ_ONLY_FS, READ_ONLY_MOUNT };

// "at" has a file, a directory, a link and a fifo, and is read-only from then on. before runs while it still can be written to.
static inline void read_only_place(enum read_only how, void (*before)(void)) {
	own_mounts();
	DIRS("at");
	REQUIRE_OK(mount("at", "at", "tmpfs", 0, "mode=755"));
	REQUIRE_OK(chdir("at"));
	put_small_tree();
	REQUIRE_OK(mkfifo("fifo", 0666));
	if (before)
		before();
	REQUIRE_OK(chdir(".."));
	if (how == READ_ONLY_FS) {
		REQUIRE_OK(mount(NULL, "at", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	} else {
		REQUIRE_OK(mount("at", "at", NULL, MS_BIND, NULL));
		REQUIRE_OK(mount(NULL, "at", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	}
	REQUIRE_OK(chdir("at"));
}

static inline void observe_read_only(enum read_only how, path_call call) {
	static const char *const paths[] = {"file", "dir", "dir/file", "to_file", "to_dir", "fifo", "missing", "missing/below", "file/below", "dir/new", "."};
	IN_CHILD(NULL) {
		read_only_place(how, NULL);
		const char *before = strdup(tree_text("."));
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
			OBSERVE_OK(paths[i], call(paths[i]));
		CHECK_STR(tree_text("."), before);
	}
}

// With a descriptor that was opened for reading, and one for writing, which can't be had of a read-only mount.
static int kept_read, kept_write;
static inline void keep_open(void) {
	kept_read = REQUIRE_OK(open("file", O_RDONLY));
	kept_write = REQUIRE_OK(open("file", O_RDWR));
}

static inline void observe_read_only_fd(enum read_only how, long (*call)(int fd)) {
	IN_CHILD(NULL) {
		if (how == READ_ONLY_FS) {
			read_only_place(how, NULL);
			kept_read = REQUIRE_OK(open("file", O_RDONLY));
		} else {
			read_only_place(how, keep_open);
			OBSERVE_OK("opened for writing before", call(kept_write));
			OBSERVE_OK("opened for reading before", call(kept_read));
		}
		OBSERVE_OK("opened for reading", call(REQUIRE_OK(open("file", O_RDONLY))));
		OBSERVE_OK("a directory", call(REQUIRE_OK(open("dir", O_RDONLY))));
	}
}

#define READ_ONLY(ident, expr)                                                                                        \
	static long ro_##ident(const char *path) { return (long)(expr); }                                             \
	CASE(ident##_on_a_read_only_file_system, "root cap:21") { observe_read_only(READ_ONLY_FS, ro_##ident); }      \
	CASE(ident##_on_a_read_only_mount, "root cap:21") { observe_read_only(READ_ONLY_MOUNT, ro_##ident); }
#define READ_ONLY_FD(ident, expr)                                                                                     \
	static long ro_##ident(int fd) { return (long)(expr); }                                                       \
	CASE(ident##_on_a_read_only_file_system, "root cap:21") { observe_read_only_fd(READ_ONLY_FS, ro_##ident); }   \
	CASE(ident##_on_a_read_only_mount, "root cap:21") { observe_read_only_fd(READ_ONLY_MOUNT, ro_##ident); }

// --- Full ---

// A tmpfs of four pages and as many inodes as its files need, and one more.
static inline void full_place(void) {
	own_mounts();
	DIRS("at");
	REQUIRE_OK(mount("at", "at", "tmpfs", 0, "mode=755,size=16384,nr_inodes=7"));
	REQUIRE_OK(chdir("at"));
	put_small_tree();
}

// New names as long as there are inodes; then room is made, and one is had again.
static inline void observe_no_inodes(path_call call) {
	IN_CHILD(NULL) {
		full_place();
		for (int i = 0; i < 3; i++)
			OBSERVE_OK(name("name %d", i), call(name("new%d", i)));
		OBSERVE("tree", "%s", tree_text("."));
		REQUIRE_OK(unlink("to_dir"));
		OBSERVE_OK("after an unlink", call("again"));
	}
}

// Room for 16384 bytes, of which two pages are taken.
static inline void observe_no_room(long (*call)(int fd)) {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("at");
		REQUIRE_OK(mount("at", "at", "tmpfs", 0, "mode=755,size=16384"));
		REQUIRE_OK(chdir("at"));
		static char page[8192];
		int other = make_file("other", ""), fd = make_file("file", "");
		REQUIRE(write(other, page, sizeof page) == sizeof page);
		for (int i = 0; i < 3; i++) {
			REQUIRE_OK(lseek(fd, i * 8192, SEEK_SET));
			OBSERVE_RET(name("call %d", i), call(fd));
		}
		struct stat st;
		REQUIRE_OK(fstat(fd, &st));
		OBSERVE("size", "%ld", (long)st.st_size);
		REQUIRE_OK(ftruncate(other, 0));
		REQUIRE_OK(lseek(fd, 8192, SEEK_SET));
		OBSERVE_RET("after room was made", call(fd));
	}
}

#define NO_INODES(ident, expr)                                                                                        \
	static long ni_##ident(const char *path) { return (long)(expr); }                                             \
	CASE(ident##_without_inodes, "root cap:21") { observe_no_inodes(ni_##ident); }
#define NO_ROOM(ident, expr)                                                                                          \
	static long nr_##ident(int fd) { return (long)(expr); }                                                       \
	CASE(ident##_without_room, "root cap:21") { observe_no_room(nr_##ident); }

// --- Mounted on ---

static inline void observe_mounted_on(path_call call) {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("dir", "dir/below", "empty", "at", "other");
		close(make_file("file", "content"));
		close(make_file("over", "content"));
		mount_tmpfs("at");
		REQUIRE_OK(mount("file", "over", NULL, MS_BIND, NULL));
		mount_tmpfs("dir/below");
		OBSERVE_OK("a directory that is a mount point", call("at"));
		OBSERVE_OK("a file that is a mount point", call("over"));
		OBSERVE_OK("a directory with a mount point in it", call("dir"));
		OBSERVE_OK("the root of the mount", call("at/."));
		OBSERVE("mounts", "%s", mounts_seen());
		OBSERVE("tree", "%s", tree_text("."));
		// In another namespace the mount stays, and here the name may go.
		REQUIRE_OK(unshare(CLONE_NEWNS));
		umount2("over", MNT_DETACH);
		OBSERVE_OK("mounted on in another namespace", call("over"));
	}
}

#define MOUNTED_ON(ident, expr)                                                                                       \
	static long mo_##ident(const char *path) { return (long)(expr); }                                             \
	CASE(ident##_what_is_mounted_on, "root cap:21") { observe_mounted_on(mo_##ident); }

// --- Another mount ---

typedef long (*two_paths_call)(const char *from, const char *to);

static inline void observe_across(two_paths_call call) {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "same");
		mount_tmpfs("b");
		close(make_file("a/file", "content"));
		DIRS("a/dir");
		REQUIRE_OK(mount("a", "same", NULL, MS_BIND, NULL));
		OBSERVE_OK("to another file system", call("a/file", "b/file"));
		OBSERVE_OK("a directory to another file system", call("a/dir", "b/dir"));
		OBSERVE_OK("to the same one through another mount", call("a/file", "same/new"));
		OBSERVE_OK("within the other mount", call("same/file", "same/new"));
		OBSERVE_OK("what is missing, to another file system", call("a/missing", "b/missing"));
		OBSERVE("tree", "%s", tree_text("."));
	}
}

#define ACROSS(ident, expr)                                                                                           \
	static long ac_##ident(const char *from, const char *to) { return (long)(expr); }                             \
	CASE(ident##_across_mounts, "root cap:21") { observe_across(ac_##ident); }

#endif
