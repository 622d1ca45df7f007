// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// linkat: under whose credentials must a descriptor have been opened that AT_EMPTY_PATH lets a walk end at?
#include "../harness/files.h"
#include "../harness/creds.h"

#include <grp.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

static void name_it(const char *what, int fd, const char *path) {
	OBSERVE_RET(what, syscall(SYS_linkat, fd, path, AT_FDCWD, "new", AT_EMPTY_PATH));
	unlink("new");
}

static void as_user(void) {
	REQUIRE_OK(chmod(".", 0777));
	REQUIRE_OK(setgroups(0, NULL));
	REQUIRE_OK(setresgid(1000, 1000, 1000));
	REQUIRE_OK(setresuid(1000, 1000, 1000));
}

static int mine(void) { return REQUIRE_OK(open("mine", O_RDWR | O_CREAT, 0600)); }

// What changes nothing, but makes credentials anew, counts as a change.
CASE(own_files, "root") {
	IN_CHILD(NULL) {
		as_user();
		name_it("just opened", mine(), "");
		int fd = mine();
		REQUIRE_OK(setresuid(1000, 1000, 1000));
		name_it("setresuid to the same", fd, "");
		REQUIRE_OK(setresgid(-1, -1, -1));
		name_it("setresgid to the same", fd, "");
		REQUIRE_OK(setfsuid(1000));
		name_it("setfsuid to the same", fd, "");
		fd = mine();
		REQUIRE_OK(setuid(1000));
		name_it("setuid to the same", fd, "");
		fd = mine();
		REQUIRE_OK(setreuid(-1, -1));
		name_it("setreuid to the same", fd, "");
		fd = mine();
		REQUIRE_OK(setregid(1000, 1000));
		name_it("setregid to the same", fd, "");
		fd = mine();
		IN_CHILD(NULL) {
			name_it("the parent's", fd, "");
			name_it("the child's own", mine(), "");
		}
		name_it("after the fork", fd, "");
	}
}

CASE(order_of_refusals, "root") {
	put_file("file", "", 0666);
	put_dir("dir", 0777);
	int file = REQUIRE_OK(open("file", O_RDWR)), dir = REQUIRE_OK(open("dir", O_RDONLY)), nameless = REQUIRE_OK(inotify_init1(0));
	IN_CHILD(NULL) {
		as_user();
		static const char *const paths[] = {"", "a", "a/b", "/nowhere"};
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			name_it(name("file, '%s'", paths[i]), file, paths[i]);
			name_it(name("directory, '%s'", paths[i]), dir, paths[i]);
			name_it(name("inotify, '%s'", paths[i]), nameless, paths[i]);
			name_it(name("none, '%s'", paths[i]), 99, paths[i]);
			name_it(name("own, '%s'", paths[i]), mine(), paths[i]);
			name_it(name("own inotify, '%s'", paths[i]), REQUIRE_OK(inotify_init1(0)), paths[i]);
			OBSERVE_RET(name("file, no flag, '%s'", paths[i]), syscall(SYS_linkat, file, paths[i], AT_FDCWD, "new", 0));
		}
	}
}

// A thread has the credentials of the one that made it, unless that has a keyring of its own.
static void *link_it(void *arg) {
	return (void *)(syscall(SYS_linkat, *(int *)arg, "", AT_FDCWD, "of-a-thread", AT_EMPTY_PATH) < 0 ? (long)errno : 0);
}

CASE(by_a_thread_with_keyrings, "root kernel>=6.10") {
	static const int rings[] = {0, -3, -2, -1}; // none, the session's, the process's, the thread's
	REQUIRE_OK(chmod(".", 0777));
	for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
		IN_CHILD(NULL) {
			become_nobody();
			if (rings[i])
				CHECK_OK(syscall(SYS_keyctl, 0, rings[i], 1));
			int fd = REQUIRE_OK(open(name("f%zu", i), O_CREAT | O_RDWR, 0666));
			long err = (long)thread_join(thread_start(link_it, &fd));
			OBSERVE(name("keyring %d", rings[i]), "%s", err ? errno_name(err) : "linked");
			unlink("of-a-thread");
		}
	}
}

// Beneath what is no directory and another process opened, without the right to search everywhere.
CASE(beneath_what_another_opened, "root") {
	struct { const char *name; int fd; } files[] = {
		{"pidfd", REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0))},
		{"namespace", REQUIRE_OK(open("/proc/self/ns/net", O_RDONLY))},
		{"eventfd", REQUIRE_OK(eventfd(0, 0))},
		{"pipe", -1},
	};
	int p[2], from_clone = -1;
	REQUIRE_OK(pipe(p));
	files[3].fd = p[0];
	if (syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &from_clone, NULL, 0) == 0)
		_exit(0);
	int userns = ioctl(files[1].fd, NS_GET_USERNS);
	for (int as = 0; as < 2; as++) {
		IN_CHILD(NULL) {
			if (as)
				become_nobody();
			const char *who = as ? "nobody" : "root";
			for (int i = 0; i < 4; i++) {
				OBSERVE_RET(name("%s, %s", who, files[i].name), syscall(SYS_linkat, files[i].fd, "a", AT_FDCWD, "new", AT_EMPTY_PATH));
				OBSERVE_RET(name("%s, %s, itself", who, files[i].name), syscall(SYS_linkat, files[i].fd, "", AT_FDCWD, "new", AT_EMPTY_PATH));
				OBSERVE_RET(name("%s, %s, no flag", who, files[i].name), syscall(SYS_linkat, files[i].fd, "a", AT_FDCWD, "new", 0));
			}
			OBSERVE_RET(name("%s, pidfd of clone", who), syscall(SYS_linkat, from_clone, "a", AT_FDCWD, "new", AT_EMPTY_PATH));
			OBSERVE_RET(name("%s, namespace of an ioctl", who), syscall(SYS_linkat, userns, "a", AT_FDCWD, "new", AT_EMPTY_PATH));
		}
	}
}
