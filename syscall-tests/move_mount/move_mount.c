// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// move_mount: a mount moves, and a detached tree is attached. Which places are refused?
#include "../harness/mounts.h"
#include "../harness/creds.h"

static long mv(int from, const char *path, int to, const char *place, unsigned flags) { return syscall(SYS_move_mount, from, path, to, place, flags); }

CASE(arguments_of_move_mount, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "c");
		mount_tmpfs("a");
		close(make_file("f", ""));
		for (int bit = 10; bit < 32; bit++)
			OBSERVE_RET(name("bit %d", bit), mv(AT_FDCWD, "a", AT_FDCWD, "b", 1u << bit));
		OBSERVE_RET("bit 3", mv(AT_FDCWD, "a", AT_FDCWD, "b", 8));
		OBSERVE_RET("bit 7", mv(AT_FDCWD, "a", AT_FDCWD, "b", 128));
		OBSERVE_RET("no source", mv(AT_FDCWD, "none", AT_FDCWD, "b", 0));
		OBSERVE_RET("no place", mv(AT_FDCWD, "a", AT_FDCWD, "none", 0));
		OBSERVE_RET("no mount", mv(AT_FDCWD, "c", AT_FDCWD, "b", 0));
		OBSERVE_RET("on a file", mv(AT_FDCWD, "a", AT_FDCWD, "f", 0));
		OBSERVE_RET("on itself", mv(AT_FDCWD, "a", AT_FDCWD, "a", 0));
		OBSERVE_RET("empty source", mv(AT_FDCWD, "", AT_FDCWD, "b", 0));
		OBSERVE_RET("empty place", mv(AT_FDCWD, "a", AT_FDCWD, "", 0));
		OBSERVE_RET("bad descriptor", mv(-9, "", AT_FDCWD, "b", 4));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			OBSERVE_RET(name("source %s", p->name), mv(AT_FDCWD, p->p, AT_FDCWD, "b", 0));
			OBSERVE_RET(name("place %s", p->name), mv(AT_FDCWD, "a", AT_FDCWD, p->p, 0));
		}
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", mv(AT_FDCWD, "a", AT_FDCWD, "b", 0));
			OBSERVE_RET("nobody, bad flag", mv(AT_FDCWD, "a", AT_FDCWD, "b", 1u << 31));
		}
		OBSERVE("mounts", "%s", mounts_seen());
	}
}

CASE(attaching, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "a/in", "b", "c", "d");
		mount_tmpfs("a/in");
		close(make_file("a/in/f", ""));
		int fd = REQUIRE_OK(syscall(SYS_open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE | AT_RECURSIVE));
		int dir = REQUIRE_OK(open("b", O_PATH | O_DIRECTORY));
		OBSERVE_RET("attach", mv(fd, "", dir, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
		OBSERVE("mounts", "%s", mounts_seen());
		OBSERVE_RET("twice", mv(fd, "", AT_FDCWD, "c", MOVE_MOUNT_F_EMPTY_PATH));
		OBSERVE("then", "%s", mounts_seen());
		close(fd);
		OBSERVE_RET("it stays", access("c/in/f", F_OK));
		fd = REQUIRE_OK(syscall(SYS_open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE | AT_RECURSIVE));
		OBSERVE_RET("a part of a tree", mv(fd, "in", AT_FDCWD, "d", 0));
		REQUIRE_OK(mount(NULL, ".", NULL, MS_SHARED, NULL));
		OBSERVE_RET("to a shared one", mv(fd, "", AT_FDCWD, "d", MOVE_MOUNT_F_EMPTY_PATH));
		OBSERVE("at last", "%s", mounts_seen());
		OBSERVE_RET("from a shared one", mv(AT_FDCWD, "d", AT_FDCWD, "b", 0));
		REQUIRE_OK(symlink("d", "link"));
		fd = REQUIRE_OK(syscall(SYS_open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE));
		OBSERVE_RET("to a link, not followed", mv(fd, "", AT_FDCWD, "link", MOVE_MOUNT_F_EMPTY_PATH));
		OBSERVE_RET("to a link, followed", mv(fd, "", AT_FDCWD, "link", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS));
	}
}

CASE(groups_that_are_set, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "c", "d", "e");
		mount_tmpfs("a");
		DIRS("a/in");
		mount_tmpfs("e");
		REQUIRE_OK(mount("a", "b", NULL, MS_BIND, NULL));
		REQUIRE_OK(mount("a/in", "c", NULL, MS_BIND, NULL));
		OBSERVE_RET("of a private one", mv(AT_FDCWD, "a", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
		REQUIRE_OK(mount(NULL, "a", NULL, MS_SHARED, NULL));
		OBSERVE_RET("shared", mv(AT_FDCWD, "a", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
		OBSERVE("shared, seen", "%s", mounts_seen());
		OBSERVE_RET("again", mv(AT_FDCWD, "a", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
		OBSERVE_RET("narrower", mv(AT_FDCWD, "a", AT_FDCWD, "c", MOVE_MOUNT_SET_GROUP));
		REQUIRE_OK(mount(NULL, "b", NULL, MS_PRIVATE, NULL));
		OBSERVE_RET("wider", mv(AT_FDCWD, "c", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
		OBSERVE_RET("another file system", mv(AT_FDCWD, "a", AT_FDCWD, "e", MOVE_MOUNT_SET_GROUP));
		OBSERVE_RET("no mount", mv(AT_FDCWD, "a", AT_FDCWD, "d", MOVE_MOUNT_SET_GROUP));
		OBSERVE_RET("from no mount", mv(AT_FDCWD, "d", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
		REQUIRE_OK(mount("a", "d", NULL, MS_BIND, NULL));
		REQUIRE_OK(mount(NULL, "d", NULL, MS_SLAVE, NULL));
		OBSERVE_RET("slave", mv(AT_FDCWD, "d", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
		OBSERVE("slave, seen", "%s", mounts_seen());
		mount_tmpfs("a/in");
		OBSERVE("what they get", "%s", mounts_seen());
		OBSERVE_RET("with beneath", mv(AT_FDCWD, "d", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP | 0x200));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", mv(AT_FDCWD, "d", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
		}
	}
}

CASE(beneath, "root cap:21 kernel>=6.18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "c", "plain");
		close(make_file("f", ""));
		REQUIRE_OK(mount("a", "a", "tmpfs", 0, NULL));
		REQUIRE_OK(mount("b", "b", "tmpfs", 0, NULL));
		REQUIRE_OK(mount("c", "c", "tmpfs", 0, NULL));
		OBSERVE_RET("no mount there", mv(AT_FDCWD, "b", AT_FDCWD, "plain", 0x200));
		OBSERVE_RET("itself", mv(AT_FDCWD, "a", AT_FDCWD, "a", 0x200));
		OBSERVE_RET("on a file", mv(AT_FDCWD, "b", AT_FDCWD, "f", 0x200));
		OBSERVE_RET("beneath the root", mv(AT_FDCWD, "b", AT_FDCWD, "/", 0x200));
		OBSERVE_RET("beneath a", mv(AT_FDCWD, "b", AT_FDCWD, "a", 0x200));
		OBSERVE("then", "%s", mounts_seen());
		OBSERVE_RET("once more", mv(AT_FDCWD, "c", AT_FDCWD, "a", 0x200));
		OBSERVE("then two", "%s", mounts_seen());
		REQUIRE_OK(umount("a"));
		OBSERVE("without the top", "%s", mounts_seen());
		REQUIRE_OK(umount("a"));
		OBSERVE("without the next", "%s", mounts_seen());
		REQUIRE_OK(umount("a"));
		mount_tmpfs("a");
		int fd = REQUIRE_OK(syscall(SYS_open_tree, AT_FDCWD, "plain", OPEN_TREE_CLONE));
		OBSERVE_RET("a detached one", mv(fd, "", AT_FDCWD, "a", MOVE_MOUNT_F_EMPTY_PATH | 0x200));
		OBSERVE("a detached one, then", "%s", mounts_seen());
		mount_tmpfs("c");
		DIRS("c/in");
		mount_tmpfs("c/in");
		mount_tmpfs("b");
		mount_tmpfs("b");
		OBSERVE_RET("one that is covered", mv(AT_FDCWD, "b/..", AT_FDCWD, "c", 0x200));
		OBSERVE_RET("above what it is in", mv(AT_FDCWD, "c/in", AT_FDCWD, "c", 0x200));
	}
}

CASE(beneath_shared_ones, "root cap:21 kernel>=6.18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("s", "peer", "n");
		mount_tmpfs("s");
		DIRS("s/in");
		REQUIRE_OK(mount(NULL, "s", NULL, MS_SHARED, NULL));
		REQUIRE_OK(mount("s", "peer", NULL, MS_BIND, NULL));
		mount_tmpfs("s/in");
		REQUIRE_OK(mount("n", "n", "tmpfs", 0, NULL));
		OBSERVE("before", "%s", mounts_seen());
		OBSERVE_RET("beneath", mv(AT_FDCWD, "n", AT_FDCWD, "s/in", 0x200));
		OBSERVE("then", "%s", mounts_seen());
		mount_tmpfs("n");
		REQUIRE_OK(mount(NULL, "n", NULL, MS_UNBINDABLE, NULL));
		OBSERVE_RET("an unbindable one", mv(AT_FDCWD, "n", AT_FDCWD, "s/in", 0x200));
	}
}
