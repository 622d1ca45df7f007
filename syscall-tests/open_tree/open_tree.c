// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open_tree: which flags go together? What does a descriptor of a tree show, and what becomes of a copy that nothing else
// leads to?
#include "../harness/mounts.h"
#include "../harness/creds.h"

static long tree_of(int dir, const char *path, unsigned flags) { return syscall(SYS_open_tree, dir, path, flags); }

CASE(flag_bits_of_open_tree, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (int bit = 0; bit < 32; bit++)
			OBSERVE_OK(name("bit %d", bit), tree_of(AT_FDCWD, "d", 1u << bit));
		OBSERVE_OK("recursive clone", tree_of(AT_FDCWD, "d", OPEN_TREE_CLONE | AT_RECURSIVE));
		OBSERVE_OK("empty path", tree_of(AT_FDCWD, "", AT_EMPTY_PATH));
		OBSERVE_OK("empty path, not allowed", tree_of(AT_FDCWD, "", 0));
		OBSERVE_OK("no such path", tree_of(AT_FDCWD, "none", OPEN_TREE_CLONE));
		OBSERVE_OK("bad directory", tree_of(-7, "d", 0));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
			OBSERVE_OK(p->name, tree_of(AT_FDCWD, p->p, 0));
		OBSERVE_OK("NULL", tree_of(AT_FDCWD, NULL, AT_EMPTY_PATH));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_OK("nobody", tree_of(AT_FDCWD, "d", 0));
			OBSERVE_OK("nobody clones", tree_of(AT_FDCWD, "d", OPEN_TREE_CLONE));
			OBSERVE_OK("nobody clones nothing", tree_of(AT_FDCWD, "none", OPEN_TREE_CLONE));
		}
	}
}

CASE(what_a_tree_is, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "d/in");
		mount_tmpfs("d/in");
		close(make_file("d/in/f", "in"));
		close(make_file("d/f", "x"));
		int plain = REQUIRE_OK(tree_of(AT_FDCWD, "d", OPEN_TREE_CLOEXEC));
		OBSERVE("flags", "%x", fcntl(plain, F_GETFL));
		OBSERVE("descriptor", "%x", fcntl(plain, F_GETFD));
		OBSERVE_OK("open below", openat(plain, "in/f", O_RDONLY));
		int one = REQUIRE_OK(tree_of(AT_FDCWD, "d", OPEN_TREE_CLONE)), all = REQUIRE_OK(tree_of(AT_FDCWD, "d", OPEN_TREE_CLONE | AT_RECURSIVE));
		OBSERVE_OK("below one", openat(one, "in/f", O_RDONLY));
		OBSERVE_OK("beside it", openat(one, "f", O_RDONLY));
		OBSERVE_OK("below all", openat(all, "in/f", O_RDONLY));
		OBSERVE_OK("up", openat(one, "../d/f", O_RDONLY));
		OBSERVE_RET("read", read(one, &(char){0}, 1));
		OBSERVE("name", "%s", link_text(name("/proc/self/fd/%d", one)));
		OBSERVE("mounts", "%s", mounts_seen());
		int f = REQUIRE_OK(openat(one, "f", O_RDONLY));
		close(one);
		char c = 0;
		OBSERVE_RET("read after the end of the tree", read(f, &c, 1));
		REQUIRE_OK(mount(NULL, "d/in", NULL, MS_UNBINDABLE, NULL));
		OBSERVE_OK("unbindable", tree_of(AT_FDCWD, "d/in", OPEN_TREE_CLONE));
		OBSERVE_RET("still busy", umount("d/in"));
	}
}
