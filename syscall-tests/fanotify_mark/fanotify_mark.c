// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fanotify_mark: what can be marked for which events, and which events come then?
#include "../harness/fanotifies.h"

static long group_mark(unsigned init, unsigned flags, uint64_t mask, const char *path) {
	int fd = make_group(init);
	long r = mark(fd, flags, mask, path);
	int err = errno;
	close(fd);
	errno = err;
	return r;
}

static const unsigned names_group = FAN_REPORT_DFID_NAME;

CASE(errors, "root cap:21") {
	int fd = make_group(0), file = make_file("f", "x");
	CHECK_ERR(syscall(SYS_fanotify_mark, -1, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"), EBADF);
	CHECK_ERR(syscall(SYS_fanotify_mark, file, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"), EINVAL);
	CHECK_ERR(mark(fd, FAN_MARK_ADD, 0, "f"), EINVAL);
	CHECK_ERR(mark(fd, FAN_MARK_ADD, 1ULL << 32 | FAN_OPEN, "f"), EINVAL);
	CHECK_ERR(mark(fd, FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, "f"), EINVAL);
	CHECK_ERR(mark(fd, 0, FAN_OPEN, "f"), EINVAL);
	CHECK_ERR(mark(fd, FAN_MARK_ADD, FAN_OPEN, "none"), ENOENT);
	CHECK_ERR(mark(fd, FAN_MARK_ADD, FAN_OPEN, ""), ENOENT);
	CHECK_ERR(mark(fd, FAN_MARK_ADD, FAN_OPEN, "f/g"), ENOTDIR);
	CHECK_ERR(mark(fd, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, "f"), ENOTDIR);
	CHECK_ERR(mark(fd, FAN_MARK_ADD, FAN_OPEN, bad_ptr()), EFAULT);
	CHECK_ERR(mark(fd, FAN_MARK_REMOVE, FAN_OPEN, "f"), ENOENT);
	CHECK_OK(mark(fd, FAN_MARK_FLUSH, 0, "none"));
	OBSERVE_RET("flush and a mask", mark(fd, FAN_MARK_FLUSH, FAN_OPEN, "f"));
	OBSERVE_RET("flush and more", mark(fd, FAN_MARK_FLUSH | FAN_MARK_DONT_FOLLOW, 0, "f"));
	OBSERVE_RET("by its descriptor", syscall(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, file, NULL));
	OBSERVE_RET("by none", syscall(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, -1, NULL));
	OBSERVE_RET("the working directory without a path", syscall(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, NULL));
	OBSERVE_RET("by a path only", syscall(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, REQUIRE_OK(open("f", O_PATH)), NULL));
	int p[2];
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("a pipe", syscall(SYS_fanotify_mark, fd, FAN_MARK_ADD, FAN_OPEN, p[0], NULL));
	OBSERVE_RET("the mount of a pipe", syscall(SYS_fanotify_mark, fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, p[0], NULL));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), mark(fd, FAN_MARK_ADD | 1U << bit, FAN_OPEN, "f"));
}

// Which groups can have which events on what; those that ask for permission are another matter.
CASE(each_event, "root cap:21") {
	close(make_file("f", "x"));
	REQUIRE_OK(mkdir("d", 0777));
	static const struct {
		const char *name;
		unsigned init;
	} groups[] = {{"fd", 0}, {"fid", FAN_REPORT_FID}, {"dfid", FAN_REPORT_DIR_FID}, {"names", FAN_REPORT_DFID_NAME}, {"target", FAN_REPORT_DFID_NAME_TARGET}};
	static const struct {
		const char *name;
		unsigned flags;
		const char *path;
	} marks[] = {{"file", 0, "f"}, {"directory", 0, "d"}, {"mount", FAN_MARK_MOUNT, "d"}, {"file system", FAN_MARK_FILESYSTEM, "d"}};
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++)
		for (size_t m = 0; m < ARRAY_SIZE(marks); m++) {
			char row[33] = "";
			for (int bit = 0; bit < 32; bit++) {
				long r = group_mark(groups[g].init, FAN_MARK_ADD | marks[m].flags, 1U << bit, marks[m].path);
				row[bit] = bit >= 16 && bit <= 20 ? '-' : bit == 24 || bit == 25 ? '-' : r == 0 ? '+' : errno == EINVAL ? '.' : errno == ENOTDIR ? 'd' : '?';
			}
			OBSERVE(name("%s on %s", groups[g].name, marks[m].name), "%s", row);
		}
}

CASE(a_files_events, "root cap:21") {
	int fd = make_group(0);
	close(make_file("f", "text"));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_ALL_EVENTS, "f"));
	int f = -1;
	FSTEP("open", f = open("f", O_RDWR));
	FSTEP("read", read(f, (char[4]){0}, 4));
	FSTEP("read at the end", read(f, (char[4]){0}, 4));
	FSTEP("write", write(f, "x", 1));
	FSTEP("both", pread(f, (char[4]){0}, 4, 0) + pwrite(f, "x", 1, 0));
	FSTEP("ftruncate", ftruncate(f, 2));
	FSTEP("fallocate", fallocate(f, 0, 0, 100));
	FSTEP("chmod", fchmod(f, 0600));
	FSTEP("close", close(f));
	FSTEP("open and truncate", f = open("f", O_WRONLY | O_TRUNC));
	FSTEP("truncate", truncate("f", 1));
	FSTEP("close 2", close(f));
	FSTEP("path only", f = open("f", O_PATH));
	FSTEP("close 3", close(f));
	FSTEP("link", link("f", "g"));
	FSTEP("by its other name", close(REQUIRE_OK(open("g", O_RDONLY))));
	FSTEP("rename", rename("f", "h"));
	FSTEP("unlink", unlink("g") + unlink("h"));
}

CASE(a_directorys_events, "root cap:21") {
	int fd = make_group(0);
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(mkdir("d/e", 0777));
	close(make_file("d/f", "text"));
	FSTEP("itself", mark(fd, FAN_MARK_ADD, FAN_ALL_EVENTS, "d"));
	FSTEP("list", close(REQUIRE_OK(open("d", O_RDONLY))));
	FSTEP("child", close(REQUIRE_OK(open("d/f", O_RDONLY))));
	FSTEP("and children", mark(fd, FAN_MARK_ADD, FAN_EVENT_ON_CHILD, "d"));
	FSTEP("list 2", close(REQUIRE_OK(open("d", O_RDONLY))));
	FSTEP("child 2", close(REQUIRE_OK(open("d/f", O_RDONLY))));
	FSTEP("child directory", close(REQUIRE_OK(open("d/e", O_RDONLY))));
	FSTEP("and directories", mark(fd, FAN_MARK_ADD, FAN_ONDIR, "d"));
	FSTEP("list 3", close(REQUIRE_OK(open("d", O_RDONLY))));
	FSTEP("child directory 2", close(REQUIRE_OK(open("d/e", O_RDONLY))));
	FSTEP("grandchild", close(REQUIRE_OK(open("d/e", O_RDONLY | O_DIRECTORY))));
	FSTEP("no children", mark(fd, FAN_MARK_REMOVE, FAN_EVENT_ON_CHILD, "d"));
	FSTEP("child 3", close(REQUIRE_OK(open("d/f", O_RDONLY))));
}

// Everything that happens in a directory, in each form that events have.
static void observe_tree(const char *what, unsigned init, unsigned flags) {
	REQUIRE_OK(mkdir(what, 0777));
	REQUIRE_OK(chdir(what));
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(mkdir("o", 0777));
	know("d");
	know("o");
	int fd = make_group(init);
	uint64_t all = FAN_ALL_EVENTS | FAN_ATTRIB | FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_DELETE_SELF | FAN_MOVE_SELF | FAN_ONDIR | FAN_EVENT_ON_CHILD;
	if (init & FAN_REPORT_NAME)
		all |= FAN_RENAME;
	REQUIRE_OK(mark(fd, FAN_MARK_ADD | flags, all, "d"));
	int f = -1;
	REQUIRE_OK(f = open("d/a", O_CREAT | O_RDWR, 0666));
	known_files[known_count] = known_files[known_count - 1];
	know("d/a");
#define TSTEP(text, call)                                                                                              \
	do {                                                                                                           \
		REQUIRE_OK(call);                                                                                      \
		OBSERVE(name("%s: %s", what, text), "%s", events_of(fd));                                              \
	} while (0)
	TSTEP("create", 0);
	TSTEP("write", write(f, "hello", 5));
	TSTEP("chmod", fchmod(f, 0600));
	TSTEP("close", close(f));
	TSTEP("link", link("d/a", "d/b"));
	TSTEP("rename", rename("d/a", "d/c"));
	TSTEP("rename away", rename("d/c", "o/c"));
	TSTEP("rename here", rename("o/c", "d/c"));
	TSTEP("rename over", rename("d/c", "d/b"));
	TSTEP("unlink", unlink("d/b"));
	TSTEP("unlink the other", unlink("d/c"));
	REQUIRE_OK(mkdir("d/e", 0777));
	know("d/e");
	TSTEP("mkdir", 0);
	TSTEP("list", close(REQUIRE_OK(open("d/e", O_RDONLY))));
	TSTEP("chmod of a directory", chmod("d/e", 0700));
	TSTEP("rename of a directory", rename("d/e", "d/g"));
	TSTEP("rmdir", rmdir("d/g"));
	TSTEP("chmod of itself", chmod("d", 0700));
	TSTEP("rename of itself", rename("d", "n"));
	TSTEP("rmdir of itself", rmdir("n"));
	REQUIRE_OK(chdir(".."));
	close(fd);
}

CASE(by_fid, "root cap:21") { observe_tree("fid", FAN_REPORT_FID, 0); }
CASE(by_directory, "root cap:21") { observe_tree("dfid", FAN_REPORT_DIR_FID, 0); }
CASE(by_both, "root cap:21") { observe_tree("both", FAN_REPORT_DIR_FID | FAN_REPORT_FID, 0); }
CASE(by_name, "root cap:21") { observe_tree("name", FAN_REPORT_DFID_NAME, 0); }
CASE(by_name_and_fid, "root cap:21") { observe_tree("names", FAN_REPORT_DFID_NAME | FAN_REPORT_FID, 0); }
CASE(by_target, "root cap:21") { observe_tree("target", FAN_REPORT_DFID_NAME_TARGET, 0); }

CASE(of_a_file_system, "root cap:21") {
	own_mounts();
	observe_tree("fid", FAN_REPORT_FID, FAN_MARK_FILESYSTEM);
	observe_tree("name", FAN_REPORT_DFID_NAME, FAN_MARK_FILESYSTEM);
	observe_tree("target", FAN_REPORT_DFID_NAME_TARGET, FAN_MARK_FILESYSTEM);
}

CASE(of_a_mount, "root cap:21") {
	own_mounts();
	DIRS("a", "b");
	mount_tmpfs("a");
	close(make_file("a/f", "text"));
	REQUIRE_OK(mount("a", "b", NULL, MS_BIND, NULL));
	int fd = make_group(0);
	REQUIRE_OK(mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_ALL_EVENTS, "a/f"));
	FSTEP("by it", close(REQUIRE_OK(open("a/f", O_RDWR))));
	FSTEP("by the other", close(REQUIRE_OK(open("b/f", O_RDWR))));
	FSTEP("a new file", close(REQUIRE_OK(open("a/g", O_CREAT | O_RDWR, 0666))));
	FSTEP("truncate", truncate("a/f", 1));
	FSTEP("flush of others", mark(fd, FAN_MARK_FLUSH, 0, "a"));
	FSTEP("still", close(REQUIRE_OK(open("a/f", O_RDONLY))));
	FSTEP("flush", mark(fd, FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0, "a"));
	FSTEP("no more", close(REQUIRE_OK(open("a/f", O_RDONLY))));
}

CASE(ignored, "root cap:21") {
	int fd = make_group(0);
	REQUIRE_OK(mkdir("d", 0777));
	close(make_file("d/f", "text"));
	close(make_file("d/g", "text"));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE | FAN_MODIFY | FAN_EVENT_ON_CHILD, "d"));
	FSTEP("ignore opens", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, "d/f"));
	FSTEP("open", close(REQUIRE_OK(open("d/f", O_RDONLY))));
	FSTEP("the other", close(REQUIRE_OK(open("d/g", O_RDONLY))));
	int f = -1;
	FSTEP("open to write", f = open("d/f", O_WRONLY));
	FSTEP("write", write(f, "x", 1));
	FSTEP("open after it", close(REQUIRE_OK(open("d/f", O_RDONLY))));
	FSTEP("ignore while it is written", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, "d/f"));
	FSTEP("open to no avail", close(REQUIRE_OK(open("d/f", O_RDONLY))));
	FSTEP("ignore for good", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN, "d/f"));
	FSTEP("write again", write(f, "x", 1));
	FSTEP("open again", close(REQUIRE_OK(open("d/f", O_RDONLY))));
	FSTEP("close", close(f));
	FSTEP("no more", mark(fd, FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK, FAN_OPEN, "d/f"));
	FSTEP("open at last", close(REQUIRE_OK(open("d/f", O_RDONLY))));
}

CASE(ignored_since_6_0, "root cap:21 kernel>=6.0") {
	int fd = make_group(0);
	REQUIRE_OK(mkdir("d", 0777));
	close(make_file("d/f", "text"));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD | FAN_ONDIR, "d"));
	OBSERVE_RET("of a directory", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, "d"));
	OBSERVE_RET("of a mount", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_MOUNT, FAN_OPEN, "d"));
	OBSERVE_RET("of a file", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, "d/f"));
	OBSERVE_RET("for good", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE_SURV, FAN_OPEN, "d"));
	FSTEP("the directory, not as a directory", close(REQUIRE_OK(open("d", O_RDONLY))));
	FSTEP("a child", close(REQUIRE_OK(open("d/f", O_RDONLY))));
	OBSERVE_RET("directories too", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE_SURV, FAN_OPEN | FAN_ONDIR, "d"));
	FSTEP("the directory", close(REQUIRE_OK(open("d", O_RDONLY))));
	OBSERVE_RET("the old way", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, "d"));
	OBSERVE_RET("not for good any more", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, "d"));
	OBSERVE_RET("both ways", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_MASK, FAN_OPEN, "d/f"));
	OBSERVE_RET("evictable", mark(fd, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_OPEN, "d"));
	OBSERVE_RET("of a file, with flags of directories", mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE_SURV, FAN_OPEN | FAN_ONDIR, "d/f"));
}

CASE(who_did_it, "root cap:21") {
	int fd = make_group(FAN_REPORT_PIDFD), threads = make_group(FAN_REPORT_TID);
	close(make_file("f", "text"));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN, "f"));
	REQUIRE_OK(mark(threads, FAN_MARK_ADD, FAN_OPEN, "f"));
	close(REQUIRE_OK(open("f", O_RDONLY)));
	OBSERVE("myself", "%s", events_of(fd));
	OBSERVE("my thread", "%s", events_of(threads));
	IN_CHILD(NULL) { close(REQUIRE_OK(open("f", O_RDONLY))); }
	OBSERVE("a child that ended", "%s", events_of(fd));
	IN_CHILD(NULL) {
		close(REQUIRE_OK(open("f", O_RDONLY)));
		OBSERVE("a child", "%s", events_of(fd));
	}
	IN_CHILD(NULL) { open("f", O_RDONLY); }
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_CLOSE, "f"));
	IN_CHILD(NULL) { REQUIRE_OK(open("f", O_RDONLY)); }
	OBSERVE("closed by its end", "%s", events_of(fd));
}

CASE(of_an_unprivileged_group, "root") {
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(chmod("d", 0777));
	put_file("secret", "x", 0);
	IN_CHILD(NULL) {
		become_nobody();
		int fd = make_group(FAN_REPORT_DFID_NAME);
		know("d");
		OBSERVE_RET("a file system", mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, "d"));
		OBSERVE_RET("a mount", mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, "d"));
		OBSERVE_RET("a file that can't be read", mark(fd, FAN_MARK_ADD, FAN_OPEN, "secret"));
		REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_CREATE | FAN_DELETE, "d"));
		FSTEP("mine", close(REQUIRE_OK(open("d/f", O_CREAT | O_RDWR, 0666))));
		IN_CHILD(NULL) { REQUIRE_OK(unlink("d/f")); }
		OBSERVE("of another", "%s", events_of(fd));
	}
}

CASE(program, "root cap:21") {
	int fd = make_group(0);
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_OPEN_EXEC, "/bin/true"));
	close(REQUIRE_OK(open("/bin/true", O_RDONLY)));
	const char *e = events_of(fd);
	OBSERVE("opened", "%s", strstr(e, "exec") ? "as a program" : e[0] ? "as a file" : "not");
	IN_CHILD(NULL) { execl("/bin/true", "true", NULL); }
	e = events_of(fd);
	OBSERVE("run", "%s", strstr(e, "exec") ? "as a program" : e[0] ? "as a file" : "not");
}

CASE(unheard_of_its_own_files, "root cap:21") {
	int fd = make_group(0);
	close(make_file("f", "text"));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_ALL_EVENTS, "f"));
	close(REQUIRE_OK(open("f", O_RDONLY)));
	struct fanotify_event_metadata e;
	REQUIRE(read(fd, &e, sizeof e) == sizeof e);
	OBSERVE("first", "%s", mask_text(e.mask));
	OBSERVE("flags", "%#x %#x", fcntl(e.fd, F_GETFL), fcntl(e.fd, F_GETFD));
	char text[8];
	CHECK_EQ(read(e.fd, text, 4), 4);
	close(e.fd);
	OBSERVE("the rest", "%s", events_of(fd));
}

CASE(short_reads, "root cap:21") {
	int fd = make_group(names_group);
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_CREATE, "d"));
	close(make_file("d/one", ""));
	close(make_file("d/another", ""));
	char buf[256];
	for (size_t room = 0; room < 76; room += 4)
		OBSERVE_RET(name("room for %zu", room), read(fd, buf, room) > 0 ? 1 : -1);
	int n = 0;
	REQUIRE_OK(ioctl(fd, FIONREAD, &n));
	OBSERVE("left", "%d", n);
	OBSERVE_RET("nowhere", read(fd, bad_ptr(), 256));
	OBSERVE_RET("after that", read(fd, buf, sizeof buf) > 0 ? 1 : -1);
}

CASE(merged, "root cap:21") {
	int fd = make_group(names_group);
	REQUIRE_OK(mkdir("d", 0777));
	know("d");
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_CREATE | FAN_DELETE | FAN_ONDIR, "d"));
	for (int i = 0; i < 3; i++) {
		close(make_file("d/f", ""));
		REQUIRE_OK(unlink("d/f"));
		REQUIRE_OK(mkdir("d/e", 0777));
		REQUIRE_OK(rmdir("d/e"));
	}
	OBSERVE("events", "%s", events_of(fd));
	close(make_file("d/f", ""));
	IN_CHILD(NULL) { REQUIRE_OK(unlink("d/f")); }
	OBSERVE("of two", "%s", events_of(fd));
}

CASE(overflow, "root cap:21") {
	int fd = make_group(names_group);
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_CREATE, "d"));
	int max = atoi(read_file("/proc/sys/fs/fanotify/max_queued_events"));
	OBSERVE("limit", "%d", max);
	close(make_file("d/f", ""));
	for (int i = 0; i < max + 10; i++)
		REQUIRE_OK(link("d/f", name("d/%d", i)));
	static char buf[65536];
	int count = 0, overflows = 0;
	ssize_t n;
	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (struct fanotify_event_metadata *e = (void *)buf; FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n)) {
			count++;
			if (e->mask & FAN_Q_OVERFLOW) {
				overflows++;
				OBSERVE(name("overflow %d", overflows), "%u bytes, fd %d, pid %d", e->event_len, e->fd, e->pid);
			}
		}
	OBSERVE("events", "%d, %d of overflow", count, overflows);
}

CASE(unmounted, "root cap:21") {
	own_mounts();
	DIRS("a");
	mount_tmpfs("a");
	close(make_file("a/f", "x"));
	int fd = make_group(FAN_REPORT_FID);
	REQUIRE_OK(mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN | FAN_DELETE_SELF, "a"));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_ATTRIB, "a/f"));
	FSTEP("umount", umount("a"));
}

CASE(in_a_user_namespace, "root cap:21") {
	own_mounts();
	IN_CHILD(NULL) {
		unshare_user(0, 0);
		REQUIRE_OK(unshare(CLONE_NEWNS));
		OBSERVE_OK("a plain group", group_of(0, O_RDONLY));
		int fd = make_group(FAN_REPORT_DFID_NAME);
		OBSERVE_RET("a foreign file system", mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CREATE, "."));
		OBSERVE_RET("a directory", mark(fd, FAN_MARK_ADD, FAN_CREATE, "."));
		DIRS("m");
		mount_tmpfs("m");
		OBSERVE_RET("its own file system", mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CREATE, "m"));
		OBSERVE_RET("its own mount", mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, "m"));
	}
}
