// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_add_watch: which events come, in which order, and what a watch is.
#include "../harness/inotifies.h"
#include <sys/xattr.h>

// step makes a call and shows what it brought about.
#define STEP(text, call)                                                                                               \
	do {                                                                                                                  \
		REQUIRE_OK(call);                                                                                                    \
		OBSERVE(text, "%s", events(fd));                                                                                     \
	} while (0)

CASE(errors) {
	int fd = make_inotify(), file = make_file("f", "x");
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, ".", 0), EINVAL);
	CHECK_ERR(syscall(SYS_inotify_add_watch, -1, ".", 0), EINVAL);
	CHECK_ERR(syscall(SYS_inotify_add_watch, -1, ".", IN_OPEN), EBADF);
	CHECK_ERR(syscall(SYS_inotify_add_watch, file, ".", IN_OPEN), EINVAL);
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, ".", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE), EINVAL);
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, "", IN_OPEN), ENOENT);
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, "none", IN_OPEN), ENOENT);
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, "f/g", IN_OPEN), ENOTDIR);
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, "f", IN_OPEN | IN_ONLYDIR), ENOTDIR);
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, NULL, IN_OPEN), EFAULT);
	int path = REQUIRE_OK(open(".", O_PATH));
	CHECK_ERR(syscall(SYS_inotify_add_watch, path, ".", IN_OPEN), EBADF);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_OK(name("bit %d", bit), syscall(SYS_inotify_add_watch, fd, "f", 1U << bit));
}

CASE(needs_read_permission, "root") {
	int fd = make_inotify();
	put_file("secret", "x", 0300);
	put_file("plain", "x", 0444);
	REQUIRE_OK(chmod(".", 0755));
	REQUIRE_OK(setresuid(1000, 1000, 1000));
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, "secret", IN_OPEN), EACCES);
	CHECK_OK(syscall(SYS_inotify_add_watch, fd, "plain", IN_OPEN));
}

CASE(names_come_and_go) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	watch(fd, "d", IN_ALL_EVENTS);
	int f = -1;
	STEP("create", f = open("d/a", O_CREAT | O_RDWR, 0666));
	STEP("write", write(f, "hello", 5));
	STEP("write nothing", write(f, "", 0));
	STEP("pread", pread(f, (char[5]){0}, 5, 0));
	STEP("read at the end", read(f, (char[5]){0}, 5));
	STEP("ftruncate", ftruncate(f, 3));
	STEP("fallocate", fallocate(f, 0, 0, 100));
	STEP("fchmod", fchmod(f, 0600));
	STEP("fsync", fsync(f));
	STEP("close 1", close(f));
	STEP("stat", access("d/a", R_OK));
	STEP("open to read", f = open("d/a", O_RDONLY));
	STEP("close 2", close(f));
	STEP("open and truncate", f = open("d/a", O_WRONLY | O_TRUNC));
	STEP("close 3", close(f));
	STEP("truncate", truncate("d/a", 1));
	STEP("chown", chown("d/a", getuid(), getgid()));
	STEP("link", link("d/a", "d/b"));
	STEP("symlink", symlink("x", "d/c"));
	STEP("mkdir", mkdir("d/e", 0777));
	STEP("mkfifo", mkfifo("d/p", 0666));
	STEP("rename", rename("d/a", "d/aa"));
	STEP("rename over", rename("d/aa", "d/c"));
	STEP("rename of a directory", rename("d/e", "d/f"));
	STEP("rename away", rename("d/c", "c"));
	STEP("rename here", rename("c", "d/c"));
	STEP("unlink", unlink("d/b"));
	STEP("unlink the last", unlink("d/c"));
	STEP("rmdir", rmdir("d/f"));
	STEP("a path only", f = open("d/p", O_PATH));
	STEP("close 4", close(f));
	STEP("unlink a fifo", unlink("d/p"));
	STEP("rmdir of itself", rmdir("d"));
}

CASE(of_a_file) {
	int fd = make_inotify();
	close(make_file("a", "hello"));
	watch(fd, "a", IN_ALL_EVENTS);
	int f = -1;
	STEP("open", f = open("a", O_RDWR));
	STEP("read", read(f, (char[5]){0}, 5));
	STEP("write", write(f, "x", 1));
	STEP("link", link("a", "b"));
	STEP("by its other name", close(REQUIRE_OK(open("b", O_RDONLY))));
	STEP("rename", rename("a", "c"));
	STEP("unlink", unlink("b"));
	STEP("unlink the last", unlink("c"));
	STEP("fstat", fchmod(f, 0600));
	STEP("close", close(f));
	STEP("after", access(".", R_OK));
}

CASE(of_a_file_that_nobody_has_open) {
	int fd = make_inotify();
	close(make_file("a", "hello"));
	close(make_file("b", "hello"));
	watch(fd, "a", IN_ALL_EVENTS);
	watch(fd, "b", IN_ALL_EVENTS);
	STEP("rename over it", rename("a", "b"));
	STEP("unlink", unlink("b"));
	OBSERVE("the next", "%d", watch(fd, ".", IN_CREATE));
}

CASE(times) {
	int fd = make_inotify();
	close(make_file("a", "hello"));
	watch(fd, "a", IN_ALL_EVENTS);
	struct timespec both[2] = {{1, 0}, {2, 0}}, first[2] = {{3, 0}, {0, UTIME_OMIT}}, second[2] = {{0, UTIME_OMIT}, {4, 0}};
	STEP("both", utimensat(AT_FDCWD, "a", both, 0));
	STEP("access", utimensat(AT_FDCWD, "a", first, 0));
	STEP("modification", utimensat(AT_FDCWD, "a", second, 0));
	STEP("now", utimensat(AT_FDCWD, "a", NULL, 0));
}

CASE(xattrs) {
	int fd = make_inotify();
	close(make_file("a", "hello"));
	if (setxattr("a", "user.x", "1", 1, 0) < 0) {
		OBSERVE("user attributes", "%s", errno_name(errno));
		return;
	}
	watch(fd, "a", IN_ALL_EVENTS);
	watch(fd, ".", IN_ALL_EVENTS);
	STEP("set", setxattr("a", "user.x", "2", 1, 0));
	STEP("get", getxattr("a", "user.x", (char[4]){0}, 4));
	STEP("remove", removexattr("a", "user.x"));
}

// Both watches get what happens to the file: the directory's first.
CASE(directory_and_file) {
	int fd = make_inotify();
	close(make_file("a", "hello"));
	watch(fd, "a", IN_ALL_EVENTS);
	watch(fd, ".", IN_ALL_EVENTS);
	int f = -1;
	STEP("open", f = open("a", O_RDWR));
	STEP("write", write(f, "x", 1));
	STEP("close", close(f));
	STEP("chmod", chmod("a", 0640));
	STEP("rename", rename("a", "b"));
	STEP("unlink", unlink("b"));
}

CASE(of_a_directory) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(mkdir("d/e", 0777));
	watch(fd, "d", IN_ALL_EVENTS);
	watch(fd, "d/e", IN_ALL_EVENTS);
	DIR *d = NULL;
	STEP("open", (d = opendir("d/e")) == NULL ? -1 : 0);
	STEP("list", readdir(d) == NULL ? -1 : 0);
	STEP("close", closedir(d));
	STEP("chmod", chmod("d/e", 0700));
	STEP("rename", rename("d/e", "d/f"));
	STEP("rmdir", rmdir("d/f"));
}

CASE(exchange) {
	int fd = make_inotify();
	close(make_file("a", "hello"));
	REQUIRE_OK(mkdir("d", 0777));
	watch(fd, ".", IN_ALL_EVENTS);
	watch(fd, "a", IN_MOVE_SELF);
	watch(fd, "d", IN_MOVE_SELF);
	STEP("exchange", syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d", RENAME_EXCHANGE));
	STEP("to itself", rename("a", "a"));
}

// A mask is replaced, or added to; a watch is of the file, whatever its name.
CASE(masks) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(symlink("d", "l"));
	int wd = watch(fd, "d", IN_CREATE);
	CHECK_EQ(watch(fd, "./d", IN_DELETE), wd);
	close(make_file("d/a", ""));
	REQUIRE_OK(unlink("d/a"));
	OBSERVE("replaced", "%s", events(fd));
	CHECK_EQ(watch(fd, "l", IN_CREATE | IN_MASK_ADD), wd);
	close(make_file("d/a", ""));
	REQUIRE_OK(unlink("d/a"));
	OBSERVE("added", "%s", events(fd));
	CHECK_ERR(syscall(SYS_inotify_add_watch, fd, "d", IN_CREATE | IN_MASK_CREATE), EEXIST);
	int link = watch(fd, "l", IN_ALL_EVENTS | IN_DONT_FOLLOW);
	CHECK(link != wd);
	STEP("of the link", unlink("l"));
	CHECK_EQ(watch(fd, ".", IN_CREATE | IN_MASK_CREATE), 3);
}

CASE(once) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	int wd = watch(fd, "d", IN_CREATE | IN_ONESHOT);
	close(make_file("d/a", ""));
	close(make_file("d/b", ""));
	OBSERVE("events", "%s", events(fd));
	CHECK_ERR(syscall(SYS_inotify_rm_watch, fd, wd), EINVAL);
}

CASE(unlinked_children) {
	int fd = make_inotify();
	REQUIRE_OK(mkdir("d", 0777));
	int f = make_file("d/a", "");
	int with = watch(fd, "d", IN_ALL_EVENTS);
	STEP("unlink", unlink("d/a"));
	STEP("write", write(f, "x", 1));
	CHECK_EQ(watch(fd, "d", IN_ALL_EVENTS | IN_EXCL_UNLINK), with);
	STEP("left out", write(f, "x", 1));
	STEP("close", close(f));
}

// An event like the one before it, which nobody has read yet, is dropped.
CASE(merges) {
	int fd = make_inotify();
	int f = make_file("a", "");
	watch(fd, "a", IN_MODIFY | IN_ATTRIB);
	for (int i = 0; i < 3; i++)
		REQUIRE(write(f, "x", 1) == 1);
	REQUIRE_OK(fchmod(f, 0600));
	REQUIRE(write(f, "x", 1) == 1);
	REQUIRE(write(f, "x", 1) == 1);
	OBSERVE("events", "%s", events(fd));
	REQUIRE(write(f, "x", 1) == 1);
	OBSERVE("after", "%s", events(fd));
}

CASE(overflow) {
	int fd = make_inotify(), most = 0;
	FILE *s = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	REQUIRE(s != NULL && fscanf(s, "%d", &most) == 1);
	int f = make_file("a", "");
	watch(fd, "a", IN_MODIFY | IN_ATTRIB);
	for (int i = 0; i < most; i++) {
		REQUIRE(write(f, "x", 1) == 1);
		REQUIRE_OK(fchmod(f, 0600));
	}
	char *buf = malloc(most * 16 + 4096);
	ssize_t n = read(fd, buf, most * 16 + 4096);
	CHECK_EQ(n, most * 16 + 16);
	struct inotify_event *e = (void *)(buf + most * 16);
	OBSERVE("the last", "%d %s %u %u", e->wd, event_bits(e->mask), e->len, e->cookie);
	REQUIRE(write(f, "x", 1) == 1);
	OBSERVE("after", "%s", events(fd));
}

// Two instances hear of the same; each has its own descriptors.
CASE(instances) {
	int a = make_inotify(), b = make_inotify();
	close(make_file("x", ""));
	CHECK_EQ(watch(a, ".", IN_CREATE), 1);
	CHECK_EQ(watch(a, "x", IN_CREATE), 2);
	CHECK_EQ(watch(b, "x", IN_CREATE), 1);
	CHECK_EQ(watch(b, ".", IN_CREATE), 2);
	close(make_file("y", ""));
	OBSERVE("a", "%s", events(a));
	OBSERVE("b", "%s", events(b));
	close(a);
	close(make_file("z", ""));
	OBSERVE("b alone", "%s", events(b));
}

// What programs do to files, as a watcher of the directory sees it.
CASE(exec_and_maps) {
	int fd = make_inotify();
	int f = make_file("a", "hello");
	REQUIRE_OK(ftruncate(f, 4096));
	watch(fd, ".", IN_ALL_EVENTS);
	char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	REQUIRE(m != MAP_FAILED);
	m[0] = 'j';
	REQUIRE_OK(msync(m, 4096, MS_SYNC));
	OBSERVE("written to memory", "%s", events(fd));
	REQUIRE_OK(munmap(m, 4096));
	STEP("close", close(f));
}

CASE(reads_of_all_kinds) {
	int fd = make_inotify(), pipes[2];
	int f = make_file("a", "hello"), out = make_file("b", "");
	REQUIRE_OK(pipe(pipes));
	watch(fd, "a", IN_ALL_EVENTS);
	watch(fd, "b", IN_ALL_EVENTS);
	struct iovec v = {(char[5]){0}, 5};
	off_t at = 0;
	STEP("readv", preadv(f, &v, 1, 0));
	STEP("writev", pwritev(out, &v, 1, 0));
	STEP("sendfile", sendfile(out, f, &at, 5));
	at = 0;
	STEP("copy_file_range", copy_file_range(f, &at, out, NULL, 5, 0));
	at = 0;
	STEP("splice from", splice(f, &at, pipes[1], NULL, 5, 0));
	STEP("splice to", splice(pipes[0], NULL, out, NULL, 5, 0));
}

CASE(info) {
	int fd = make_inotify();
	watch(fd, "/", IN_CREATE);
	char text[2048] = "";
	int f = REQUIRE_OK(open(name("/proc/self/fdinfo/%d", fd), O_RDONLY));
	REQUIRE(read(f, text, sizeof text - 1) > 0);
	char *line = strstr(text, "inotify wd:1 ino:");
	CHECK(line != NULL);
	if (line != NULL)
		OBSERVE("mask", "%.*s", 11, strstr(line, "mask:"));
}
