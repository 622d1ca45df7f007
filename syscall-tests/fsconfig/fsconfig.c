// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsconfig: which arguments go with which command? Which options of which type, and in which order of commands?
#include "../harness/fscontext.h"
#include "../harness/creds.h"

CASE(arguments_of_fsconfig, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		int fd = REQUIRE_OK(fs_open("tmpfs", 0)), other = REQUIRE_OK(open("d", O_RDONLY)), path = REQUIRE_OK(open("d", O_PATH));
		for (unsigned cmd = 0; cmd <= 12; cmd++) {
			OBSERVE_RET(name("cmd %u, nothing", cmd), fs_config(fd, cmd, NULL, NULL, 0));
			fd = REQUIRE_OK(fs_open("tmpfs", 0));
			OBSERVE_RET(name("cmd %u, key", cmd), fs_config(fd, cmd, "size", NULL, 0));
			OBSERVE_RET(name("cmd %u, value", cmd), fs_config(fd, cmd, NULL, "1m", 0));
			OBSERVE_RET(name("cmd %u, both", cmd), fs_config(fd, cmd, "size", "1m", 0));
			OBSERVE_RET(name("cmd %u, aux", cmd), fs_config(fd, cmd, NULL, NULL, 2));
			OBSERVE_RET(name("cmd %u, key and aux", cmd), fs_config(fd, cmd, "size", NULL, 2));
			OBSERVE_RET(name("cmd %u, all", cmd), fs_config(fd, cmd, "size", "1m", 2));
			OBSERVE_RET(name("cmd %u, all, AT_FDCWD", cmd), fs_config(fd, cmd, "size", "1m", AT_FDCWD));
			OBSERVE_RET(name("cmd %u, all, -1", cmd), fs_config(fd, cmd, "size", "1m", -1));
			OBSERVE_RET(name("cmd %u, bad descriptor", cmd), fs_config(555, cmd, "size", "1m", 0));
			OBSERVE_RET(name("cmd %u, other descriptor", cmd), fs_config(other, cmd, NULL, NULL, 0));
			OBSERVE(name("log of cmd %u", cmd), "%s", fs_log(fd));
		}
		OBSERVE_RET("huge command", fs_config(fd, 0xffffffff, NULL, NULL, 0));
		OBSERVE_RET("descriptor -1", fs_config(-1, 99, NULL, NULL, 0));
		OBSERVE_RET("O_PATH", fs_config(path, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
		OBSERVE_RET("a file", fs_config(fd, FSCONFIG_SET_FD, "size", NULL, other));
		OBSERVE_RET("an O_PATH file", fs_config(fd, FSCONFIG_SET_FD, "size", NULL, path));
		OBSERVE_RET("no such file", fs_config(fd, FSCONFIG_SET_FD, "size", NULL, 555));
		OBSERVE_RET("empty path", fs_config(fd, FSCONFIG_SET_PATH, "size", "", AT_FDCWD));
		OBSERVE_RET("empty path, allowed", fs_config(fd, FSCONFIG_SET_PATH_EMPTY, "size", "", AT_FDCWD));
		OBSERVE_RET("blob too large", fs_config(fd, FSCONFIG_SET_BINARY, "size", "x", 1024 * 1024 + 1));
		OBSERVE_RET("source as a path", fs_config(fd, FSCONFIG_SET_PATH, "source", "/", AT_FDCWD));
		OBSERVE_RET("ro as a path", fs_config(fd, FSCONFIG_SET_PATH, "ro", "/", AT_FDCWD));
		OBSERVE_RET("noswap as a path", fs_config(fd, FSCONFIG_SET_PATH, "noswap", "/", AT_FDCWD));
		OBSERVE_RET("unknown as a file", fs_config(fd, FSCONFIG_SET_FD, "nonesuch", NULL, other));
		OBSERVE("log", "%s", fs_log(fd));
	}
}

CASE(strings_of_fsconfig, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		int fd = REQUIRE_OK(fs_open("tmpfs", 0));
		char longest[300];
		memset(longest, '1', sizeof longest);
		longest[256] = 0;
		OBSERVE_RET("key too long", fs_flag(fd, longest));
		OBSERVE_RET("value too long", fs_set(fd, "source", longest));
		longest[255] = 0;
		OBSERVE_RET("key as long as may be", fs_flag(fd, longest));
		OBSERVE_RET("value as long as may be", fs_set(fd, "source", longest));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			OBSERVE_RET(name("key %s", p->name), fs_flag(fd, p->p));
			OBSERVE_RET(name("value %s", p->name), fs_set(fd, "size", p->p));
			OBSERVE_RET(name("blob %s", p->name), fs_config(fd, FSCONFIG_SET_BINARY, "size", p->p, 16));
			OBSERVE_RET(name("path %s", p->name), fs_config(fd, FSCONFIG_SET_PATH, "size", p->p, AT_FDCWD));
		}
		OBSERVE_RET("second source", fs_set(fd, "source", "x"));
		OBSERVE_RET("source as a flag", fs_flag(fd, "source"));
		OBSERVE("log of sources", "%s", fs_log(fd));
	}
}

CASE(order_of_commands, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		int fd = REQUIRE_OK(fs_open("tmpfs", 0));
		OBSERVE_RET("reconfigure at first", fs_reconfigure(fd));
		OBSERVE_RET("mount at first", fs_mount(fd, 0, 0));
		OBSERVE_RET("size", fs_set(fd, "size", "1m"));
		OBSERVE_RET("create", fs_create(fd));
		OBSERVE_RET("size after create", fs_set(fd, "size", "2m"));
		OBSERVE_RET("create again", fs_create(fd));
		OBSERVE_RET("reconfigure after create", fs_reconfigure(fd));
		int mnt = REQUIRE_OK(fs_mount(fd, FSMOUNT_CLOEXEC, 0));
		OBSERVE_RET("mount again", fs_mount(fd, 0, 0));
		OBSERVE_RET("create after mount", fs_create(fd));
		OBSERVE_RET("size after mount", fs_set(fd, "size", "2m"));
		OBSERVE_RET("attach", attach_at(mnt, "d"));
		OBSERVE("before", "%s", mounts_seen());
		OBSERVE_RET("reconfigure", fs_reconfigure(fd));
		OBSERVE("after", "%s", mounts_seen());
		OBSERVE_RET("read-only", fs_flag(fd, "ro"));
		OBSERVE_RET("reconfigure to it", fs_reconfigure(fd));
		OBSERVE("read-only then", "%s", mounts_seen());
		OBSERVE_RET("a bad size", fs_set(fd, "nr_inodes", "1"));
		OBSERVE_RET("reconfigure to that", fs_reconfigure(fd));
		OBSERVE_RET("after it failed", fs_flag(fd, "rw"));
		OBSERVE_RET("reconfigure after it failed", fs_reconfigure(fd));
		OBSERVE("log", "%s", fs_log(fd));
		OBSERVE("at last", "%s", mounts_seen());
	}
}

CASE(options_of_types, "root cap:21") {
	static const struct {
		const char *type, *key, *value;
	} tries[] = {
		{"tmpfs", "size", "64k"}, {"tmpfs", "nr_inodes", "10"}, {"tmpfs", "mode", "700"}, {"tmpfs", "uid", "3"}, {"tmpfs", "ro", NULL}, {"tmpfs", "ro", "1"}, {"tmpfs", "rw", "no"},
		{"tmpfs", "dirsync", NULL}, {"tmpfs", "source", "from"}, {"tmpfs", "inode64", NULL}, {"tmpfs", "hidepid", "1"},
		{"ramfs", "mode", "700"}, {"ramfs", "nonesuch", NULL}, {"ramfs", "size", "9"}, {"ramfs", "mode", "x"},
		{"proc", "hidepid", "0"}, {"proc", "hidepid", "9"}, {"proc", "gid", "0"}, {"proc", "gid", "x"}, {"proc", "nonesuch", "x"},
		{"sysfs", "nonesuch", NULL},
		{"devpts", "mode", "640"}, {"devpts", "ptmxmode", "666"}, {"devpts", "newinstance", NULL}, {"devpts", "gid", "5"}, {"devpts", "gid", "x"}, {"devpts", "nonesuch", "1"},
		{"devpts", "max", "x"}, {"devpts", "newinstance", "1"},
		{"mqueue", "nonesuch", NULL}, {"mqueue", "sync", NULL},
	};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			const char *what = name("%zu %s %s=%s", i, tries[i].type, tries[i].key, tries[i].value ? tries[i].value : "");
			int fd = REQUIRE_OK(fs_open(tries[i].type, 0));
			OBSERVE_RET(what, tries[i].value ? fs_set(fd, tries[i].key, tries[i].value) : fs_flag(fd, tries[i].key));
			OBSERVE_RET(name("create %s", what), fs_create(fd));
			OBSERVE(name("log of %s", what), "%s", fs_log(fd));
			int mnt = fs_mount(fd, 0, 0);
			if (mnt < 0)
				continue;
			REQUIRE_OK(attach_at(mnt, "d"));
			OBSERVE(name("seen of %s", what), "%s", mounts_seen());
			close(mnt);
			REQUIRE_OK(umount("d"));
			close(fd);
		}
	}
}

CASE(exclusive, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		REQUIRE_OK(mount("x", "d", "sysfs", 0, NULL));
		int fd = REQUIRE_OK(fs_open("tmpfs", 0));
		OBSERVE_RET("tmpfs", fs_config(fd, CMD_CREATE_EXCL, NULL, NULL, 0));
		fd = REQUIRE_OK(fs_open("sysfs", 0));
		OBSERVE_RET("sysfs, which is there", fs_config(fd, CMD_CREATE_EXCL, NULL, NULL, 0));
		OBSERVE_RET("then", fs_create(fd));
		OBSERVE("log", "%s", fs_log(fd));
	}
}

CASE(privilege_of_fsconfig, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		int fd = REQUIRE_OK(fs_open("tmpfs", 0)), pick = REQUIRE_OK(fs_pick(AT_FDCWD, "d", 0));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("set", fs_set(fd, "size", "1m"));
			OBSERVE_RET("create", fs_create(fd));
			OBSERVE_RET("mount", fs_mount(fd, 0, 0));
			OBSERVE_RET("reconfigure", fs_reconfigure(pick));
		}
		OBSERVE_RET("create by root", fs_create(fd));
		OBSERVE_RET("reconfigure by root", fs_reconfigure(pick));
	}
}
