// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pivot_root: which pairs of places are refused? Who gets the new root, and what is left of the old one?
#include "../harness/mounts.h"
#include "../harness/creds.h"

static long pivot(const char *new, const char *old) { return syscall(SYS_pivot_root, new, old); }

CASE(refusals, "root cap:21 cap:18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("new", "plain", "beside");
		mount_tmpfs("new");
		DIRS("new/old");
		close(make_file("f", ""));
		OBSERVE_RET("no such place", pivot("none", "none/old"));
		OBSERVE_RET("no such old", pivot("new", "new/none"));
		OBSERVE_RET("a file", pivot("f", "new/old"));
		OBSERVE_RET("old a file", pivot("new", "f"));
		OBSERVE_RET("empty", pivot("", "new/old"));
		OBSERVE_RET("no mount", pivot("plain", "plain"));
		OBSERVE_RET("old not below", pivot("new", "beside"));
		OBSERVE_RET("the root itself", pivot("/", "/"));
		OBSERVE_RET("a directory of the root", pivot("/", "new/old"));
		OBSERVE_RET("below the mount", pivot("new/old", "new/old"));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			OBSERVE_RET(name("new %s", p->name), pivot(p->p, "new/old"));
			OBSERVE_RET(name("old %s", p->name), pivot("new", p->p));
		}
		REQUIRE_OK(mount(NULL, "new", NULL, MS_SHARED, NULL));
		OBSERVE_RET("old on a shared one", pivot("new", "new/old"));
		REQUIRE_OK(mount(NULL, "new", NULL, MS_PRIVATE, NULL));
		REQUIRE_OK(mount(NULL, ".", NULL, MS_SHARED, NULL));
		OBSERVE_RET("new on a shared one", pivot("new", "new/old"));
		REQUIRE_OK(mount(NULL, ".", NULL, MS_PRIVATE, NULL));
		IN_CHILD(NULL) {
			REQUIRE_OK(chroot("."));
			REQUIRE_OK(chdir("/"));
			OBSERVE_RET("a root that is a mount", pivot("new", "new/old"));
		}
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", pivot("new", "new/old"));
			OBSERVE_RET("nobody, no such place", pivot("none", "none"));
		}
	}
}

CASE(root_of_a_directory, "root cap:21 cap:18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("jail", "jail/new");
		mount_tmpfs("jail/new");
		DIRS("jail/new/old");
		REQUIRE_OK(chroot("jail"));
		REQUIRE_OK(chdir("/"));
		OBSERVE_RET("the root is no mount", pivot("new", "new/old"));
	}
}

CASE(new_root, "root cap:21 cap:18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("new");
		mount_tmpfs("new");
		DIRS("new/old", "new/here");
		int dir = REQUIRE_OK(open("/", O_RDONLY | O_DIRECTORY));
		ino_t root = stat_of("/").st_ino;
		struct gate ready = gate_open(), go = gate_open();
		pid_t child = harness_fork();
		if (child == 0) {
			REQUIRE_OK(chdir("/"));
			gate_signal(&ready);
			gate_wait(&go);
			OBSERVE_RET("another process, in the root", access("/here", F_OK));
			OBSERVE_RET("its working directory", access("here", F_OK));
			_exit(0);
		}
		gate_wait(&ready);
		OBSERVE_RET("pivot", pivot("new", "new/old"));
		gate_signal(&go);
		wait_for(child);
		OBSERVE_RET("here", access("/here", F_OK));
		OBSERVE("old", "%d", stat_of("/old").st_ino == root);
		char cwd[PATH_MAX] = "";
		OBSERVE_RET("getcwd", syscall(SYS_getcwd, cwd, sizeof cwd) > 0);
		OBSERVE("working directory", "%d", !strncmp(cwd, "/old", 4) && strlen(cwd) > 8);
		OBSERVE_RET("up from the old one", fstatat(dir, "..", &(struct stat){0}, 0));
		struct stat st;
		REQUIRE_OK(fstatat(dir, "..", &st, 0));
		OBSERVE("is", "%s", st.st_ino == stat_of("/").st_ino && st.st_dev == stat_of("/").st_dev ? "the new root" : "another");
		REQUIRE_OK(chdir("/"));
		close(dir);
		OBSERVE_RET("detach the old one", umount2("/old", MNT_DETACH));
		OBSERVE_RET("rmdir", rmdir("/old"));
		OBSERVE_RET("up from the root", access("/../here", F_OK));
		OBSERVE_RET("unshare user", unshare(CLONE_NEWUSER));
	}
}

CASE(on_the_same_place, "root cap:21 cap:18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("new");
		mount_tmpfs("new");
		DIRS("new/here");
		REQUIRE_OK(chdir("new"));
		OBSERVE_RET("pivot", pivot(".", "."));
		OBSERVE_RET("detach", umount2(".", MNT_DETACH));
		OBSERVE_RET("here", access("/here", F_OK));
		REQUIRE_OK(chdir("/"));
		char cwd[PATH_MAX] = "";
		OBSERVE_RET("getcwd", syscall(SYS_getcwd, cwd, sizeof cwd));
		OBSERVE_RET("there is one mount, the root: umount", umount2("/", MNT_EXPIRE));
	}
}
