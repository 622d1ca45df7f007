// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// landlock_restrict_self: each right by itself, what an open file keeps, and which places rules hold for.
#include "../harness/landlocks.h"

#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { EXECUTE = 1, WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8, MAKE_FIFO = 1 << 10, MAKE_SYM = 1 << 12, TRUNCATE = 1 << 14, IOCTL_DEV = 1 << 15, ALL = (1 << 16) - 1 };

static void try_everything(const char *right) {
	char what[32];
	snprintf(what, sizeof what, "%s", right);
	struct sockaddr_un un = {AF_UNIX, "d/sock"};
	OBSERVE_OK(name("%s: read", what), open("d/file", O_RDONLY));
	OBSERVE_OK(name("%s: write", what), open("d/file", O_WRONLY));
	OBSERVE_OK(name("%s: both", what), open("d/file", O_RDWR));
	OBSERVE_OK(name("%s: neither", what), open("d/file", 3));
	OBSERVE_OK(name("%s: truncating", what), open("d/file", O_WRONLY | O_TRUNC));
	OBSERVE_OK(name("%s: truncating, read", what), open("d/file", O_RDONLY | O_TRUNC));
	OBSERVE_OK(name("%s: a directory", what), open("d", O_RDONLY));
	OBSERVE_OK(name("%s: O_PATH", what), open("d/file", O_PATH));
	OBSERVE_OK(name("%s: a device", what), open("/dev/null", O_RDWR));
	OBSERVE_RET(name("%s: truncate", what), truncate("d/file", 1));
	OBSERVE_RET(name("%s: rmdir", what), rmdir("d/empty"));
	OBSERVE_RET(name("%s: unlink", what), unlink("d/victim"));
	OBSERVE_RET(name("%s: mkdir", what), mkdir("d/newdir", 0755));
	OBSERVE_OK(name("%s: create", what), open("d/newfile", O_CREAT | O_RDONLY, 0644));
	OBSERVE_OK(name("%s: create for writing", what), open("d/newfile2", O_CREAT | O_WRONLY, 0644));
	OBSERVE_OK(name("%s: a file without a name", what), open("d", O_TMPFILE | O_RDWR, 0644));
	OBSERVE_RET(name("%s: mknod of a file", what), mknod("d/reg", S_IFREG | 0644, 0));
	OBSERVE_RET(name("%s: mknod of a socket", what), mknod("d/socknode", S_IFSOCK | 0644, 0));
	OBSERVE_RET(name("%s: mkfifo", what), mkfifo("d/fifo", 0644));
	OBSERVE_RET(name("%s: bind", what), bind(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), (void *)&un, sizeof un));
	OBSERVE_RET(name("%s: symlink", what), symlink("x", "d/sym"));
	OBSERVE_RET(name("%s: rename", what), rename("d/file", "d/renamed"));
	OBSERVE_RET(name("%s: exec", what), execl("d/true", "true", NULL));
	OBSERVE_RET(name("%s: a name that is taken", what), mkdir("d/empty2", 0755));
	OBSERVE_RET(name("%s: a name that is not there", what), unlink("d/none"));
	OBSERVE_RET(name("%s: rmdir of a file", what), rmdir("d/file2"));
	OBSERVE_RET(name("%s: unlink of a directory", what), unlink("d/empty2"));
}

static void put_all(void) {
	put_dir("d", 0755), put_dir("d/empty", 0755), put_dir("d/empty2", 0755);
	put_file("d/file", "content", 0644), put_file("d/file2", "content", 0644), put_file("d/victim", "", 0644);
	put_file("d/true", "not a program", 0755);
}

// Everything is handled, and one right is given.
CASE(each_right, "root kernel>=6.10") {
	for (int bit = -1; bit < 16; bit++)
		IN_CHILD(NULL) {
			const char *dir = name("t%d", bit);
			put_dir(dir, 0755);
			REQUIRE_OK(chdir(dir));
			put_all();
			int rules = REQUIRE_OK(ruleset(ALL, 0, 0));
			if (bit >= 0)
				REQUIRE_OK(allow(rules, ".", 1 << bit));
			REQUIRE_OK(restrict_self(rules));
			try_everything(bit < 0 ? "nothing" : name("right %d", bit));
		}
}

CASE(an_open_file_keeps_its_rights, "kernel>=6.10") {
	put_all();
	int before = REQUIRE_OK(open("d/file", O_RDWR)), null = REQUIRE_OK(open("/dev/null", O_RDWR));
	int rules = REQUIRE_OK(ruleset(TRUNCATE | IOCTL_DEV, 0, 0));
	REQUIRE_OK(allow(rules, "d/file2", TRUNCATE));
	REQUIRE_OK(restrict_self(rules));
	int without = REQUIRE_OK(open("d/file", O_RDWR)), with = REQUIRE_OK(open("d/file2", O_RDWR)), null2 = REQUIRE_OK(open("/dev/null", O_RDWR));
	OBSERVE_RET("opened before", ftruncate(before, 2));
	OBSERVE_RET("opened behind", ftruncate(without, 1));
	OBSERVE_RET("one that is allowed", ftruncate(with, 1));
	OBSERVE_RET("duplicated", ftruncate(dup(without), 1));
	OBSERVE_RET("fallocate", fallocate(without, 0, 0, 10));
	static const unsigned long cmds[] = {FIOCLEX, FIONCLEX, FIONBIO, FIOASYNC, FIOQSIZE, FIGETBSZ, FIONREAD, FS_IOC_GETFLAGS, 0x5401, 0x540e, 0x1234, 0x80811501, 0xc020660b, 0xc0045878};
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		char space[256] = {0};
		OBSERVE_RET(name("device opened before, %#lx", cmds[i]), ioctl(null, cmds[i], space));
		memset(space, 0, sizeof space);
		OBSERVE_RET(name("device opened behind, %#lx", cmds[i]), ioctl(null2, cmds[i], space));
		memset(space, 0, sizeof space);
	}
	OBSERVE_RET("a file's command that it has", ioctl(without, FIONREAD, &(int){0}));
	OBSERVE_RET("a file's command that it has not", ioctl(without, 0x1234, NULL));
	OBSERVE_OK("of the standard input, again", open("/proc/self/fd/0", O_RDONLY));
}

// Rules are of files, whatever leads to them.
CASE(other_ways_to_a_file, "kernel>=6.7") {
	put_all();
	put_dir("other", 0755);
	put_link("../d/file", "other/sym");
	REQUIRE_OK(link("d/file2", "other/hard"));
	int rules = REQUIRE_OK(ruleset(READ_FILE | WRITE_FILE, 0, 0));
	REQUIRE_OK(allow(rules, "d", READ_FILE));
	REQUIRE_OK(allow(rules, "d/file2", WRITE_FILE));
	REQUIRE_OK(restrict_self(rules));
	OBSERVE_OK("by a symbolic link, read", open("other/sym", O_RDONLY));
	OBSERVE_OK("by a symbolic link, write", open("other/sym", O_WRONLY));
	OBSERVE_OK("by another name, read", open("other/hard", O_RDONLY));
	OBSERVE_OK("by another name, write", open("other/hard", O_WRONLY));
	OBSERVE_OK("by dots", open("other/../d/../d/file", O_RDONLY));
	int p[2];
	REQUIRE_OK(pipe(p));
	OBSERVE_OK("a pipe, opened again", open(name("/proc/self/fd/%d", p[0]), O_RDWR));
	int m = REQUIRE_OK(memfd_create("m", 0));
	OBSERVE_OK("memory, opened again", open(name("/proc/self/fd/%d", m), O_RDWR));
	OBSERVE_OK("a namespace", open("/proc/self/ns/uts", O_RDONLY));
	OBSERVE_OK("a file of proc", open("/proc/self/stat", O_RDONLY));
	int gone = REQUIRE_OK(open("d/file2", O_RDWR));
	OBSERVE_RET("unlink", unlink("d/file2") || unlink("other/hard"));
	OBSERVE_OK("one that is gone, read", open(name("/proc/self/fd/%d", gone), O_RDONLY));
	OBSERVE_OK("one that is gone, write", open(name("/proc/self/fd/%d", gone), O_WRONLY));
}

// A bind mount shows a part of the tree at another place: what is above it there counts.
CASE(below_mounts, "root") {
	put_all();
	put_dir("at", 0755), put_dir("at/here", 0755), put_dir("tmp", 0755);
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	REQUIRE_OK(mount("d", "at/here", NULL, MS_BIND, NULL));
	REQUIRE_OK(mount("none", "tmp", "tmpfs", 0, NULL));
	put_file("tmp/file", "", 0644);
	int rules = REQUIRE_OK(ruleset(READ_FILE | WRITE_FILE, 0, 0));
	REQUIRE_OK(allow(rules, "at", READ_FILE));
	REQUIRE_OK(allow(rules, "tmp", WRITE_FILE));
	REQUIRE_OK(restrict_self(rules));
	OBSERVE_OK("by the mount", open("at/here/file", O_RDONLY));
	OBSERVE_OK("by its own place", open("d/file", O_RDONLY));
	OBSERVE_OK("below a root that has a rule", open("tmp/file", O_WRONLY));
	OBSERVE_RET("mount", mount("none", "tmp", "tmpfs", 0, NULL));
	OBSERVE_RET("bind", mount("d", "tmp", NULL, MS_BIND, NULL));
	OBSERVE_RET("remount", mount(NULL, "tmp", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	OBSERVE_RET("propagation", mount(NULL, "tmp", NULL, MS_SHARED, NULL));
	OBSERVE_RET("move", mount("tmp", "d", NULL, MS_MOVE, NULL));
	OBSERVE_RET("umount", umount("tmp"));
	OBSERVE_RET("umount of what is no mount", umount("d"));
	OBSERVE_RET("pivot_root", syscall(SYS_pivot_root, "tmp", "tmp"));
	int tree = syscall(SYS_open_tree, AT_FDCWD, "d", 1);
	OBSERVE("open_tree", "%s", tree >= 0 ? "ok" : errno_name(errno));
	OBSERVE_RET("move_mount", syscall(SYS_move_mount, tree, "", AT_FDCWD, "tmp", 4));
	OBSERVE_RET("chroot", chroot("d"));
}

// Mounts stay free where no right of files is handled.
CASE(mounts_of_the_restricted_by_ports, "root kernel>=6.7") {
	put_dir("tmp", 0755);
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(0, 3, 0))));
	OBSERVE_RET("mount", mount("none", "tmp", "tmpfs", 0, NULL));
	OBSERVE_RET("umount", umount("tmp"));
}

CASE(who_traces_whom) {
	pid_t outside = harness_fork();
	if (outside == 0)
		for (;;)
			pause();
	REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(MAKE_SYM, 0, 0))));
	pid_t inside = harness_fork();
	if (inside == 0)
		for (;;)
			pause();
	pid_t deeper = harness_fork();
	if (deeper == 0) {
		REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(MAKE_FIFO, 0, 0))));
		for (;;)
			pause();
	}
	REQUIRE(wait_blocked(deeper, deeper));
	int st;
	char b[8];
	struct iovec l = {b, 1}, r = {&st, 1};
	OBSERVE_RET("one outside", ptrace(PTRACE_ATTACH, outside, 0, 0));
	OBSERVE_RET("memory of one outside", process_vm_readv(outside, &l, 1, &r, 1, 0));
	OBSERVE_RET("one inside", ptrace(PTRACE_ATTACH, inside, 0, 0));
	OBSERVE_RET("one that is restricted more", ptrace(PTRACE_SEIZE, deeper, 0, 0));
	IN_CHILD(&st) {
		REQUIRE_OK(restrict_self(REQUIRE_OK(ruleset(MAKE_FIFO, 0, 0))));
		_exit(ptrace(PTRACE_TRACEME, 0, 0, 0) ? errno : 0);
	}
	OBSERVE("traced by its parent", "%s", errno_name(WEXITSTATUS(st)));
}
