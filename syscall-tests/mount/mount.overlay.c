// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount of an overlay: which options are refused? What do changes leave in the upper layer, what is seen of it and of the
// lower ones, and what can't be done?
#include "../harness/mounts.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

// The names in a directory with what they are: "d/", "f=content", a whiteout as "w!".
static void tree_into(char *out, size_t size, const char *path, const char *prefix) {
	char *names[64];
	int n = 0;
	DIR *d = opendir(path);
	REQUIRE(d != NULL);
	for (struct dirent *e; (e = readdir(d)) && n < 64;)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			names[n++] = strdup(e->d_name);
	closedir(d);
	qsort(names, n, sizeof *names, by_name);
	for (int i = 0; i < n; i++) {
		char full[PATH_MAX], shown[PATH_MAX], content[64] = "", opaque[8] = "";
		struct stat st;
		snprintf(full, sizeof full, "%s/%s", path, names[i]);
		snprintf(shown, sizeof shown, "%s%s", prefix, names[i]);
		REQUIRE_OK(lstat(full, &st));
		size_t at = strlen(out);
		if (S_ISDIR(st.st_mode)) {
			getxattr(full, "trusted.overlay.opaque", opaque, sizeof opaque - 1);
			snprintf(out + at, size - at, " %s/%s", shown, opaque);
			strcat(shown, "/");
			tree_into(out, size, full, shown);
		} else if (S_ISCHR(st.st_mode) && st.st_rdev == 0) {
			snprintf(out + at, size - at, " %s!", shown);
		} else if (S_ISREG(st.st_mode)) {
			int fd = open(full, O_RDONLY);
			if (fd >= 0 && read(fd, content, sizeof content - 1) >= 0)
				close(fd);
			snprintf(out + at, size - at, " %s=%s", shown, content);
		} else {
			snprintf(out + at, size - at, " %s@", shown);
		}
		free(names[i]);
	}
}

static const char *tree(const char *path) {
	static char out[4][4096];
	static int turn;
	char *s = out[turn++ % 4];
	s[0] = 0;
	tree_into(s, sizeof out[0], path, "");
	return s;
}

static void put(const char *path, const char *text) {
	int fd = REQUIRE_OK(open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644));
	CHECK_EQ(write(fd, text, strlen(text)), (long)strlen(text));
	close(fd);
}

// Two lower layers, an upper one, and a place.
static void layers(void) {
	own_mounts();
	DIRS("l1", "l2", "u", "w", "m", "l1/d", "l2/d", "l2/e", "l1/empty");
	put("l1/f", "one");
	put("l2/f", "hidden");
	put("l2/g", "two");
	put("l1/d/a", "a1");
	put("l2/d/a", "a2");
	put("l2/d/b", "b2");
	put("l2/e/x", "x2");
	REQUIRE_OK(symlink("g", "l2/link"));
	if (mount("ov", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=u,workdir=w") && errno == ENODEV)
		SKIP("no overlay");
}

#define BOTH(what)                                          \
	do {                                                \
		OBSERVE(name("%s: seen", what), "%s", tree("m")); \
		OBSERVE(name("%s: upper", what), "%s", tree("u")); \
	} while (0)

CASE(overlay_options, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		REQUIRE_OK(umount2("m", 0));
		DIRS("u2", "w2", "u2/sub");
		static const char *const options[] = {
			"", "lowerdir=l1", "lowerdir=l1:l2", "lowerdir=l1:l1", "lowerdir=none", "lowerdir=l1:l1/d", "lowerdir=l1/f:l2",
			"upperdir=u2,workdir=w2", "lowerdir=l1,upperdir=u2", "lowerdir=l1:l2,workdir=w2", "lowerdir=l1,upperdir=u2,workdir=u2",
			"lowerdir=l1,upperdir=u2,workdir=u2/sub", "lowerdir=l1,upperdir=none,workdir=w2", "lowerdir=l1,upperdir=u2,workdir=none",
			"lowerdir=l1,upperdir=l1,workdir=w2", "lowerdir=l1,upperdir=u2,workdir=w2", "lowerdir=l1,upperdir=u2,workdir=w2,index=off",
			"lowerdir=l1,upperdir=u2,workdir=w2,index=bad", "lowerdir=l1,upperdir=u2,workdir=w2,redirect_dir=off",
			"lowerdir=l1,upperdir=u2,workdir=w2,redirect_dir=bad", "lowerdir=l1,upperdir=u2,workdir=w2,userxattr",
			"lowerdir=l1,upperdir=u2,workdir=w2,userxattr=1", "lowerdir=l1,upperdir=u2,workdir=w2,metacopy=off,xino=off", "lowerdir=l1,upperdir=u2,workdir=w2,foo",
			"lowerdir=l1,lowerdir=l2", "lowerdir+=l1,lowerdir+=l2", "lowerdir", "lowerdir=", "lowerdir=:l1", "lowerdir=l1:", "lowerdir=l1::l2", "lowerdir=l1:::l2",
			"lowerdir=l1,upperdir", "lowerdir=l1,upperdir=u2,workdir=/proc",
		};
		for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
			OBSERVE_RET(options[i], mount("ov", "m", "overlay", 0, options[i]));
			umount2("m", 0);
			rmdir("w2/work");
		}
	}
}

CASE(overlay_shows_its_layers, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		BOTH("at first");
		struct statfs fs;
		REQUIRE_OK(statfs("m", &fs));
		OBSERVE("type", "%#lx", (long)fs.f_type);
		char *line = strstr(strdup(read_file("/proc/self/mounts")), "\nov ");
		REQUIRE(line != NULL);
		OBSERVE("options", "%d", strstr(line, " overlay rw,relatime,lowerdir=l1:l2,upperdir=u,workdir=w") != NULL);
		struct stat m, d, f, real;
		REQUIRE_OK(stat("m", &m) | stat("m/d", &d) | stat("m/f", &f) | stat("l1/f", &real));
		OBSERVE("one device", "%d %d", m.st_dev == d.st_dev, m.st_dev == f.st_dev);
		OBSERVE("the layer's device", "%d", f.st_dev == real.st_dev);
		OBSERVE("its number", "%d", f.st_ino == real.st_ino);
		OBSERVE("links", "%d %d %d", (int)m.st_nlink, (int)d.st_nlink, (int)f.st_nlink);
		OBSERVE("link", "%s", link_text("m/link"));
		OBSERVE("no name", "%s", errno_name(open("m/none", O_RDONLY) < 0 ? errno : 0));
		REQUIRE_OK(stat("w/work", &d));
		OBSERVE("work", "%o", d.st_mode);
	}
}

CASE(overlay_changes, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		struct stat before, after;
		REQUIRE_OK(stat("m/g", &before));
		int old = REQUIRE_OK(open("m/g", O_RDONLY));
		char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, old, 0), b[16] = "";
		REQUIRE(p != MAP_FAILED);
		OBSERVE_RET("chmod", chmod("m/g", 0600));
		REQUIRE_OK(stat("m/g", &after));
		OBSERVE("copied: number, times", "%d %d %d", before.st_ino == after.st_ino, before.st_mtim.tv_nsec == after.st_mtim.tv_nsec, before.st_dev == after.st_dev);
		BOTH("chmod");
		int fd = REQUIRE_OK(open("m/g", O_RDWR | O_APPEND));
		CHECK_EQ(write(fd, "+more", 5), 5);
		OBSERVE("who had it open reads", "%zd %s", pread(old, b, 15, 0), b);
		OBSERVE("below", "%s", tree("l2"));
		put("m/d/new", "n");
		BOTH("new in a merged directory");
		OBSERVE_RET("unlink of an upper file", unlink("m/d/new"));
		OBSERVE_RET("unlink of a lower file", unlink("m/d/b"));
		OBSERVE_RET("unlink of a copied file", unlink("m/g"));
		OBSERVE_RET("twice", unlink("m/g"));
		BOTH("unlinked");
		put("m/g", "again");
		BOTH("made again");
		OBSERVE_RET("rmdir, not empty", rmdir("m/d"));
		OBSERVE_RET("unlink of the rest", unlink("m/d/a"));
		OBSERVE_RET("rmdir", rmdir("m/d"));
		BOTH("rmdir");
		OBSERVE_RET("mkdir", mkdir("m/d", 02755));
		BOTH("an opaque directory");
		REQUIRE_OK(stat("m/d", &after));
		OBSERVE("its mode", "%o", after.st_mode);
		OBSERVE_RET("symlink over a whiteout", unlink("m/link") | symlink("elsewhere", "m/link"));
		OBSERVE("link", "%s", link_text("m/link"));
		OBSERVE_RET("truncate", truncate("m/f", 1));
		OBSERVE_RET("O_TRUNC", open("m/e/x", O_WRONLY | O_TRUNC) < 0 ? -1 : 0);
		OBSERVE_RET("mknod", mknod("m/fifo", S_IFIFO | 0600, 0));
		BOTH("at the end");
		OBSERVE("left in work", "%s", strpbrk(tree("w/work"), "=/@") ? "something" : "nothing"); // but for a whiteout to be used again
		close(fd);
		close(old);
		munmap(p, 4096);
		OBSERVE_RET("umount", umount2("m", 0));
		OBSERVE_RET("mount", mount("ov", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=u,workdir=w"));
		BOTH("mounted again");
	}
}

CASE(overlay_renames_and_links, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		OBSERVE_RET("a lower file", rename("m/g", "m/h"));
		OBSERVE_RET("over a lower file", rename("m/h", "m/f"));
		BOTH("renamed");
		OBSERVE_RET("a merged directory", rename("m/d", "m/d2"));
		OBSERVE_RET("a lower directory", rename("m/e", "m/e2"));
		OBSERVE_RET("mkdir", mkdir("m/n", 0755));
		put("m/n/in", "i");
		OBSERVE_RET("an upper directory", rename("m/n", "m/n2"));
		OBSERVE_RET("over an empty lower one", rename("m/n2", "m/empty"));
		BOTH("directories");
		OBSERVE_RET("over one that is not empty", rename("m/empty", "m/d"));
		OBSERVE_RET("file over directory", rename("m/f", "m/d"));
		OBSERVE_RET("to another directory", rename("m/d/b", "m/e/b"));
		OBSERVE_RET("over a whiteout", rename("m/empty", "m/g"));
		BOTH("further");
		OBSERVE_RET("RENAME_WHITEOUT", syscall(SYS_renameat2, AT_FDCWD, "m/f", AT_FDCWD, "m/f2", RENAME_WHITEOUT));
		OBSERVE_RET("RENAME_NOREPLACE", syscall(SYS_renameat2, AT_FDCWD, "m/f", AT_FDCWD, "m/e/x", RENAME_NOREPLACE));
		OBSERVE_RET("RENAME_EXCHANGE", syscall(SYS_renameat2, AT_FDCWD, "m/f", AT_FDCWD, "m/e/x", RENAME_EXCHANGE));
		OBSERVE_RET("with a directory", syscall(SYS_renameat2, AT_FDCWD, "m/f", AT_FDCWD, "m/g", RENAME_EXCHANGE));
		OBSERVE_RET("with a merged one", syscall(SYS_renameat2, AT_FDCWD, "m/f", AT_FDCWD, "m/d", RENAME_EXCHANGE));
		BOTH("exchanged");
		OBSERVE_RET("link", link("m/d/a", "m/d/a2"));
		put("m/d/a", "by one name");
		struct stat a, a2;
		REQUIRE_OK(stat("m/d/a", &a) | stat("m/d/a2", &a2));
		OBSERVE("links", "%d %d, one file %d", (int)a.st_nlink, (int)a2.st_nlink, a.st_ino == a2.st_ino);
		OBSERVE_RET("link from a layer", link("l1/f", "m/out"));
		BOTH("linked");
		OBSERVE("left in work", "%s", strpbrk(tree("w/work"), "=/@") ? "something" : "nothing"); // but for a whiteout to be used again
	}
}

CASE(overlay_attributes, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		char list[256], v[32] = "";
		REQUIRE_OK(setxattr("l2/g", "trusted.x", "1", 1, 0));
		OBSERVE_RET("get", getxattr("m/g", "trusted.x", v, sizeof v));
		OBSERVE_RET("remove what is not there", removexattr("m/g", "trusted.y"));
		OBSERVE("untouched", "%s", tree("u"));
		OBSERVE_RET("set", setxattr("m/g", "trusted.y", "2", 1, 0));
		OBSERVE_RET("copied along", getxattr("u/g", "trusted.x", v, sizeof v));
		OBSERVE_RET("rmdir and mkdir", unlink("m/d/a") | unlink("m/d/b") | rmdir("m/d") | mkdir("m/d", 0755));
		OBSERVE_RET("list of an opaque directory", listxattr("m/d", list, sizeof list));
		OBSERVE_RET("its mark", getxattr("m/d", "trusted.overlay.opaque", v, sizeof v));
		OBSERVE_RET("its mark above", getxattr("u/d", "trusted.overlay.opaque", v, sizeof v));
		OBSERVE_RET("set of such a name", setxattr("m/d", "trusted.overlay.opaque", "n", 1, 0));
		OBSERVE_RET("get of it", getxattr("m/d", "trusted.overlay.opaque", v, sizeof v));
		OBSERVE_RET("list with it", listxattr("m/d", list, sizeof list));
		OBSERVE_RET("in the layer", getxattr("u/d", "trusted.overlay.overlay.opaque", v, sizeof v));
		struct timespec times[2] = {{1000, 1}, {2000, 2}};
		struct stat st;
		OBSERVE_RET("utimensat", utimensat(AT_FDCWD, "m/e/x", times, 0));
		REQUIRE_OK(stat("m/e/x", &st));
		OBSERVE("times", "%ld %ld", (long)st.st_atim.tv_sec, (long)st.st_mtim.tv_sec);
		OBSERVE_RET("chown", chown("m/f", 5, 6));
		REQUIRE_OK(stat("m/f", &st));
		OBSERVE("owner", "%d %d", st.st_uid, st.st_gid);
		REQUIRE_OK(stat("l1/f", &st));
		OBSERVE("owner below", "%d %d", st.st_uid, st.st_gid);
	}
}

// A file that was removed while it was a lower layer's only.
CASE(overlay_removed_before_a_copy, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		struct timespec times[2] = {{1000, 1}, {2000, 2}};
		for (int again = 0; again < 2; again++) {
			const char *path = again ? "m/g" : "m/f";
			int fd = REQUIRE_OK(open(path, O_RDONLY));
			REQUIRE_OK(unlink(path));
			if (again)
				put(path, "another");
			OBSERVE_RET(name("fchmod %d", again), fchmod(fd, 0600));
			OBSERVE_RET(name("fchown %d", again), fchown(fd, 1, 2));
			OBSERVE_RET(name("futimens %d", again), futimens(fd, times));
			OBSERVE_RET(name("fsetxattr %d", again), fsetxattr(fd, "trusted.x", "1", 1, 0));
			OBSERVE_RET(name("fremovexattr %d", again), fremovexattr(fd, "trusted.x"));
			OBSERVE_RET(name("open to write %d", again), open(name("/proc/self/fd/%d", fd), O_WRONLY));
		}
		BOTH("then");
	}
}

// Set-ID bits go even if the layer can't do what is asked.
CASE(overlay_fallocate_and_set_id, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		struct stat st;
		int fd = REQUIRE_OK(open("m/f", O_RDWR));
		REQUIRE_OK(fchmod(fd, 06777));
		IN_CHILD(NULL) {
			become_nobody();
			CHECK(syscall(SYS_fallocate, fd, 0x20, 1l, 1l) < 0); // a range to insert that has no whole blocks
		}
		REQUIRE_OK(fstat(fd, &st));
		OBSERVE("mode", "%o", st.st_mode);
	}
}

CASE(overlay_without_an_upper_layer, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		REQUIRE_OK(umount2("m", 0));
		REQUIRE_OK(mount("ov", "m", "overlay", 0, "lowerdir=l1:l2"));
		OBSERVE("seen", "%s", tree("m"));
		OBSERVE_RET("open to write", open("m/f", O_WRONLY));
		OBSERVE_RET("make", open("m/n", O_WRONLY | O_CREAT, 0600));
		OBSERVE_RET("unlink", unlink("m/f"));
		OBSERVE_RET("chmod", chmod("m/f", 0600));
		OBSERVE_RET("mkdir", mkdir("m/n", 0600));
		OBSERVE_RET("remount rw", mount(NULL, "m", NULL, MS_REMOUNT, NULL));
		OBSERVE_RET("open to write then", open("m/f", O_WRONLY));
	}
}

CASE(overlay_programs_and_mappings, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		put("l1/script", "#!/bin/sh\nexit 7\n");
		REQUIRE_OK(chmod("l1/script", 0755));
		OBSERVE_STATUS("script", system("m/script"));
		OBSERVE_STATUS("copied program", system("cp /bin/true m/true && m/true"));
		int fd = REQUIRE_OK(open("m/g", O_RDWR));
		char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		REQUIRE(p != MAP_FAILED);
		p[0] = 'T';
		OBSERVE("mapped", "%s", read_file("m/g"));
		OBSERVE("above", "%s", read_file("u/g"));
		OBSERVE("below", "%s", read_file("l2/g"));
		CHECK_EQ(pwrite(fd, "W", 1, 1), 1);
		OBSERVE("in the mapping", "%.3s", p);
		int t = open("m", O_TMPFILE | O_RDWR, 0600);
		OBSERVE("O_TMPFILE", "%s", t < 0 ? errno_name(errno) : "ok");
		if (t >= 0)
			OBSERVE_RET("linked", linkat(AT_FDCWD, name("/proc/self/fd/%d", t), AT_FDCWD, "m/tmp", AT_SYMLINK_FOLLOW));
		BOTH("at the end");
	}
}

CASE(overlay_by_fsopen, "root cap:21") {
	IN_CHILD(NULL) {
		layers();
		REQUIRE_OK(umount2("m", 0));
		int fd = REQUIRE_OK(syscall(SYS_fsopen, "overlay", 0));
		OBSERVE_RET("lowerdir+ 1", syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "lowerdir+", "l1", 0));
		OBSERVE_RET("lowerdir+ 2", syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "lowerdir+", "l2", 0));
		OBSERVE_RET("lowerdir+ none", syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "redirect_dir", "never", 0));
		OBSERVE_RET("upperdir", syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "upperdir", "u", 0));
		OBSERVE_RET("workdir", syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "workdir", "w", 0));
		OBSERVE_RET("create", syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
		int m = REQUIRE_OK(syscall(SYS_fsmount, fd, 0, 0));
		OBSERVE_RET("move", syscall(SYS_move_mount, m, "", AT_FDCWD, "m", 4));
		put("m/new", "n");
		BOTH("at the end");
	}
}
