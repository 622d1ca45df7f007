// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsmount: which attributes are taken, what is the descriptor like, and what becomes of a mount that is attached nowhere?
#include "../harness/fscontext.h"
#include "../harness/creds.h"

static int made(const char *type) {
	int fd = REQUIRE_OK(fs_open(type, 0));
	REQUIRE_OK(fs_set(fd, "source", "from"));
	REQUIRE_OK(fs_create(fd));
	return fd;
}

CASE(each_attribute_of_fsmount, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (int bit = 0; bit < 32; bit++) {
			int fd = made("tmpfs");
			OBSERVE_RET(name("flag %d", bit), bit ? fs_mount(fd, 1u << bit, 0) : -1);
			int mnt = fs_mount(fd, 0, 1u << bit);
			OBSERVE(name("attr %d", bit), "%s", mnt < 0 ? errno_name(errno) : "ok");
			if (mnt >= 0) {
				REQUIRE_OK(attach_at(mnt, "d"));
				OBSERVE(name("seen %d", bit), "%s", mounts_seen());
				close(mnt);
				REQUIRE_OK(umount("d"));
			}
			close(fd);
		}
		int fd = made("tmpfs");
		OBSERVE_RET("all of atime", fs_mount(fd, 0, MOUNT_ATTR__ATIME));
		int mnt = REQUIRE_OK(fs_mount(fd, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME));
		REQUIRE_OK(attach_at(mnt, "d"));
		OBSERVE("many", "%s", mounts_seen());
	}
}

CASE(arguments_of_fsmount, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		int fd = made("tmpfs"), other = REQUIRE_OK(open(".", O_RDONLY));
		OBSERVE_RET("bad descriptor", fs_mount(-1, 0, 0));
		OBSERVE_RET("other descriptor", fs_mount(other, 0, 0));
		OBSERVE_RET("bad flag, bad descriptor", fs_mount(-1, 2, 0));
		OBSERVE_RET("bad attribute, bad descriptor", fs_mount(-1, 0, 1u << 31));
		struct rlimit lim = {3, 3};
		REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
		OBSERVE_RET("no descriptor left", fs_mount(fd, 0, 0));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", fs_mount(fd, 0, 0));
		}
	}
}

CASE(the_descriptor_of_fsmount, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		int fd = made("tmpfs");
		int mnt = REQUIRE_OK(fs_mount(fd, FSMOUNT_CLOEXEC, 0));
		OBSERVE_RET("close on exec", fcntl(mnt, F_GETFD));
		OBSERVE("flags", "%#x", fcntl(mnt, F_GETFL));
		OBSERVE("link", "%s", link_text(name("/proc/self/fd/%d", mnt)));
		OBSERVE("seen", "[%s]", mounts_seen());
		OBSERVE_RET("a file in it", openat(mnt, "f", O_CREAT | O_RDWR | O_CLOEXEC, 0600) >= 0);
		OBSERVE_RET("up from it", faccessat(mnt, "../..", F_OK, 0));
		OBSERVE_RET("it is there", faccessat(mnt, "../f", F_OK, 0));
		OBSERVE_RET("read it", read(mnt, name("x"), 1));
		OBSERVE_RET("attach", attach_at(mnt, "d"));
		OBSERVE("attached", "%s", mounts_seen());
		OBSERVE_RET("the file", access("d/f", F_OK));
		close(mnt);
		OBSERVE_RET("stays", access("d/f", F_OK));
		int second = made("tmpfs");
		mnt = REQUIRE_OK(fs_mount(second, 0, 0));
		REQUIRE_OK(mkdirat(mnt, "in", 0755));
		int in = REQUIRE_OK(openat(mnt, "in", O_PATH));
		close(mnt);
		OBSERVE_RET("in one that is gone", mkdirat(in, "deep", 0755));
		OBSERVE_RET("attach a part", attach_at(in, "d"));
	}
}

CASE(mounted_by_steps, "root cap:21") {
	static const char *const types[] = {"tmpfs", "ramfs", "proc", "sysfs", "devpts", "mqueue"};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
			int fd = made(types[i]);
			int mnt = REQUIRE_OK(fs_mount(fd, 0, MOUNT_ATTR_NOEXEC));
			struct statfs s;
			REQUIRE_OK(fstatfs(mnt, &s));
			OBSERVE(name("magic of %s", types[i]), "%lx", (long)s.f_type);
			OBSERVE_RET(name("attach %s", types[i]), attach_at(mnt, "d"));
			OBSERVE(name("seen of %s", types[i]), "%s", mounts_seen());
			OBSERVE_RET(name("once more %s", types[i]), attach_at(mnt, "d"));
			REQUIRE_OK(umount2("d", MNT_DETACH));
		}
	}
}

CASE(in_a_user_namespace, "root cap:21") {
	static const char *const types[] = {"tmpfs", "proc", "sysfs", "devpts", "mqueue"};
	IN_CHILD(NULL) {
		REQUIRE_OK(mkdir("d", 0777));
		REQUIRE_OK(unshare(CLONE_NEWUSER | CLONE_NEWNS));
		REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
			int fd = fs_open(types[i], 0);
			OBSERVE(name("open %s", types[i]), "%s", fd < 0 ? errno_name(errno) : "ok");
			if (fd < 0)
				continue;
			OBSERVE_RET(name("create %s", types[i]), fs_create(fd));
			int mnt = fs_mount(fd, 0, 0);
			OBSERVE(name("mount %s", types[i]), "%s", mnt < 0 ? errno_name(errno) : "ok");
		}
	}
}
