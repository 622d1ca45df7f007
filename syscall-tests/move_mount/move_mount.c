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
