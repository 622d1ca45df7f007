// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: which flags of the raw call work on a file, a directory and a missing name, and which files refuse to be opened at all?
#include "../harness/mounts.h"

static long open_with(const char *path, unsigned long flags) { return syscall(SYS_open, path, flags, 0600); }

// O_DIRECT's support is the file system's business.
static long file_bits(unsigned long f) { return f & O_DIRECT ? 0 : open_with("file", f); }
static long dir_bits(unsigned long f) { return f & O_DIRECT ? 0 : open_with("dir", f); }
static long missing_bits(unsigned long f) { return f & O_DIRECT ? 0 : open_with("missing", f | O_CREAT); }
CASE(each_flag_on_a_file) { observe_flag_bits(file_bits, 32); }
CASE(each_flag_on_a_directory) { observe_flag_bits(dir_bits, 32); }
CASE(each_flag_when_creating) { observe_flag_bits(missing_bits, 32); }

CASE(flags_kept) {
	static const int flags[] = {0, O_WRONLY, O_RDWR, 3, O_APPEND, O_NONBLOCK, O_CLOEXEC, O_SYNC, O_DSYNC, O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_ASYNC,
				    O_PATH, O_PATH | O_RDWR | O_APPEND, O_CREAT, O_TRUNC, O_RDWR | O_APPEND | O_NONBLOCK | O_SYNC | O_ASYNC};
	put_file("file", "content", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		int fd = open_with("file", flags[i]);
		OBSERVE(name("getfl %#o", flags[i]), "%#o", fd < 0 ? -errno : fcntl(fd, F_GETFL));
		OBSERVE(name("getfd %#o", flags[i]), "%#o", fd < 0 ? -errno : fcntl(fd, F_GETFD));
		close(fd);
	}
}

CASE(flags_kept_of_a_new_file) {
	static const int flags[] = {O_CREAT, O_CREAT | O_EXCL, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, O_CREAT | O_EXCL | O_TRUNC | O_WRONLY | O_NONBLOCK, O_TMPFILE | O_RDWR,
				    O_TMPFILE | O_WRONLY | O_EXCL | O_NOFOLLOW};
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		int fd = open_with((flags[i] & O_TMPFILE) == O_TMPFILE ? "." : name("new%zu", i), flags[i]);
		OBSERVE(name("getfl %#o", flags[i]), "%#o", fd < 0 ? -errno : fcntl(fd, F_GETFL));
	}
}

CASE(direct_where_there_is_none) {
	OBSERVE_OK("/dev/null", open_with("/dev/null", O_RDONLY | O_DIRECT));
	OBSERVE_OK("/proc", open_with("/proc/self/status", O_RDONLY | O_DIRECT));
	OBSERVE_OK("a directory of /proc", open_with("/proc/self", O_RDONLY | O_DIRECT));
	OBSERVE_OK("O_PATH", open_with("/proc/self/status", O_PATH | O_DIRECT));
}

CASE(direct_of_what_has_no_pages) {
	int p[2];
	REQUIRE_OK(mkfifo("fifo", 0600));
	REQUIRE_OK(open("fifo", O_RDWR));
	REQUIRE_OK(pipe(p));
	OBSERVE_OK("directory", open_with(".", O_RDONLY | O_DIRECT));
	OBSERVE_OK("named pipe", open_with("fifo", O_RDONLY | O_DIRECT));
	OBSERVE_RET("pipe, later", fcntl(p[1], F_SETFL, O_DIRECT));
	OBSERVE_RET("named pipe, later", fcntl(open("fifo", O_RDWR), F_SETFL, O_DIRECT));
	OBSERVE_RET("/proc, later", fcntl(open("/proc/self/status", O_RDONLY), F_SETFL, O_DIRECT));
	OBSERVE_RET("/dev/null, later", fcntl(open("/dev/null", O_RDONLY), F_SETFL, O_DIRECT));
	OBSERVE_RET("directory, later", fcntl(open(".", O_RDONLY), F_SETFL, O_DIRECT));
}

CASE(direct, "fs:o_direct") {
	put_file("file", "content", 0644);
	int fd = REQUIRE_OK(open_with("file", O_RDWR | O_DIRECT));
	OBSERVE("flags", "%#o", fcntl(fd, F_GETFL));
}

CASE(nameless_where_there_are_none) {
	OBSERVE_OK("/proc", open_with("/proc", O_RDWR | O_TMPFILE));
	OBSERVE_OK("/proc by openat", syscall(SYS_openat, AT_FDCWD, "/proc", O_RDWR | O_TMPFILE, 0600));
	OBSERVE_OK("to read", open_with(".", O_RDONLY | O_TMPFILE));
	OBSERVE_OK("a file", open_with("/proc/self/status", O_RDWR | O_TMPFILE));
}

// A lease is broken, but nobody waits for that who does not want to.
CASE(leased) {
	put_file("file", "content", 0644);
	signal(SIGIO, SIG_IGN);
	int fd = REQUIRE_OK(open("file", O_RDONLY));
	REQUIRE_OK(fcntl(fd, F_SETLEASE, F_RDLCK));
	OBSERVE_OK("to read", open_with("file", O_RDONLY | O_NONBLOCK));
	OBSERVE_OK("to write", open_with("file", O_WRONLY | O_NONBLOCK));
	OBSERVE_OK("to truncate", open_with("file", O_WRONLY | O_TRUNC | O_NONBLOCK));
	CHECK_EQ(fcntl(fd, F_GETLEASE), F_UNLCK); // what it is about to be
	REQUIRE_OK(fcntl(fd, F_SETLEASE, F_UNLCK));
	OBSERVE_OK("to write then", open_with("file", O_WRONLY | O_NONBLOCK));
}

CASE(programs_that_run) {
	IN_CHILD(NULL) {
		REQUIRE_OK(system("cp /bin/sleep program") == 0 ? 0 : -1);
		int p[2];
		REQUIRE_OK(pipe2(p, O_CLOEXEC));
		pid_t c = harness_fork();
		if (c == 0) {
			execl("./program", "program", "1000", NULL);
			_exit(1);
		}
		char b;
		close(p[1]);
		CHECK_EQ(read(p[0], &b, 1), 0); // exec has closed the other end
		OBSERVE_OK("to read", open_with("program", O_RDONLY));
		OBSERVE_OK("to write", open_with("program", O_WRONLY));
		OBSERVE_OK("both", open_with("program", O_RDWR));
		OBSERVE_OK("to truncate", open_with("program", O_RDONLY | O_TRUNC));
		OBSERVE_OK("creat", syscall(SYS_creat, "program", 0600));
		OBSERVE_OK("truncate", syscall(SYS_truncate, "program", 1L));
		kill(c, SIGKILL);
		wait_for(c);
		OBSERVE_OK("to write then", open_with("program", O_WRONLY));
	}
}

// Special files without anything behind them.
CASE(no_such_device, "root cap:21") {
	static const struct {
		int type, major, minor;
	} devs[] = {{S_IFCHR, 10, 250}, {S_IFCHR, 240, 7}, {S_IFCHR, 1, 77}, {S_IFCHR, 500, 1}, {S_IFCHR, 0, 0}, {S_IFCHR, 1, 3}, {S_IFCHR, 1, 5}, {S_IFSOCK, 0, 0}};
	IN_CHILD(NULL) {
		own_mounts();
		for (size_t i = 0; i < ARRAY_SIZE(devs); i++) {
			const char *f = strdup(name("%c%d,%d", type_letter(devs[i].type), devs[i].major, devs[i].minor));
			REQUIRE_OK(mknod(f, devs[i].type | 0666, makedev(devs[i].major, devs[i].minor)));
			OBSERVE_OK(f, open_with(f, O_RDWR));
			OBSERVE_OK(name("%s by openat", f), syscall(SYS_openat, AT_FDCWD, f, O_RDWR, 0));
			OBSERVE_OK(name("%s by creat", f), syscall(SYS_creat, f, 0600));
		}
	}
}
