// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open_tree_attr: a copy with other attributes in one call. What of what open_tree and mount_setattr refuse does it refuse?
#include "../harness/mounts.h"
#include "../harness/creds.h"

#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

static long open_with(const char *path, unsigned flags, uint64_t set, uint64_t clr, uint64_t prop) {
	struct mount_attr a = {.attr_set = set, .attr_clr = clr, .propagation = prop};
	return syscall(SYS_open_tree_attr, AT_FDCWD, path, flags, &a, sizeof a);
}

static void observe_copy(const char *what, int fd) {
	if (fd < 0) {
		OBSERVE(what, "%s", errno_name(errno));
		return;
	}
	REQUIRE_OK(syscall(SYS_move_mount, fd, "", AT_FDCWD, "to", MOVE_MOUNT_F_EMPTY_PATH));
	OBSERVE(what, "%s", mounts_seen());
	REQUIRE_OK(umount2("to", MNT_DETACH));
	close(fd);
}

CASE(copies_with_attributes, "root cap:21 kernel>=6.15") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "to");
		mount_tmpfs("d");
		DIRS("d/in");
		mount_tmpfs("d/in");
		observe_copy("read-only", open_with("d", OPEN_TREE_CLONE, MOUNT_ATTR_RDONLY, 0, 0));
		observe_copy("read-only, whole", open_with("d", OPEN_TREE_CLONE | AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0, 0));
		observe_copy("shared", open_with("d", OPEN_TREE_CLONE | AT_RECURSIVE, 0, 0, MS_SHARED));
		observe_copy("noatime", open_with("d", OPEN_TREE_CLONE, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0));
		observe_copy("nothing", open_with("d", OPEN_TREE_CLONE, 0, 0, 0));
		observe_copy("of a directory", open_with("d/in", OPEN_TREE_CLONE, MOUNT_ATTR_NODEV, 0, 0));
		observe_copy("unknown attribute", open_with("d", OPEN_TREE_CLONE, 1ull << 40, 0, 0));
		observe_copy("two propagations", open_with("d", OPEN_TREE_CLONE, 0, 0, MS_SHARED | MS_SLAVE));
		OBSERVE("the tree", "%s", mounts_seen());
		int fd = open_with("d", 0, MOUNT_ATTR_NOSUID, 0, 0);
		OBSERVE("no copy", "%s", fd < 0 ? errno_name(errno) : "ok");
		OBSERVE("no copy, seen", "%s", mounts_seen());
		DIRS("plain");
		OBSERVE_OK("no copy, no mount", open_with("plain", 0, MOUNT_ATTR_NOSUID, 0, 0));
		OBSERVE_OK("no copy, no mount, nothing", open_with("plain", 0, 0, 0, 0));
	}
}

CASE(arguments_of_open_tree_attr, "root cap:21 kernel>=6.15") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		struct mount_attr a = {.attr_set = MOUNT_ATTR_RDONLY};
		for (int bit = 0; bit < 32; bit++)
			OBSERVE_OK(name("flag %d", bit), syscall(SYS_open_tree_attr, AT_FDCWD, "d", 1u << bit, NULL, 0));
		OBSERVE_OK("no attributes", syscall(SYS_open_tree_attr, AT_FDCWD, "d", OPEN_TREE_CLONE, NULL, 0));
		OBSERVE_OK("no attributes with a size", syscall(SYS_open_tree_attr, AT_FDCWD, "d", OPEN_TREE_CLONE, NULL, sizeof a));
		char big[8192] = {MOUNT_ATTR_NOEXEC};
		for (size_t size = 0; size <= 48; size += 8)
			OBSERVE_OK(name("size %zu", size), syscall(SYS_open_tree_attr, AT_FDCWD, "d", OPEN_TREE_CLONE, big, size));
		OBSERVE_OK("more than a page", syscall(SYS_open_tree_attr, AT_FDCWD, "d", OPEN_TREE_CLONE, big, 4097));
		OBSERVE_OK("nothing there", syscall(SYS_open_tree_attr, AT_FDCWD, "none", OPEN_TREE_CLONE, &a, sizeof a));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			OBSERVE_OK(name("path %s", p->name), syscall(SYS_open_tree_attr, AT_FDCWD, p->p, OPEN_TREE_CLONE, &a, sizeof a));
			OBSERVE_OK(name("attributes %s", p->name), syscall(SYS_open_tree_attr, AT_FDCWD, "d", OPEN_TREE_CLONE, p->p, sizeof a));
		}
		int fd = REQUIRE_OK(syscall(SYS_open_tree_attr, AT_FDCWD, "d", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, &a, sizeof a));
		OBSERVE_RET("close on exec", fcntl(fd, F_GETFD));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_OK("nobody", syscall(SYS_open_tree_attr, AT_FDCWD, "d", OPEN_TREE_CLONE, &a, sizeof a));
			OBSERVE_OK("nobody, no copy", syscall(SYS_open_tree_attr, AT_FDCWD, "d", 0, &a, sizeof a));
			OBSERVE_OK("nobody, no copy, no attributes", syscall(SYS_open_tree_attr, AT_FDCWD, "d", 0, NULL, 0));
		}
	}
}
