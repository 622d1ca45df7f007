// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat: which paths, directory descriptors, flags and modes give a descriptor, to what, and what does each flag
// alone and in pairs do to the file and to the descriptor?
#include "../harness/files.h"

static long open_rdonly(const char *path) { return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0); }
static long open_create(const char *path) { return syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0640); }
static long open_excl(const char *path) { return syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_EXCL | O_WRONLY, 0640); }
static long open_nofollow(const char *path) { return syscall(SYS_openat, AT_FDCWD, path, O_NOFOLLOW, 0); }
static long open_path(const char *path) { return syscall(SYS_openat, AT_FDCWD, path, O_PATH | O_NOFOLLOW, 0); }
static long open_directory(const char *path) { return syscall(SYS_openat, AT_FDCWD, path, O_DIRECTORY, 0); }
static long open_trunc(const char *path) { return syscall(SYS_openat, AT_FDCWD, path, O_TRUNC | O_WRONLY, 0); }
static long open_at(int dirfd, const char *path) { return syscall(SYS_openat, dirfd, path, O_RDONLY, 0); }
static long create_at(int dirfd, const char *path) { return syscall(SYS_openat, dirfd, path, O_RDWR | O_CREAT, 0600); }
static long flag_on_file(unsigned long f) { return syscall(SYS_openat, AT_FDCWD, "file", f, 0640); }
static long flag_on_dir(unsigned long f) { return syscall(SYS_openat, AT_FDCWD, "dir", f, 0640); }
static long flag_on_missing(unsigned long f) { return syscall(SYS_openat, AT_FDCWD, "missing", f | O_CREAT, 0640); }

CASE(walk) { observe_walk_looking(open_rdonly); }
CASE(walk_creating) { observe_walk(open_create); }
CASE(walk_creating_exclusively) { observe_walk(open_excl); }
CASE(walk_nofollow) { observe_walk_looking(open_nofollow); }
CASE(walk_o_path) { observe_walk_looking(open_path); }
CASE(walk_directory) { observe_walk_looking(open_directory); }
CASE(walk_truncating) { observe_walk(open_trunc); }
CASE(as_nobody, "root") { observe_walk_as_nobody(open_rdonly); }
CASE(as_nobody_creating, "root") { observe_walk_as_nobody(open_create); }
CASE(path_pointers) { observe_path_pointers(open_rdonly); }
CASE(dirfds) { observe_dirfds_looking(open_at); }
CASE(dirfds_creating) { observe_dirfds(create_at); }

// O_DIRECT's support is the file system's business.
static long file_bits(unsigned long f) { return f & O_DIRECT ? 0 : flag_on_file(f); }
static long dir_bits(unsigned long f) { return f & O_DIRECT ? 0 : flag_on_dir(f); }
static long missing_bits(unsigned long f) { return f & O_DIRECT ? 0 : flag_on_missing(f); }
CASE(each_flag_on_a_file) { observe_flag_bits(file_bits, 32); }
CASE(each_flag_on_a_directory) { observe_flag_bits(dir_bits, 32); }
CASE(each_flag_when_creating) { observe_flag_bits(missing_bits, 32); }

// What F_GETFL tells of the flags that a descriptor was opened with: creation flags are gone, O_LARGEFILE is there.
CASE(flags_kept) {
	static const int flags[] = {0, O_WRONLY, O_RDWR, 3, O_APPEND, O_NONBLOCK, O_CLOEXEC, O_SYNC, O_DSYNC, O_NOATIME, O_NOCTTY, O_NOFOLLOW,
				    O_PATH, O_PATH | O_RDWR | O_APPEND, O_CREAT, O_TRUNC, O_ASYNC, O_RDWR | O_APPEND | O_NONBLOCK | O_SYNC};
	put_file("file", "content", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		int fd = syscall(SYS_openat, AT_FDCWD, "file", flags[i], 0);
		OBSERVE(name("getfl %#o", flags[i]), "%#o", fd < 0 ? -errno : fcntl(fd, F_GETFL));
		OBSERVE(name("getfd %#o", flags[i]), "%d", fd < 0 ? -1 : fcntl(fd, F_GETFD));
		close(fd);
	}
}

CASE(access_modes) {
	char c = 'x';
	put_file("file", "content", 0644);
	for (int mode = 0; mode < 4; mode++) {
		int fd = OBSERVE_OK(name("open %d", mode), syscall(SYS_openat, AT_FDCWD, "file", mode, 0));
		OBSERVE_RET(name("read %d", mode), pread(fd, &c, 1, 0));
		OBSERVE_RET(name("write %d", mode), pwrite(fd, &c, 1, 0));
		OBSERVE_RET(name("ftruncate %d", mode), ftruncate(fd, 7));
		close(fd);
	}
}

CASE(mode_of_a_new_file) {
	static const int modes[] = {0, 0777, 0666, 07777, 04755, 02755, 01644, 0170644, -1};
	static const int masks[] = {0, 022, 077, 0777};
	for (size_t m = 0; m < ARRAY_SIZE(masks); m++)
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
			umask(masks[m]);
			int fd = OBSERVE_OK(name("open %#o, umask %#o", modes[i], masks[m]),
					    syscall(SYS_openat, AT_FDCWD, "f", O_CREAT | O_EXCL | O_RDWR, modes[i]));
			OBSERVE(name("mode %#o, umask %#o", modes[i], masks[m]), "%s", entry_text("f"));
			// The mode is for later opens: this descriptor writes whatever it says.
			CHECK_EQ(write(fd, "x", 1), 1);
			close(fd);
			unlink("f");
		}
}

CASE(lowest_free_descriptor) {
	put_file("file", "", 0644);
	CHECK_EQ(open_rdonly("file"), 3);
	CHECK_EQ(open_rdonly("file"), 4);
	CHECK_EQ(open_rdonly("file"), 5);
	close(4);
	CHECK_EQ(open_rdonly("file"), 4);
	close(0);
	CHECK_EQ(open_rdonly("file"), 0);
	CHECK_EQ(open_rdonly("file"), 6);
}

CASE(descriptor_limit) {
	put_file("file", "", 0644);
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){5, 5}));
	OBSERVE_RET("3", open_rdonly("file"));
	OBSERVE_RET("4", open_rdonly("file"));
	OBSERVE_RET("full", open_rdonly("file"));
	OBSERVE_RET("full, and missing", open_rdonly("missing"));
	OBSERVE_RET("full, and creating", open_create("new"));
	OBSERVE("not created", "%s", entry_text("new"));
	CHECK_ERR(open_rdonly("file"), EMFILE);
	// The path is read before the descriptor is allocated.
	OBSERVE_RET("full, and a bad pointer", open_rdonly(bad_ptr()));
}

CASE(append_goes_to_the_end) {
	put_file("file", "12345", 0644);
	int fd = REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, "file", O_RDWR | O_APPEND, 0));
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
	CHECK_EQ(write(fd, "67", 2), 2);
	OBSERVE_RET("position after the write", lseek(fd, 0, SEEK_CUR));
	lseek(fd, 1, SEEK_SET);
	CHECK_EQ(write(fd, "8", 1), 1);
	OBSERVE_RET("position after another", lseek(fd, 0, SEEK_CUR));
	CHECK_STR(read_file("file"), "12345678");
}

CASE(append_through_two_descriptors) {
	int a = REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, "file", O_WRONLY | O_APPEND | O_CREAT, 0644));
	int b = REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, "file", O_WRONLY | O_APPEND, 0644));
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(write(a, "a", 1), 1);
		CHECK_EQ(write(b, "b", 1), 1);
	}
	CHECK_STR(read_file("file"), "ababab");
}

// A descriptor is reported to the program that an exec starts, unless O_CLOEXEC was given.
CASE(cloexec) {
	put_file("file", "", 0644);
	int keep = syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY, 0), lose = syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY | O_CLOEXEC, 0);
	int st;
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", name("test -e /proc/self/fd/%d && ! test -e /proc/self/fd/%d", keep, lose), NULL);
		_exit(99);
	}
	OBSERVE_STATUS("the new program saw the first and not the second", st);
}

CASE(exclusive) {
	put_file("file", "x", 0644);
	put_link("file", "to_file");
	put_link("nowhere", "dangling");
	CHECK_ERR(open_excl("file"), EEXIST);
	CHECK_ERR(open_excl("to_file"), EEXIST);
	CHECK_ERR(open_excl("dangling"), EEXIST);
	CHECK_OK(open_create("dangling"));
	OBSERVE("tree", "%s", tree_text("."));
	// Without O_CREAT, O_EXCL means nothing on a file.
	OBSERVE_RET("O_EXCL alone", syscall(SYS_openat, AT_FDCWD, "file", O_EXCL, 0));
}

CASE(pairs) {
	static const struct {
		const char *name;
		int flags;
	} flags[] = {{"O_CREAT", O_CREAT}, {"O_EXCL", O_EXCL}, {"O_TRUNC", O_TRUNC}, {"O_APPEND", O_APPEND}, {"O_DIRECTORY", O_DIRECTORY},
		     {"O_NOFOLLOW", O_NOFOLLOW}, {"O_PATH", O_PATH}, {"O_WRONLY", O_WRONLY}, {"O_RDWR", O_RDWR}, {"O_NONBLOCK", O_NONBLOCK}};
	static const char *const paths[] = {"file", "dir", "to_file", "missing"};
	struct bench b = bench_open(put_small_tree);
	for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
		for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
			for (size_t j = i + 1; j < ARRAY_SIZE(flags); j++) {
				errno = 0;
				int fd = syscall(SYS_openat, AT_FDCWD, paths[p], flags[i].flags | flags[j].flags, 0600);
				bench_probed(&b, name("%s: %s|%s", paths[p], flags[i].name, flags[j].name), fd, errno);
				close(fd);
			}
	bench_close(&b);
}

CASE(o_path_descriptor) {
	char c;
	struct stat st;
	put_file("file", "content", 0644);
	int fd = REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, "file", O_PATH, 0));
	OBSERVE_RET("read", read(fd, &c, 1));
	OBSERVE_RET("write", write(fd, &c, 1));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
	OBSERVE_RET("fstat", fstat(fd, &st));
	OBSERVE_RET("ftruncate", ftruncate(fd, 0));
	OBSERVE_RET("fchmod", fchmod(fd, 0600));
	OBSERVE_RET("fchown", fchown(fd, -1, -1));
	OBSERVE_RET("fsync", fsync(fd));
	OBSERVE_OK("mmap", (long)mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0));
	OBSERVE_RET("ioctl", ioctl(fd, 0x5401, &c));
	OBSERVE_RET("F_SETFL", fcntl(fd, F_SETFL, O_APPEND));
	OBSERVE_OK("dup", dup(fd));
	OBSERVE_RET("F_SETFD", fcntl(fd, F_SETFD, FD_CLOEXEC));
	OBSERVE_OK("again through /proc", open(name("/proc/self/fd/%d", fd), O_RDONLY));
	REQUIRE_OK(unlink("file"));
	OBSERVE_RET("fstat of the unlinked", fstat(fd, &st));
	OBSERVE_RET("close", close(fd));
}

CASE(write_bits_of_directories) {
	put_dir("dir", 0755);
	CHECK_ERR(syscall(SYS_openat, AT_FDCWD, "dir", O_WRONLY, 0), EISDIR);
	CHECK_ERR(syscall(SYS_openat, AT_FDCWD, "dir", O_RDWR, 0), EISDIR);
	OBSERVE_RET("O_CREAT", syscall(SYS_openat, AT_FDCWD, "dir", O_CREAT, 0600));
	OBSERVE_RET("O_CREAT|O_DIRECTORY", syscall(SYS_openat, AT_FDCWD, "dir", O_CREAT | O_DIRECTORY, 0600));
	OBSERVE_RET("O_CREAT|O_DIRECTORY, missing", syscall(SYS_openat, AT_FDCWD, "new", O_CREAT | O_DIRECTORY, 0600));
	OBSERVE_RET("O_TRUNC", syscall(SYS_openat, AT_FDCWD, "dir", O_TRUNC, 0));
	OBSERVE("tree", "%s", tree_text("."));
}

CASE(running_program_is_busy) {
	OBSERVE_RET("own program, for writing", syscall(SYS_openat, AT_FDCWD, "/proc/self/exe", O_WRONLY, 0));
	OBSERVE_OK("own program, for reading", syscall(SYS_openat, AT_FDCWD, "/proc/self/exe", O_RDONLY, 0));
}

CASE(fifo) {
	REQUIRE_OK(mkfifo("fifo", 0644));
	CHECK_ERR(syscall(SYS_openat, AT_FDCWD, "fifo", O_WRONLY | O_NONBLOCK, 0), ENXIO);
	int r = CHECK_OK(syscall(SYS_openat, AT_FDCWD, "fifo", O_RDONLY | O_NONBLOCK, 0));
	int w = CHECK_OK(syscall(SYS_openat, AT_FDCWD, "fifo", O_WRONLY | O_NONBLOCK, 0));
	CHECK_EQ(write(w, "hi", 2), 2);
	char buf[4] = "";
	CHECK_EQ(read(r, buf, sizeof buf), 2);
	close(r);
	close(w);
	CHECK_OK(syscall(SYS_openat, AT_FDCWD, "fifo", O_RDWR, 0));
}

CASE(fifo_waits_for_the_other_end) {
	REQUIRE_OK(mkfifo("fifo", 0644));
	pid_t pid = harness_fork();
	if (pid == 0) {
		int fd = syscall(SYS_openat, AT_FDCWD, "fifo", O_WRONLY, 0);
		_exit(fd >= 0 && write(fd, "x", 1) == 1 ? 0 : 1);
	}
	CHECK(wait_blocked(pid, pid));
	char c = 0;
	int fd = CHECK_OK(syscall(SYS_openat, AT_FDCWD, "fifo", O_RDONLY, 0));
	CHECK_EQ(read(fd, &c, 1), 1);
	OBSERVE_STATUS("writer", wait_for(pid));
}

CASE(fifo_interrupted) {
	REQUIRE_OK(mkfifo("fifo", 0644));
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(syscall(SYS_openat, AT_FDCWD, "fifo", O_RDONLY, 0), EINTR);
	CHECK(interrupt_done(&it));
	CHECK_EQ(sig_count[SIGUSR1], 1);
}

CASE(special_files) {
	OBSERVE_OK("/dev/null", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0));
	OBSERVE_OK("/dev/null as a directory", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_DIRECTORY, 0));
	OBSERVE_OK("/dev/null, O_TRUNC", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_TRUNC, 0));
	OBSERVE_OK("/dev/null, O_CREAT", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CREAT, 0600));
	OBSERVE_OK("/dev/null, O_EXCL", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CREAT | O_EXCL, 0600));
	OBSERVE_OK("/dev/zero", syscall(SYS_openat, AT_FDCWD, "/dev/zero", O_RDWR, 0));
	OBSERVE_OK("/proc/self/missing", syscall(SYS_openat, AT_FDCWD, "/proc/self/missing", O_RDWR, 0));
	OBSERVE_OK("/proc, creating", syscall(SYS_openat, AT_FDCWD, "/proc/new", O_RDWR | O_CREAT, 0600));
	REQUIRE_OK(mknod("sock", S_IFSOCK | 0644, 0));
	OBSERVE_OK("socket", syscall(SYS_openat, AT_FDCWD, "sock", O_RDWR, 0));
	OBSERVE_OK("socket, O_PATH", syscall(SYS_openat, AT_FDCWD, "sock", O_PATH, 0));
}

CASE(device_without_a_driver, "root cap:27") {
	REQUIRE_OK(mknod("nodriver", S_IFCHR | 0644, makedev(240, 77)));
	OBSERVE_RET("open", syscall(SYS_openat, AT_FDCWD, "nodriver", O_RDONLY, 0));
	OBSERVE_OK("O_PATH", syscall(SYS_openat, AT_FDCWD, "nodriver", O_PATH, 0));
}

CASE(setgid_directory, "root") {
	put_dir("dir", 0755);
	REQUIRE_OK(chown("dir", 0, 1234));
	close(open_create("dir/plain"));
	REQUIRE_OK(chmod("dir", 02755));
	close(open_create("dir/inherits"));
	close(REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, "dir/x", O_CREAT | O_WRONLY, 02775)));
	OBSERVE("tree", "%s", tree_text("."));
}

// For a caller that isn't in the group, the set-group-id bit of an executable of that group is dropped.
CASE(setgid_bit_outside_the_group, "root") {
	put_dir("dir", 02777);
	REQUIRE_OK(chown("dir", 0, 1234));
	REQUIRE_OK(chmod("dir", 02777));
	IN_CHILD(NULL) {
		become_nobody();
		close(REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, "dir/a", O_CREAT | O_WRONLY, 02755)));
		close(REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, "dir/b", O_CREAT | O_WRONLY, 02644)));
	}
	OBSERVE("tree", "%s", tree_text("."));
}

CASE(permission_bits, "root") {
	for (int mode = 0; mode < 8; mode++)
		for (int who = 0; who < 3; who++) {
			char file[16];
			snprintf(file, sizeof file, "f%d-%d", who, mode);
			put_file(file, "x", mode << (6 - 3 * who));
			// Only one class counts: the owner's bits, if it is the owner, even where others may more.
			REQUIRE_OK(chown(file, who == 0 ? 65534 : 0, who == 1 ? 65534 : 0));
		}
	IN_CHILD(NULL) {
		become_nobody();
		for (int mode = 0; mode < 8; mode++)
			for (int who = 0; who < 3; who++)
				for (int acc = 0; acc < 4; acc++)
					OBSERVE_OK(name("%s %o, access %d", who == 0 ? "owner" : who == 1 ? "group" : "other", mode, acc),
						   syscall(SYS_openat, AT_FDCWD, name("f%d-%d", who, mode), acc, 0));
	}
}

CASE(only_one_class_counts, "root") {
	put_file("f", "x", 0077);
	put_file("g", "x", 0707);
	REQUIRE_OK(chown("f", 65534, 0));
	REQUIRE_OK(chown("g", 0, 65534));
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(open_rdonly("f"), EACCES);
		CHECK_ERR(open_rdonly("g"), EACCES);
	}
}

CASE(noatime_is_for_the_owner, "root") {
	put_file("f", "x", 0666);
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_openat, AT_FDCWD, "f", O_RDONLY | O_NOATIME, 0), EPERM);
	}
	CHECK_OK(syscall(SYS_openat, AT_FDCWD, "f", O_RDONLY | O_NOATIME, 0));
}

// fs.protected_regular and fs.protected_fifos differ between machines; opening without O_CREAT isn't touched by them.
CASE(sticky_directory, "root") {
	put_dir("tmp", 01777);
	put_file("tmp/f", "x", 0666);
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("for writing", syscall(SYS_openat, AT_FDCWD, "tmp/f", O_RDWR, 0));
		OBSERVE_OK("a new one", open_create("tmp/new"));
	}
	OBSERVE("tree", "%s", tree_text("."));
}

CASE(times) {
	put_dir("dir", 0755);
	put_file("dir/f", "content", 0644);
	struct stat dir = stat_of("dir"), f = stat_of("dir/f");
	next_stamp();
	close(open_create("dir/f"));
	OBSERVE("existing: dir", "%s", times_moved(&dir, "dir"));
	OBSERVE("existing: file", "%s", times_moved(&f, "dir/f"));
	close(open_trunc("dir/f"));
	OBSERVE("O_TRUNC: file", "%s", times_moved(&f, "dir/f"));
	close(open_create("dir/new"));
	OBSERVE("new: dir", "%s", times_moved(&dir, "dir"));
	struct stat st = stat_of("dir/new");
	CHECK(ts_cmp(st.st_mtim, st.st_ctim) == 0);
}

CASE(truncating_an_empty_file) {
	put_file("f", "", 0644);
	struct stat f = stat_of("f");
	next_stamp();
	close(open_trunc("f"));
	OBSERVE("times", "%s", times_moved(&f, "f"));
}

CASE(tmpfile, "fs:o_tmpfile") {
	put_file("file", "", 0644);
	OBSERVE_RET("O_RDONLY", syscall(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDONLY, 0600));
	OBSERVE_RET("on a file", syscall(SYS_openat, AT_FDCWD, "file", O_TMPFILE | O_RDWR, 0600));
	OBSERVE_RET("on nothing", syscall(SYS_openat, AT_FDCWD, "missing", O_TMPFILE | O_RDWR, 0600));
	OBSERVE_RET("O_CREAT", syscall(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
	OBSERVE_RET("__O_TMPFILE without O_DIRECTORY", syscall(SYS_openat, AT_FDCWD, ".", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600));
	int fd = REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0666));
	struct stat st;
	REQUIRE_OK(fstat(fd, &st));
	OBSERVE("mode", "%o", st.st_mode);
	OBSERVE("links", "%d", (int)st.st_nlink);
	OBSERVE("flags", "%#o", fcntl(fd, F_GETFL));
	OBSERVE("tree", "%s", tree_text("."));
	CHECK_EQ(write(fd, "hello", 5), 5);
	OBSERVE_RET("given a name", linkat(AT_FDCWD, name("/proc/self/fd/%d", fd), AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	OBSERVE("content", "%s", read_file("named"));
	int excl = REQUIRE_OK(syscall(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR | O_EXCL, 0666));
	OBSERVE_RET("O_EXCL keeps it nameless", linkat(AT_FDCWD, name("/proc/self/fd/%d", excl), AT_FDCWD, "excl", AT_SYMLINK_FOLLOW));
}

CASE(unlinked_file_lives_on) {
	int fd = make_file("file", "content");
	char buf[8] = "";
	REQUIRE_OK(unlink("file"));
	CHECK_EQ(read(fd, buf, 7), 7);
	CHECK_STR(buf, "content");
	struct stat st;
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_nlink, 0);
	int again = OBSERVE_OK("again through /proc", open(name("/proc/self/fd/%d", fd), O_RDWR));
	OBSERVE_RET("append", pwrite(again, "!", 1, 7));
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 8);
}

CASE(relative_to_a_moved_directory) {
	put_dir("a", 0755);
	put_file("a/f", "x", 0644);
	int fd = REQUIRE_OK(open("a", O_PATH));
	REQUIRE_OK(rename("a", "b"));
	CHECK_OK(open_at(fd, "f"));
	CHECK_OK(open_at(fd, "../b/f"));
	CHECK_ERR(open_at(fd, "../a/f"), ENOENT);
}

// Reads through O_NOATIME leave the time of access alone; others move it once.
CASE(noatime) {
	struct timespec old[2] = {{1000000000, 1}, {1000000000, 2}};
	char b[4096];
	put_file("f", "data", 0644);
	put_dir("d", 0755);
	put_file("d/x", "", 0644);
	REQUIRE_OK(symlink("f", "l"));
	for (int quiet = 1; quiet >= 0; quiet--) {
		static const char *const names[] = {"f", "d"};
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			REQUIRE_OK(utimensat(AT_FDCWD, names[i], old, 0));
			int fd = REQUIRE_OK(open(names[i], O_RDONLY | O_CLOEXEC | (quiet ? O_NOATIME : 0)));
			long n = i ? syscall(SYS_getdents64, fd, b, sizeof b) : read(fd, b, sizeof b);
			CHECK(n > 0);
			close(fd);
			OBSERVE(name("%s, quiet %d: moved", names[i], quiet), "%d", stat_of(names[i]).st_atim.tv_sec != 1000000000);
		}
	}
	struct stat st;
	REQUIRE_OK(utimensat(AT_FDCWD, "l", old, AT_SYMLINK_NOFOLLOW));
	REQUIRE(readlink("l", b, sizeof b) == 1);
	REQUIRE_OK(lstat("l", &st));
	OBSERVE("link, read: moved", "%d", st.st_atim.tv_sec != 1000000000);
	REQUIRE_OK(utimensat(AT_FDCWD, "l", old, AT_SYMLINK_NOFOLLOW));
	REQUIRE_OK(access("l", R_OK));
	REQUIRE_OK(lstat("l", &st));
	OBSERVE("link, followed: moved", "%d", st.st_atim.tv_sec != 1000000000);
	int fd = REQUIRE_OK(open("f", O_RDONLY | O_CLOEXEC));
	REQUIRE_OK(utimensat(AT_FDCWD, "f", old, 0));
	REQUIRE_OK(fcntl(fd, F_SETFL, O_NOATIME));
	REQUIRE(read(fd, b, sizeof b) == 4);
	OBSERVE("flag set later: moved", "%d", stat_of("f").st_atim.tv_sec != 1000000000);
}

// fs.protected_regular and fs.protected_fifos are the machine's, in a container too: O_CREAT opens what is there of someone
// else's only as they allow.
static int setting(const char *which) {
	int fd = REQUIRE_OK(open(name("/proc/sys/fs/protected_%s", which), O_RDONLY));
	char text[8] = "";
	REQUIRE(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	return atoi(text);
}

CASE(creating_what_is_there_in_sticky_directories, "root") {
	static const mode_t modes[] = {01777, 01775, 01755, 0777};
	int regular = setting("regular"), fifos = setting("fifos");
	OBSERVE("settings", "%d %d %d %d", regular, fifos, setting("symlinks"), setting("hardlinks"));
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		char dir[8];
		snprintf(dir, sizeof dir, "%o", modes[i]);
		put_dir(dir, 0777);
		put_file(name("%s/others", dir), "x", 0666);
		put_file(name("%s/owners", dir), "x", 0666);
		put_file(name("%s/mine", dir), "x", 0666);
		REQUIRE_OK(mkfifo(name("%s/fifo", dir), 0666));
		REQUIRE_OK(chmod(name("%s/fifo", dir), 0666));
		REQUIRE_OK(symlink("others", name("%s/link", dir)));
		REQUIRE_OK(chown(name("%s/others", dir), 1, 1));
		REQUIRE_OK(chown(name("%s/fifo", dir), 1, 1));
		REQUIRE_OK(lchown(name("%s/link", dir), 1, 1));
		REQUIRE_OK(chown(name("%s/mine", dir), 65534, 65534));
		REQUIRE_OK(chmod(dir, modes[i]));
		IN_CHILD(NULL) {
			become_nobody();
			int level = modes[i] == 01777 ? 1 : modes[i] == 01775 ? 2 : 3;
			static const char *const names[] = {"others", "owners", "mine", "fifo"};
			for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
				const char *path = name("%s/%s", dir, names[k]);
				long r = OBSERVE_OK(path, syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_NONBLOCK, 0600));
				bool refused = k == 0 ? regular >= level : k == 3 ? fifos >= level : false;
				CHECK_EQ(r < 0, refused);
				CHECK_OK(syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_NONBLOCK, 0));
			}
			OBSERVE_OK(name("%s/link", dir), syscall(SYS_openat, AT_FDCWD, name("%s/link", dir), O_RDWR, 0));
		}
	}
}

// Nothing is looked up where a directory was, whatever the name.
CASE(names_in_a_removed_directory) {
	put_dir("d", 0755);
	int fd = REQUIRE_OK(open("d", O_RDONLY));
	REQUIRE_OK(rmdir("d"));
	OBSERVE_RET("short", syscall(SYS_openat, fd, "x", O_RDONLY));
	OBSERVE_RET("short, to make", syscall(SYS_openat, fd, "x", O_CREAT | O_RDWR, 0600));
	OBSERVE_RET("long", syscall(SYS_openat, fd, repeat("n", 256, ""), O_RDONLY));
	OBSERVE_RET("long, to make", syscall(SYS_openat, fd, repeat("n", 256, ""), O_CREAT | O_RDWR, 0600));
	OBSERVE_RET("long, and more", syscall(SYS_openat, fd, repeat("n", 256, "/x"), O_RDONLY));
}
