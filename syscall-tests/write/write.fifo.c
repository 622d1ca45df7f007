// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// write: what is written to a FIFO moves its inode's times, and what is spliced does not
#include "../harness/rw.h"
#include "../harness/mounts.h"
#include <sys/sendfile.h>
#include <sys/uio.h>

static const struct timespec old[2] = {{1000000000, 111}, {1000000001, 222}};

// The FIFO's times are old ones, and the clock that files go by has ticked since its ctime.
static void make_old(const char *fifo, struct stat *was) {
	struct timespec now;
	REQUIRE_OK(utimensat(AT_FDCWD, fifo, old, 0));
	REQUIRE_OK(stat(fifo, was));
	do
		REQUIRE_OK(clock_gettime(CLOCK_REALTIME_COARSE, &now));
	while (now.tv_sec < was->st_ctim.tv_sec || (now.tv_sec == was->st_ctim.tv_sec && now.tv_nsec <= was->st_ctim.tv_nsec));
}

static bool same(struct timespec a, struct timespec b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

static void observe_times(const char *what, const char *fifo, const struct stat *was, long ret) {
	struct stat s;
	REQUIRE_OK(stat(fifo, &s));
	OBSERVE(what, "%ld: atime %s, mtime %s, ctime %s", ret, same(s.st_atim, was->st_atim) ? "stays" : "moves",
		same(s.st_mtim, was->st_mtim) ? "stays" : "moves", same(s.st_ctim, was->st_ctim) ? "stays" : "moves");
}

#define TIMES(what, call)                                                                                             \
	do {                                                                                                          \
		struct stat was_;                                                                                     \
		make_old("fifo", &was_);                                                                              \
		long ret_ = (call);                                                                                   \
		observe_times(what, "fifo", &was_, ret_ < 0 ? -(long)errno : ret_);                                   \
	} while (0)

static void observe_all(void) {
	char buf[16] = "0123456789";
	struct iovec v[2] = {{buf, 2}, {buf, 3}};
	int p[2], file = make_file("file", "0123456789");
	off_t from = 0;
	loff_t at = 0;
	REQUIRE_OK(mkfifo("fifo", 0644));
	REQUIRE_OK(pipe2(p, O_NONBLOCK));
	int fd = REQUIRE_OK(open("fifo", O_RDWR | O_NONBLOCK));
	TIMES("read of an empty one", read(fd, buf, 5));
	TIMES("write of nothing", write(fd, buf, 0));
	TIMES("write", write(fd, buf, 5));
	TIMES("writev", writev(fd, v, 2));
	TIMES("read of nothing", read(fd, buf, 0));
	TIMES("read", read(fd, buf, 1));
	TIMES("readv", readv(fd, v, 2));
	TIMES("write of a bad pointer", write(fd, bad_ptr(), 5));
	TIMES("sendfile", sendfile(fd, file, &from, 5));
	TIMES("splice from a file", splice(file, &at, fd, NULL, 5, SPLICE_F_NONBLOCK));
	at = 20;
	TIMES("splice to a file", splice(fd, NULL, file, &at, 5, SPLICE_F_NONBLOCK));
	TIMES("vmsplice", vmsplice(fd, v, 1, SPLICE_F_NONBLOCK));
	TIMES("tee from it", tee(fd, p[1], 1, SPLICE_F_NONBLOCK));
	TIMES("tee to it", tee(p[0], fd, 1, SPLICE_F_NONBLOCK));
	TIMES("splice to a pipe", splice(fd, NULL, p[1], NULL, 1, SPLICE_F_NONBLOCK));
	TIMES("splice from a pipe", splice(p[0], NULL, fd, NULL, 1, SPLICE_F_NONBLOCK));
	while (write(fd, buf, sizeof buf) > 0)
		;
	TIMES("write to a full one", write(fd, buf, 5));
}

CASE(times_of_a_fifo, "root cap:21") {
	own_mounts();
	observe_all();
}

// One that was opened before its mount became read-only, and after.
CASE(times_of_a_fifo_on_a_read_only_mount, "root cap:21") {
	char buf[16] = "0123456789";
	own_mounts();
	REQUIRE_OK(mkdir("m", 0755));
	REQUIRE_OK(mkfifo("fifo", 0644));
	REQUIRE_OK(mount(".", "m", NULL, MS_BIND, NULL));
	int before = REQUIRE_OK(open("m/fifo", O_RDWR | O_NONBLOCK));
	REQUIRE_OK(mount(NULL, "m", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
	int after = REQUIRE_OK(open("m/fifo", O_RDWR | O_NONBLOCK)), there = REQUIRE_OK(open("fifo", O_RDWR | O_NONBLOCK));
	TIMES("opened before, write", write(before, buf, 5));
	TIMES("opened before, read", read(before, buf, 5));
	TIMES("opened after, write", write(after, buf, 5));
	TIMES("opened after, read", read(after, buf, 5));
	TIMES("on another mount, write", write(there, buf, 5));
	TIMES("on another mount, read", read(there, buf, 5));
}

// On an overlay only the time of access moves, of a file in the upper layer.
CASE(times_of_a_fifo_on_an_overlay, "root cap:21") {
	own_mounts();
	REQUIRE_OK(mkdir("lower", 0755));
	REQUIRE_OK(mkdir("upper", 0755));
	REQUIRE_OK(mkdir("work", 0755));
	REQUIRE_OK(mkdir("m", 0755));
	REQUIRE_OK(mount("x", "m", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"));
	REQUIRE_OK(chdir("m"));
	observe_all();
}

// A pipe without a name has times that stay.
CASE(times_of_a_pipe) {
	int p[2];
	char b;
	struct stat was, s;
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(futimens(p[0], old));
	REQUIRE_OK(fstat(p[0], &was));
	REQUIRE_OK(write(p[1], "x", 1));
	REQUIRE_OK(read(p[0], &b, 1));
	REQUIRE_OK(fstat(p[0], &s));
	OBSERVE("atime", "%s", same(s.st_atim, was.st_atim) ? "stays" : "moves");
	OBSERVE("mtime", "%s", same(s.st_mtim, was.st_mtim) ? "stays" : "moves");
}

// Nothing that is appended moves no position.
CASE(nothing_appended) {
	int fd = make_file("file", "0123456789");
	REQUIRE_OK(fcntl(fd, F_SETFL, O_APPEND));
	REQUIRE_OK(lseek(fd, 3, SEEK_SET));
	OBSERVE_RET("write", write(fd, "", 0));
	OBSERVE_RET("position", lseek(fd, 0, SEEK_CUR));
	OBSERVE_RET("write of more", write(fd, "ab", 2));
	OBSERVE_RET("position after it", lseek(fd, 0, SEEK_CUR));
}

// Neither does what can't be appended.
CASE(append_that_fails, "root cap:21") {
	own_mounts();
	int fd = make_file("file", "0123456789");
	REQUIRE_OK(ftruncate(fd, LLONG_MAX));
	REQUIRE_OK(fcntl(fd, F_SETFL, O_APPEND));
	REQUIRE_OK(lseek(fd, 3, SEEK_SET));
	OBSERVE_RET("write", write(fd, "ab", 2));
	OBSERVE_RET("position", lseek(fd, 0, SEEK_CUR));
}
