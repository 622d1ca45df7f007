// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchmod: chmod of an open file, whatever it was opened for
#include "../harness/modes.h"
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/socket.h>

static long call(const char *path, unsigned long mode) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	long r = syscall(SYS_fchmod, fd, mode);
	int err = errno;
	close(fd);
	errno = err;
	return r;
}
static long on_path(const char *path) { return call(path, 0710); }

CASE(walk) { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(modes) { observe_chmod_modes(call); }
CASE(rights, "root") { observe_chmod_rights(call); }
CASE(times) { observe_chmod_times(call); }

CASE(descriptors) {
	int p[2];
	put_file("f", "", 0644);
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", syscall(SYS_fchmod, -1, 0600));
	OBSERVE_RET("99", syscall(SYS_fchmod, 99, 0600));
	OBSERVE_RET("AT_FDCWD", syscall(SYS_fchmod, AT_FDCWD, 0600));
	OBSERVE_RET("O_PATH", syscall(SYS_fchmod, open("f", O_PATH), 0600));
	OBSERVE_RET("O_WRONLY", syscall(SYS_fchmod, open("f", O_WRONLY), 0600));
	OBSERVE_RET("pipe", syscall(SYS_fchmod, p[0], 0640));
	struct stat st;
	REQUIRE_OK(fstat(p[1], &st));
	OBSERVE("pipe's other end", "%o", st.st_mode);
}

CASE(unlinked) {
	int fd = make_file("f", "");
	struct stat st;
	REQUIRE_OK(unlink("f"));
	CHECK_OK(syscall(SYS_fchmod, fd, 0600));
	REQUIRE_OK(fstat(fd, &st));
	OBSERVE("mode", "%o", st.st_mode);
}

// The inode that eventfd and its kin share can't be changed.
CASE(shared_inode, "kernel>=6.16") {
	int fd = REQUIRE_OK(syscall(SYS_eventfd2, 0, EFD_CLOEXEC));
	OBSERVE_RET("fchmod", syscall(SYS_fchmod, fd, 0600));
	OBSERVE_RET("fchown", syscall(SYS_fchown, fd, 0, -1));
	OBSERVE_RET("futimens", syscall(SYS_utimensat, fd, NULL, NULL, 0));
	OBSERVE_RET("ftruncate", syscall(SYS_ftruncate, fd, 0));
}

// Nobody changes what eventfd and its kin share, nor a process's descriptor, whoever asks.
CASE(anonymous_files_can_not_be_changed, "root") {
	int event = eventfd(0, 0), pid = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(pid);
	OBSERVE_RET("eventfd", fchmod(event, 0600));
	OBSERVE_RET("pidfd", fchmod(pid, 0600));
	IN_CHILD(NULL) {
		REQUIRE_OK(setresuid(1000, 1000, 1000));
		OBSERVE_RET("eventfd by another", fchmod(event, 0600));
		OBSERVE_RET("pidfd by another", fchmod(pid, 0600));
	}
}

// A socket belongs to the file-system ids that it was made with.
CASE(sockets_of_file_system_ids, "root") {
	static const int families[] = {AF_UNIX, AF_INET};
	for (int i = 0; i < 2; i++)
		IN_CHILD(NULL) {
			setfsgid(2000);
			setfsuid(1000);
			int fd = REQUIRE_OK(socket(families[i], SOCK_STREAM, 0)), pair[2];
			struct stat st;
			REQUIRE_OK(fstat(fd, &st));
			OBSERVE(name("family %d", families[i]), "%d %d", st.st_uid, st.st_gid);
			OBSERVE_RET(name("family %d: change", families[i]), syscall(SYS_fchmod, fd, 0600));
			REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
			OBSERVE_RET(name("%d: one of a pair", i), syscall(SYS_fchmod, pair[i], 0600));
			setfsuid(1001);
			OBSERVE_RET(name("family %d: another's", families[i]), syscall(SYS_fchmod, fd, 0644));
		}
}
