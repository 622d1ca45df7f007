// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// umask: returns the old mask, keeps nine bits of the new one, belongs to the process, and applies to all that creates.
#include "../harness/harness.h"

#include <sys/socket.h>
#include <sys/un.h>

CASE(returns_the_old_one) {
	CHECK_EQ(syscall(SYS_umask, 0), 022);
	CHECK_EQ(syscall(SYS_umask, 0123), 0);
	CHECK_EQ(syscall(SYS_umask, 022), 0123);
}

CASE(keeps_nine_bits) {
	static const long masks[] = {0777, 01777, 07777, 0xffffffff, -1, 0x100000022, 0170000, 0200};
	for (unsigned i = 0; i < sizeof masks / sizeof masks[0]; i++) {
		syscall(SYS_umask, masks[i]);
		long kept = syscall(SYS_umask, 0);
		CHECK_EQ(kept, masks[i] & 0777);
		OBSERVE(name("%#lx", masks[i]), "%#lo", kept);
	}
}

static unsigned mode_of(const char *path) {
	struct stat st;
	REQUIRE_OK(lstat(path, &st));
	return st.st_mode;
}

CASE(applies_to_all_that_creates) {
	static const int masks[] = {0, 022, 027, 077, 0777, 0111};
	for (unsigned i = 0; i < sizeof masks / sizeof masks[0]; i++) {
		int m = masks[i];
		syscall(SYS_umask, m);
		int fd = (int)REQUIRE_OK(open("file", O_CREAT | O_WRONLY, 06777));
		close(fd);
		REQUIRE_OK(mkdir("dir", 01777));
		REQUIRE_OK(mknod("fifo", S_IFIFO | 0666, 0));
		REQUIRE_OK(symlink("x", "link"));
		struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
		fd = (int)REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
		long bound = OBSERVE_RET(name("bind with %#o", m), bind(fd, (void *)&a, sizeof a));
		close(fd);
		OBSERVE(name("file with %#o", m), "%#o", mode_of("file"));
		OBSERVE(name("dir with %#o", m), "%#o", mode_of("dir"));
		OBSERVE(name("fifo with %#o", m), "%#o", mode_of("fifo"));
		OBSERVE(name("link with %#o", m), "%#o", mode_of("link"));
		if (bound == 0) {
			OBSERVE(name("socket with %#o", m), "%#o", mode_of("sock"));
			unlink("sock");
		}
		unlink("file");
		unlink("fifo");
		unlink("link");
		rmdir("dir");
	}
}

CASE(does_not_apply_to_chmod) {
	close(make_file("f", ""));
	syscall(SYS_umask, 0777);
	CHECK_OK(chmod("f", 0666));
	CHECK_EQ(mode_of("f") & 07777, 0666);
}

static void *set(void *arg) {
	syscall(SYS_umask, (long)arg);
	return NULL;
}

CASE(threads_share_it) {
	thread_join(thread_start(set, (void *)031L));
	CHECK_EQ(syscall(SYS_umask, 0), 031);
}

CASE(child_has_a_copy) {
	syscall(SYS_umask, 031);
	IN_CHILD(NULL) {
		CHECK_EQ(syscall(SYS_umask, 0), 031);
	}
	CHECK_EQ(syscall(SYS_umask, 0), 031);
}

CASE(clone_fs_shares_it) {
	syscall(SYS_umask, 031);
	pid_t pid = (pid_t)REQUIRE_OK(syscall(SYS_clone, 0x200 /* CLONE_FS */ | SIGCHLD, 0, 0, 0, 0));
	if (pid == 0) {
		syscall(SYS_umask, 045);
		_exit(0);
	}
	CHECK_EQ(wait_for(pid), 0);
	CHECK_EQ(syscall(SYS_umask, 0), 045);
}

CASE(exec_keeps_it) {
	int st;
	syscall(SYS_umask, 035);
	IN_CHILD(&st) {
		execl("/bin/sh", "sh", "-c", "test \"$(umask)\" = 0035", NULL);
		_exit(127);
	}
	OBSERVE_STATUS("sh", st);
}

CASE(in_proc) {
	syscall(SYS_umask, 053);
	const char *status = read_file("/proc/self/status");
	const char *line = status ? strstr(status, "Umask:\t") : NULL;
	OBSERVE("Umask", "%.4s", line ? line + 7 : "none");
}
