// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// landlock_restrict_self: what can a restricted process still do, what do its children and threads inherit, and who may?
#include "../harness/landlocks.h"

#include <arpa/inet.h>
#include <grp.h>
#include <sched.h>
#include <sys/socket.h>

enum { EXECUTE = 1, WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8, REMOVE_DIR = 16, REMOVE_FILE = 32, MAKE_DIR = 128, MAKE_REG = 256, MAKE_SYM = 4096, REFER = 8192, TRUNCATE = 16384 };

// Reading and looking into "dir" is all that is allowed of what is handled.
static void restricted_to_dir(void) {
	int rules = REQUIRE_OK(ruleset(0x7fff, 0, 0));
	REQUIRE_OK(allow(rules, "dir", READ_FILE | READ_DIR));
	REQUIRE_OK(restrict_self(rules));
}

CASE(files) {
	put_small_tree();
	restricted_to_dir();
	OBSERVE_OK("read below dir", open("dir/file", O_RDONLY));
	OBSERVE_OK("write below dir", open("dir/file", O_WRONLY));
	OBSERVE_OK("read elsewhere", open("file", O_RDONLY));
	OBSERVE_OK("O_PATH elsewhere", open("file", O_PATH));
	OBSERVE_OK("look into dir", open("dir", O_RDONLY | O_DIRECTORY));
	OBSERVE_OK("look into the working directory", open(".", O_RDONLY | O_DIRECTORY));
	struct stat st;
	OBSERVE_RET("stat elsewhere", stat("file", &st));
	OBSERVE_RET("mkdir", mkdir("new", 0755));
	OBSERVE_RET("mkdir below dir", mkdir("dir/new", 0755));
	OBSERVE_OK("create", open("new", O_CREAT | O_WRONLY, 0644));
	OBSERVE_RET("unlink", unlink("file"));
	OBSERVE_RET("rmdir", rmdir("dir"));
	OBSERVE_RET("symlink", symlink("x", "new"));
	OBSERVE_RET("rename", rename("file", "new"));
	OBSERVE_RET("rename into dir", rename("file", "dir/new"));
	OBSERVE_RET("link", link("file", "new"));
	OBSERVE_RET("truncate", truncate("file", 0));
	OBSERVE_RET("chmod", chmod("file", 0600));
	OBSERVE_RET("mkfifo", mkfifo("new", 0600));
	OBSERVE_RET("chdir", chdir("dir"));
}

CASE(what_is_open_stays_open) {
	put_small_tree();
	int fd = REQUIRE_OK(open("file", O_RDWR)), dir = REQUIRE_OK(open(".", O_RDONLY | O_DIRECTORY));
	char b[8];
	restricted_to_dir();
	OBSERVE_RET("read", read(fd, b, 8));
	OBSERVE_RET("write", write(fd, "x", 1));
	OBSERVE_RET("ftruncate", ftruncate(fd, 0));
	OBSERVE_OK("openat with an open directory", openat(dir, "file", O_RDONLY));
	OBSERVE_OK("again through proc", open(name("/proc/self/fd/%d", fd), O_RDONLY));
}

CASE(children_inherit) {
	put_small_tree();
	restricted_to_dir();
	int st;
	IN_CHILD(&st) { _exit(open("file", O_RDONLY) < 0 ? errno : 0); }
	OBSERVE("fork", "%s", errno_name(WEXITSTATUS(st)));
	IN_CHILD(&st) {
		execl("/bin/true", "true", NULL);
		_exit(errno);
	}
	OBSERVE("exec", "%s", errno_name(WEXITSTATUS(st)));
}

static void *opens_file(void *arg) {
	(void)arg;
	return (void *)(long)(open("file", O_RDONLY) < 0 ? errno : 0);
}

static void *restricts_itself(void *arg) {
	(void)arg;
	restricted_to_dir();
	return opens_file(NULL);
}

CASE(threads_are_apart) {
	put_small_tree();
	OBSERVE("restricted", "%s", errno_name((long)thread_join(thread_start(restricts_itself, NULL))));
	OBSERVE("the main thread", "%s", errno_name((long)opens_file(NULL)));
	OBSERVE("a new one", "%s", errno_name((long)thread_join(thread_start(opens_file, NULL))));
}

CASE(rulesets_add_up) {
	put_small_tree();
	for (int i = 0; i < 18; i++) {
		int rules = REQUIRE_OK(ruleset(WRITE_FILE, 0, 0));
		long r = restrict_self(rules);
		if (r < 0) {
			OBSERVE("layers", "%d, then %s", i, errno_name(errno));
			break;
		}
	}
	OBSERVE_OK("read", open("file", O_RDONLY));
	OBSERVE_OK("write", open("file", O_WRONLY));
}

CASE(needs_no_new_privileges, "root") {
	int rules = REQUIRE_OK(ruleset(WRITE_FILE, 0, 0));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("without", syscall(SYS_landlock_restrict_self, rules, 0));
		REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		OBSERVE_RET("with", syscall(SYS_landlock_restrict_self, rules, 0));
	}
}

CASE(arguments) {
	int rules = REQUIRE_OK(ruleset(WRITE_FILE, 0, 0)), p[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	OBSERVE_RET("closed", syscall(SYS_landlock_restrict_self, 777, 0));
	OBSERVE_RET("-1", syscall(SYS_landlock_restrict_self, -1, 0));
	OBSERVE_RET("a pipe", syscall(SYS_landlock_restrict_self, p[0], 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag %d", bit), syscall(SYS_landlock_restrict_self, rules, 1u << bit));
}

CASE(ports, "kernel>=6.7") {
	uint16_t ports[2] = {free_port(), free_port()};
	while (ports[1] == ports[0])
		ports[1] = free_port();
	int rules = REQUIRE_OK(ruleset(0, 3, 0));
	REQUIRE_OK(syscall(SYS_landlock_add_rule, rules, 2, &(struct port_rule){1, ports[1]}, 0));
	REQUIRE_OK(restrict_self(rules));
	for (int i = 0; i < 2; i++) {
		const char *port = i ? "one that may be bound" : "another";
		struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(ports[i]), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		int tcp = REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), udp = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
		OBSERVE_RET(name("connect to %s", port), connect(tcp, (void *)&a, sizeof a));
		OBSERVE_RET(name("bind to %s", port), bind(tcp, (void *)&a, sizeof a));
		OBSERVE_RET(name("bind a datagram socket to %s", port), bind(udp, (void *)&a, sizeof a));
	}
}

CASE(signals_out_of_the_scope, "kernel>=6.12") {
	pid_t outside = harness_fork();
	if (outside == 0)
		for (;;)
			pause();
	REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 0, 2))));
	OBSERVE_RET("to one outside", kill(outside, 0));
	pid_t inside = harness_fork();
	if (inside == 0)
		for (;;)
			pause();
	OBSERVE_RET("to one inside", kill(inside, 0));
	OBSERVE_RET("to itself", kill(getpid(), 0));
}

// Nothing that changes credentials takes the restriction away.
CASE(credentials_that_change, "root") {
	put_small_tree();
	restricted_to_dir();
	OBSERVE("as it is", "%s", errno_name((long)opens_file(NULL)));
	IN_CHILD(NULL) {
		REQUIRE_OK(unshare(CLONE_NEWUSER));
		OBSERVE("in a user namespace", "%s", errno_name((long)opens_file(NULL)));
	}
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE("another user", "%s", errno_name((long)opens_file(NULL)));
	}
	IN_CHILD(NULL) {
		REQUIRE_OK(setgroups(0, NULL));
		REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		REQUIRE_OK(setresuid(0, 0, 0));
		OBSERVE("the same ids, set again", "%s", errno_name((long)opens_file(NULL)));
	}
}
