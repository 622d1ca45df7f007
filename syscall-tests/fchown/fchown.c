// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fchown: chown of an open file
#include "../harness/modes.h"
#include "../harness/capabilities.h"

#include <sys/eventfd.h>

static long call(const char *path, long uid, long gid) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	long r = syscall(SYS_fchown, fd, uid, gid);
	int err = errno;
	close(fd);
	errno = err;
	return r;
}
static long on_path(const char *path) { return call(path, 11, 12); }

CASE(walk, "root") { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(ids, "root") { observe_chown_ids(call); }
CASE(setid_bits, "root") { observe_chown_setid(call); }
CASE(rights, "root") { observe_chown_rights(call); }
CASE(times) { observe_chown_times(call); }

CASE(descriptors) {
	int p[2];
	put_file("f", "", 0644);
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("-1", syscall(SYS_fchown, -1, -1, -1));
	OBSERVE_RET("99", syscall(SYS_fchown, 99, -1, -1));
	OBSERVE_RET("AT_FDCWD", syscall(SYS_fchown, AT_FDCWD, -1, -1));
	OBSERVE_RET("O_PATH", syscall(SYS_fchown, open("f", O_PATH), -1, -1));
	OBSERVE_RET("O_WRONLY", syscall(SYS_fchown, open("f", O_WRONLY), -1, -1));
	OBSERVE_RET("pipe", syscall(SYS_fchown, p[0], -1, -1));
}

// Nobody changes what eventfd and its kin share, nor a process's descriptor, whoever asks.
CASE(anonymous_files_can_not_be_changed, "root") {
	int event = eventfd(0, 0), pid = syscall(SYS_pidfd_open, getpid(), 0);
	REQUIRE_OK(pid);
	OBSERVE_RET("eventfd", fchown(event, 0, 0));
	OBSERVE_RET("pidfd", fchown(pid, 0, 0));
	IN_CHILD(NULL) {
		REQUIRE_OK(setresuid(1000, 1000, 1000));
		OBSERVE_RET("eventfd by another", fchown(event, 0, 0));
		OBSERVE_RET("pidfd by another", fchown(pid, 0, 0));
	}
}

// Nothing changes but the bits, which who does not own the file may not take away.
CASE(neither_by_others, "root") {
	static const int modes[] = {0644, 04755, 02755, 02644, 06711, 01644};
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		for (int cap = 0; cap < 2; cap++) {
			put_file("f", "x", 0644);
			REQUIRE_OK(chmod("f", modes[i]));
			int fd = REQUIRE_OK(open("f", O_RDONLY));
			IN_CHILD(NULL) {
				if (cap)
					become_user_with(0);
				else
					become_nobody();
				OBSERVE_RET(name("mode %o, capable of chown %d", modes[i], cap), fchown(fd, -1, -1));
			}
			struct stat st;
			REQUIRE_OK(fstat(fd, &st));
			OBSERVE(name("mode %o, capable of chown %d, then", modes[i], cap), "%o", st.st_mode & 07777);
			REQUIRE_OK(unlink("f"));
			close(fd);
		}
}
