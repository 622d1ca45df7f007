// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount_setattr: which attributes go together? What changes of one mount, and of all that is below it?
#include "../harness/mounts.h"
#include "../harness/creds.h"

static long setattr_of(const char *path, unsigned flags, uint64_t set, uint64_t clr, uint64_t prop) {
	struct mount_attr a = {.attr_set = set, .attr_clr = clr, .propagation = prop};
	return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &a, sizeof a);
}

CASE(each_attribute, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		for (int bit = 0; bit < 33; bit++) {
			if (bit == 20) // idmapped mounts
				continue;
			OBSERVE_RET(name("set %d", bit), setattr_of("d", 0, 1ull << bit, 0, 0));
			OBSERVE(name("after set %d", bit), "%s", mounts_seen());
			OBSERVE_RET(name("clear %d", bit), setattr_of("d", 0, 0, 1ull << bit, 0));
			OBSERVE_RET(name("propagation %d", bit), setattr_of("d", 0, 0, 0, 1ull << bit));
			OBSERVE(name("after %d", bit), "%s", mounts_seen());
		}
		static const uint64_t atimes[] = {0, MOUNT_ATTR_NOATIME, MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, MOUNT_ATTR_NODIRATIME};
		for (size_t i = 0; i < ARRAY_SIZE(atimes); i++) {
			OBSERVE_RET(name("atime %zu", i), setattr_of("d", 0, atimes[i], MOUNT_ATTR__ATIME, 0));
			OBSERVE(name("after atime %zu", i), "%s", mounts_seen());
		}
		OBSERVE_RET("two propagations", setattr_of("d", 0, 0, 0, MS_SHARED | MS_SLAVE));
		OBSERVE_RET("set and clear", setattr_of("d", 0, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOEXEC, 0));
		OBSERVE("after both", "%s", mounts_seen());
	}
}

CASE(arguments_of_mount_setattr, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "e");
		mount_tmpfs("d");
		struct mount_attr a = {.attr_set = MOUNT_ATTR_NOEXEC};
		for (int bit = 0; bit < 32; bit++)
			OBSERVE_RET(name("flag %d", bit), setattr_of("d", 1u << bit, MOUNT_ATTR_NODEV, 0, 0));
		char big[8192] = {MOUNT_ATTR_NOEXEC};
		for (size_t size = 0; size <= 64; size += 8)
			OBSERVE_RET(name("size %zu", size), syscall(SYS_mount_setattr, AT_FDCWD, "d", 0, big, size));
		OBSERVE_RET("a page", syscall(SYS_mount_setattr, AT_FDCWD, "d", 0, big, 4096));
		OBSERVE_RET("more than a page", syscall(SYS_mount_setattr, AT_FDCWD, "d", 0, big, 4097));
		big[40] = 1;
		OBSERVE_RET("dirty tail", syscall(SYS_mount_setattr, AT_FDCWD, "d", 0, big, 48));
		OBSERVE_RET("no mount", setattr_of("e", 0, MOUNT_ATTR_NODEV, 0, 0));
		OBSERVE_RET("no such place", setattr_of("none", 0, MOUNT_ATTR_NODEV, 0, 0));
		OBSERVE_RET("nothing to do, no such place", setattr_of("none", 0, 0, 0, 0));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			OBSERVE_RET(name("attr %s", p->name), syscall(SYS_mount_setattr, AT_FDCWD, "d", 0, p->p, sizeof a));
			OBSERVE_RET(name("path %s", p->name), syscall(SYS_mount_setattr, AT_FDCWD, p->p, 0, &a, sizeof a));
		}
		int fd = REQUIRE_OK(open("d", O_PATH));
		OBSERVE_RET("empty path", syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &a, sizeof a));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", setattr_of("d", 0, MOUNT_ATTR_NODEV, 0, 0));
			OBSERVE_RET("nobody, no such place", setattr_of("none", 0, MOUNT_ATTR_NODEV, 0, 0));
			OBSERVE_RET("nobody, nothing to do", setattr_of("d", 0, 0, 0, 0));
		}
	}
}

CASE(all_or_none, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		DIRS("d/a", "d/b");
		mount_tmpfs("d/a");
		mount_tmpfs("d/b");
		int fd = make_file("d/b/f", "");
		OBSERVE_RET("read-only with a writer", setattr_of("d", AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, 0));
		OBSERVE("nothing changed", "%s", mounts_seen());
		close(fd);
		OBSERVE_RET("read-only", setattr_of("d", AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0, MS_SHARED));
		OBSERVE("all changed", "%s", mounts_seen());
		OBSERVE_RET("one only", setattr_of("d", 0, 0, MOUNT_ATTR_RDONLY, 0));
		OBSERVE("one changed", "%s", mounts_seen());
		int tree = REQUIRE_OK(syscall(SYS_open_tree, AT_FDCWD, "d", OPEN_TREE_CLONE | AT_RECURSIVE));
		struct mount_attr a = {.attr_set = MOUNT_ATTR_NODEV};
		OBSERVE_RET("a detached tree", syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &a, sizeof a));
		OBSERVE_RET("a part of one", syscall(SYS_mount_setattr, tree, "a", 0, &a, sizeof a));
	}
}
