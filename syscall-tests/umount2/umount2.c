// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// umount2: what is busy, and what is not? What does each flag do? What becomes of files that are open where nothing is mounted
// any more, and of what was mounted elsewhere because of it?
#include "../harness/mounts.h"
#include "../harness/creds.h"

static long um(const char *at, int flags) { return syscall(SYS_umount2, at, flags); }

CASE(refusals, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		OBSERVE_RET("no such place", um("none", 0));
		OBSERVE_RET("empty", um("", 0));
		OBSERVE_RET("no mount", um("/proc/self", 0));
		REQUIRE_OK(mkdir("d/in", 0755));
		OBSERVE_RET("a directory below one", um("d/in", 0));
		for (int bit = 4; bit < 32; bit++)
			OBSERVE_RET(name("flag %d", bit), um("d", 1 << bit));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
			OBSERVE_RET(p->name, um(p->p, 0));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", um("d", 0));
			OBSERVE_RET("nobody, no mount", um("/proc/self", 0));
			OBSERVE_RET("nobody, no such place", um("none", 0));
			OBSERVE_RET("nobody, bad flag", um("d", 16));
		}
		OBSERVE("mounts", "%s", mounts_seen());
	}
}

CASE(what_is_busy, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		DIRS("d/in");
		int fd = make_file("d/f", "x");
		OBSERVE_RET("open file", um("d", 0));
		OBSERVE_RET("forced", um("d", MNT_FORCE));
		int copy = dup(fd);
		close(fd);
		OBSERVE_RET("its duplicate", um("d", 0));
		close(copy);
		fd = REQUIRE_OK(open("d", O_PATH | O_DIRECTORY));
		OBSERVE_RET("O_PATH", um("d", 0));
		close(fd);
		fd = make_file("d/m", "mapped");
		void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		REQUIRE(p != MAP_FAILED);
		close(fd);
		OBSERVE_RET("mapped file", um("d", 0));
		munmap(p, 4096);
		REQUIRE_OK(chdir("d"));
		OBSERVE_RET("working directory", um("../d", 0));
		REQUIRE_OK(chdir(".."));
		mount_tmpfs("d/in");
		OBSERVE_RET("a mount on it", um("d", 0));
		OBSERVE_RET("that mount", um("d/in", 0));
		struct gate ready = gate_open(), go = gate_open();
		pid_t child = harness_fork();
		if (child == 0) {
			REQUIRE_OK(chroot("d"));
			gate_signal(&ready);
			gate_wait(&go);
			_exit(0);
		}
		gate_wait(&ready);
		OBSERVE_RET("another's root", um("d", 0));
		gate_signal(&go);
		wait_for(child);
		OBSERVE_RET("nothing", um("d", 0));
		OBSERVE("mounts", "%s", mounts_seen());
	}
}

CASE(detached, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		DIRS("d/in");
		mount_tmpfs("d/in");
		int fd = make_file("d/f", "content"), dir = REQUIRE_OK(open("d", O_RDONLY | O_DIRECTORY)), in = REQUIRE_OK(open("d/in", O_RDONLY | O_DIRECTORY));
		REQUIRE_OK(chdir("d"));
		OBSERVE_RET("detach", um("../d", MNT_DETACH));
		OBSERVE_OK("getcwd", syscall(SYS_getcwd, (char[PATH_MAX]){0}, PATH_MAX));
		char b[8] = "";
		OBSERVE_RET("pread", pread(fd, b, 7, 0));
		OBSERVE("text", "%s", b);
		OBSERVE("the file", "%s", link_text(name("/proc/self/fd/%d", fd)));
		OBSERVE("the directory", "%s", link_text(name("/proc/self/fd/%d", dir)));
		OBSERVE("the inner directory", "%s", link_text(name("/proc/self/fd/%d", in)));
		OBSERVE_OK("a new file in it", openat(dir, "new", O_CREAT | O_RDWR, 0600));
		OBSERVE_OK("up from it", openat(dir, "../f", O_RDONLY));
		OBSERVE_OK("up from the inner one", openat(in, "../f", O_RDONLY));
		OBSERVE_RET("is the inner one still on it", fstatat(dir, "in", &(struct stat){0}, 0));
		OBSERVE_RET("unmount it again", um(name("/proc/self/fd/%d", dir), 0));
		OBSERVE_RET("mount on it", mount("x", name("/proc/self/fd/%d/in", dir), "tmpfs", 0, NULL));
		OBSERVE_RET("chdir up", chdir(".."));
		OBSERVE("mounts", "%s", mounts_seen());
		REQUIRE_OK(chdir(mounts_base));
		OBSERVE_RET("rmdir", rmdir("d"));
	}
}

CASE(expiring, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		DIRS("d/in");
		OBSERVE_RET("with detach", um("d", MNT_EXPIRE | MNT_DETACH));
		OBSERVE_RET("with force", um("d", MNT_EXPIRE | MNT_FORCE));
		OBSERVE_RET("first", um("d", MNT_EXPIRE));
		close(REQUIRE_OK(open("d/in", O_RDONLY | O_DIRECTORY)));
		OBSERVE_RET("after a use", um("d", MNT_EXPIRE));
		OBSERVE_RET("access", access("d/in", F_OK));
		OBSERVE_RET("after another", um("d", MNT_EXPIRE));
		int fd = REQUIRE_OK(open("d", O_RDONLY | O_DIRECTORY));
		OBSERVE_RET("in use", um("d", MNT_EXPIRE));
		close(fd);
		OBSERVE_RET("second to last", um("d", MNT_EXPIRE));
		OBSERVE_RET("last", um("d", MNT_EXPIRE));
		OBSERVE("mounts", "%s", mounts_seen());
	}
}

CASE(no_follow, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "e");
		mount_tmpfs("d");
		REQUIRE_OK(symlink("d", "link"));
		OBSERVE_RET("a link, not followed", um("link", 8));
		OBSERVE_RET("no link", um("d", 8));
		mount_tmpfs("e");
		REQUIRE_OK(unlink("link"));
		REQUIRE_OK(symlink("e", "link"));
		OBSERVE_RET("a link, followed", um("link", 0));
	}
}

CASE(stacked, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (int i = 0; i < 3; i++) {
			mount_tmpfs("d");
			REQUIRE_OK(mkdir(name("d/%d", i), 0755));
		}
		OBSERVE("mounts", "%s", mounts_seen());
		for (int i = 2; i >= 0; i--) {
			OBSERVE_RET(name("on top %d", i), access(name("d/%d", i), F_OK));
			OBSERVE_RET(name("umount %d", i), um("d", 0));
		}
		OBSERVE_RET("below all", um("d", 0));
	}
}

CASE(elsewhere, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("s", "p", "q");
		mount_tmpfs("s");
		DIRS("s/a", "s/b", "s/c");
		REQUIRE_OK(mount(NULL, "s", NULL, MS_SHARED, NULL));
		REQUIRE_OK(mount("s", "p", NULL, MS_BIND, NULL));
		REQUIRE_OK(mount("s", "q", NULL, MS_BIND, NULL));
		REQUIRE_OK(mount(NULL, "q", NULL, MS_SLAVE, NULL));
		mount_tmpfs("s/a");
		mount_tmpfs("s/b");
		mount_tmpfs("s/c");
		int fd = make_file("p/a/open", "");
		OBSERVE_RET("busy at a peer", um("s/a", 0));
		close(fd);
		OBSERVE_RET("free everywhere", um("s/a", 0));
		OBSERVE("mounts", "%s", mounts_seen());
		mount_tmpfs("q/b");
		OBSERVE_RET("covered at the slave", um("s/b", 0));
		OBSERVE("mounts then", "%s", mounts_seen());
		REQUIRE_OK(mkdir("q/c/in", 0755));
		mount_tmpfs("q/c/in");
		OBSERVE_RET("a mount below at the slave", um("s/c", 0));
		OBSERVE("mounts at last", "%s", mounts_seen());
	}
}

CASE(the_root_becomes_read_only, "root cap:21 cap:18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		mount_tmpfs("d");
		REQUIRE_OK(chroot("d"));
		REQUIRE_OK(chdir("/"));
		OBSERVE_RET("expire", um("/", MNT_EXPIRE));
		int fd = make_file("f", "");
		OBSERVE_RET("with a writer", um("/", 0));
		close(fd);
		OBSERVE_RET("umount", um("/", 0));
		OBSERVE_RET("mkdir", mkdir("in", 0755));
		OBSERVE_RET("once more", um("/", 0));
		OBSERVE_RET("detach", um("/", MNT_DETACH));
		OBSERVE_RET("access", access("/f", F_OK));
	}
}
