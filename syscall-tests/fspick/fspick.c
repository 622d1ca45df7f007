// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fspick: which places can be picked, and what can be changed of the file system there?
#include "../harness/fscontext.h"
#include "../harness/creds.h"

CASE(arguments_of_fspick, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "e");
		mount_tmpfs("d");
		REQUIRE_OK(symlink("d", "link"));
		for (int bit = 0; bit < 32; bit++)
			OBSERVE_OK(name("bit %d", bit), fs_pick(AT_FDCWD, "d", 1u << bit));
		OBSERVE_RET("no mount", fs_pick(AT_FDCWD, "e", 0));
		OBSERVE_RET("nothing there", fs_pick(AT_FDCWD, "none", 0));
		OBSERVE_RET("empty", fs_pick(AT_FDCWD, "", 0));
		OBSERVE_OK("empty, allowed", fs_pick(AT_FDCWD, "", FSPICK_EMPTY_PATH));
		int fd = REQUIRE_OK(open("d", O_PATH));
		OBSERVE_OK("by descriptor", fs_pick(fd, "", FSPICK_EMPTY_PATH));
		OBSERVE_OK("a link", fs_pick(AT_FDCWD, "link", 0));
		OBSERVE_RET("a link, not followed", fs_pick(AT_FDCWD, "link", FSPICK_SYMLINK_NOFOLLOW));
		OBSERVE_RET("bad descriptor", fs_pick(-5, "d", 0));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
			OBSERVE_RET(name("path %s", p->name), fs_pick(AT_FDCWD, p->p, 0));
		int pick = REQUIRE_OK(fs_pick(AT_FDCWD, "d", FSPICK_CLOEXEC));
		OBSERVE_RET("close on exec", fcntl(pick, F_GETFD));
		OBSERVE("link", "%s", link_text(name("/proc/self/fd/%d", pick)));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", fs_pick(AT_FDCWD, "d", 0));
			OBSERVE_RET("nobody, bad flag", fs_pick(AT_FDCWD, "d", 1u << 31));
		}
	}
}

CASE(changes_of_what_is_picked, "root cap:21") {
	static const struct {
		const char *key, *value;
	} tries[] = {{"size", "1m"}, {"size", "8k"}, {"ro", NULL}, {"rw", NULL}, {"sync", NULL}, {"async", NULL}, {"nr_inodes", "99"}, {"nr_inodes", "2"}, {"mode", "700"}, {"source", "x"}, {"nonesuch", "x"}};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "e");
		REQUIRE_OK(mount("from", "d", "tmpfs", MS_NOEXEC, "size=64k,nr_inodes=20"));
		REQUIRE_OK(mount("d", "e", NULL, MS_BIND, NULL));
		int fd = make_file("d/f", "");
		char block[16384] = "x";
		REQUIRE_OK(write(fd, block, sizeof block));
		close(fd);
		close(make_file("d/g", ""));
		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			const char *what = name("%zu %s=%s", i, tries[i].key, tries[i].value ? tries[i].value : "");
			int pick = REQUIRE_OK(fs_pick(AT_FDCWD, "d", 0));
			OBSERVE_RET(what, tries[i].value ? fs_set(pick, tries[i].key, tries[i].value) : fs_flag(pick, tries[i].key));
			OBSERVE_RET(name("create %s", what), fs_create(pick));
			OBSERVE_RET(name("mount %s", what), fs_mount(pick, 0, 0));
			OBSERVE_RET(name("reconfigure %s", what), fs_reconfigure(pick));
			OBSERVE(name("log of %s", what), "%s", fs_log(pick));
			OBSERVE(name("seen after %s", what), "%s", mounts_seen());
			close(pick);
		}
		fd = REQUIRE_OK(open("d/f", O_RDWR));
		int pick = REQUIRE_OK(fs_pick(AT_FDCWD, "d", 0));
		REQUIRE_OK(fs_flag(pick, "ro"));
		OBSERVE_RET("with a writer", fs_reconfigure(pick));
		OBSERVE_RET("again", fs_reconfigure(pick));
	}
}

CASE(other_types_picked, "root cap:21") {
	static const char *const types[] = {"ramfs", "proc", "sysfs", "devpts", "mqueue"};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
			REQUIRE_OK(mount("from", "d", types[i], 0, NULL));
			int pick = REQUIRE_OK(fs_pick(AT_FDCWD, "d", 0));
			OBSERVE_RET(name("unknown of %s", types[i]), fs_flag(pick, "nonesuch"));
			OBSERVE_RET(name("mode of %s", types[i]), fs_set(pick, "mode", "600"));
			OBSERVE_RET(name("reconfigure %s", types[i]), fs_reconfigure(pick));
			OBSERVE(name("log of %s", types[i]), "%s", fs_log(pick));
			OBSERVE(name("seen of %s", types[i]), "%s", mounts_seen());
			REQUIRE_OK(umount("d"));
		}
	}
}
