// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount: which arguments are refused, and in which order? What do bind mounts, moves, remounts and each kind of propagation make
// of a tree? What may the root of a user namespace do?
#include "../harness/mounts.h"
#include "../harness/creds.h"

#include <dirent.h>

static long mnt(const char *source, const char *at, const char *type, unsigned long flags, const char *data) {
	return syscall(SYS_mount, source, at, type, flags, data);
}

CASE(arguments, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d", "e");
		int fd = make_file("f", "text");
		close(fd);
		OBSERVE_RET("no type", mnt("x", "d", NULL, 0, NULL));
		OBSERVE_RET("unknown type", mnt("x", "d", "nonesuch", 0, NULL));
		OBSERVE_RET("empty type", mnt("x", "d", "", 0, NULL));
		OBSERVE_RET("no such place", mnt("x", "none", "tmpfs", 0, NULL));
		OBSERVE_RET("empty place", mnt("x", "", "tmpfs", 0, NULL));
		OBSERVE_RET("a file as the place", mnt("x", "f", "tmpfs", 0, NULL));
		OBSERVE_RET("below a file", mnt("x", "f/d", "tmpfs", 0, NULL));
		OBSERVE_RET("bad option", mnt("x", "d", "tmpfs", 0, "nonesuch=1"));
		OBSERVE_RET("bad value", mnt("x", "d", "tmpfs", 0, "size=many"));
		OBSERVE_RET("bad mode", mnt("x", "d", "tmpfs", 0, "mode=9"));
		OBSERVE_RET("bad uid", mnt("x", "d", "tmpfs", 0, "uid=-1"));
		OBSERVE_RET("option of proc", mnt("x", "d", "proc", 0, "size=1"));
		OBSERVE_RET("bind of nothing", mnt(NULL, "d", NULL, MS_BIND, NULL));
		OBSERVE_RET("bind of an empty path", mnt("", "d", NULL, MS_BIND, NULL));
		OBSERVE_RET("bind of what is not there", mnt("none", "d", NULL, MS_BIND, NULL));
		OBSERVE_RET("bind of a file on a directory", mnt("f", "d", NULL, MS_BIND, NULL));
		OBSERVE_RET("bind of a directory on a file", mnt("d", "f", NULL, MS_BIND, NULL));
		OBSERVE_RET("move of nothing", mnt(NULL, "d", NULL, MS_MOVE, NULL));
		OBSERVE_RET("move of a directory", mnt("e", "d", NULL, MS_MOVE, NULL));
		OBSERVE_RET("move into itself", mnt(".", "d", NULL, MS_MOVE, NULL));
		OBSERVE_RET("remount of a directory", mnt(NULL, "d", NULL, MS_REMOUNT, NULL));
		OBSERVE_RET("remount,bind of a directory", mnt(NULL, "d", NULL, MS_REMOUNT | MS_BIND, NULL));
		OBSERVE_RET("shared of a directory", mnt(NULL, "d", NULL, MS_SHARED, NULL));
		OBSERVE_RET("two propagations", mnt(NULL, ".", NULL, MS_SHARED | MS_SLAVE, NULL));
		OBSERVE_RET("propagation and a flag", mnt(NULL, ".", NULL, MS_SHARED | MS_NOEXEC, NULL));
		OBSERVE_RET("propagation, silent", mnt(NULL, ".", NULL, MS_PRIVATE | MS_SILENT, NULL));
		OBSERVE_RET("MS_NOUSER", mnt("x", "d", "tmpfs", 1ul << 31, NULL));
		OBSERVE_RET("magic", mnt("x", "d", "tmpfs", 0xc0ed0000, NULL));
		OBSERVE_RET("high flags", mnt("x", "e", "tmpfs", 1ul << 32, NULL));
		OBSERVE("mounts", "%s", mounts_seen());
	}
}

CASE(bad_pointers_of_mount, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			if (p->p) {
				OBSERVE_RET(name("source %s", p->name), mnt(p->p, "d", "tmpfs", 0, NULL));
				OBSERVE_RET(name("type %s", p->name), mnt("x", "d", p->p, 0, NULL));
				OBSERVE_RET(name("data %s", p->name), mnt("x", "d", "tmpfs", 0, p->p));
			}
			OBSERVE_RET(name("place %s", p->name), mnt("x", p->p, "tmpfs", 0, NULL));
		}
		char *end = guard_copy("size=8k", 8);
		OBSERVE_RET("data at the end of memory", mnt("x", "d", "tmpfs", 0, end));
		char *without = guard_copy("size=8k", 7);
		OBSERVE_RET("data without an end", mnt("x", "d", "tmpfs", 0, without));
		OBSERVE("mounts", "%s", mounts_seen());
		char *longest = malloc(5000);
		memset(longest, 'x', 4999);
		longest[4999] = 0;
		OBSERVE_RET("source too long", mnt(longest, "d", "tmpfs", 0, NULL));
		OBSERVE_RET("type too long", mnt("x", "d", longest, 0, NULL));
		OBSERVE_RET("place too long", mnt("x", longest, "tmpfs", 0, NULL));
	}
}

CASE(needs_privilege, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(mkdir("d", 0777));
		become_nobody();
		OBSERVE_RET("tmpfs", mnt("x", "d", "tmpfs", 0, NULL));
		OBSERVE_RET("no such place", mnt("x", "none", "tmpfs", 0, NULL));
		OBSERVE_RET("no type", mnt("x", "d", NULL, 0, NULL));
		OBSERVE_RET("bind", mnt("/", "d", NULL, MS_BIND, NULL));
		OBSERVE_RET("MS_NOUSER", mnt("x", "d", "tmpfs", 1ul << 31, NULL));
	}
}

CASE(flags_of_a_mount, "root cap:21") {
	static const struct {
		const char *name;
		unsigned long flags;
	} tries[] = {
		{"ro", MS_RDONLY}, {"nosuid", MS_NOSUID}, {"nodev", MS_NODEV}, {"noexec", MS_NOEXEC}, {"sync", MS_SYNCHRONOUS}, {"dirsync", MS_DIRSYNC},
		{"nosymfollow", 256}, {"noatime", MS_NOATIME}, {"nodiratime", MS_NODIRATIME}, {"relatime", MS_RELATIME}, {"strictatime", MS_STRICTATIME},
		{"noatime,strictatime", MS_NOATIME | MS_STRICTATIME}, {"noatime,relatime", MS_NOATIME | MS_RELATIME}, {"lazytime", MS_LAZYTIME}, {"silent", MS_SILENT},
		{"ro,nosuid,nodev,noexec", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC},
	};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			OBSERVE_RET(tries[i].name, mnt("x", "d", "tmpfs", tries[i].flags, NULL));
			OBSERVE(name("seen of %s", tries[i].name), "%s", mounts_seen());
			struct statfs s;
			REQUIRE_OK(statfs("d", &s));
			OBSERVE(name("statfs of %s", tries[i].name), "%lx", (long)s.f_flags);
			OBSERVE_RET(name("remount,bind of %s", tries[i].name), mnt(NULL, "d", NULL, MS_REMOUNT | MS_BIND, NULL));
			OBSERVE(name("seen after %s", tries[i].name), "%s", mounts_seen());
			OBSERVE_RET(name("remount of %s", tries[i].name), mnt(NULL, "d", NULL, MS_REMOUNT, NULL));
			OBSERVE(name("seen at last of %s", tries[i].name), "%s", mounts_seen());
			REQUIRE_OK(umount("d"));
		}
		mount_tmpfs("d");
		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			OBSERVE_RET(name("remounted,bind %s", tries[i].name), mnt(NULL, "d", NULL, MS_REMOUNT | MS_BIND | tries[i].flags, NULL));
			OBSERVE(name("remounted,bind seen %s", tries[i].name), "%s", mounts_seen());
			OBSERVE_RET(name("remounted %s", tries[i].name), mnt(NULL, "d", NULL, MS_REMOUNT | tries[i].flags, NULL));
			OBSERVE(name("remounted seen %s", tries[i].name), "%s", mounts_seen());
		}
	}
}

CASE(options_of_tmpfs, "root cap:21") {
	static const char *const tries[] = {
		"size=1m", "size=4097", "size=0", "nr_blocks=3", "nr_inodes=5", "nr_inodes=0", "mode=0", "mode=1777", "mode=7000", "uid=3", "gid=4", "uid=3,gid=4,mode=750,size=1g",
		"size=1m,size=2m", "size=", "size", "mode=", "size=5x", "nr_inodes=1k", "ro", "rw", "ro,rw", "sync", "async", "source=other", ",,size=8k,", "=", "noswap=1", "huge=maybe", "nr_blocks=-1",
		"uid=x", "gid=4294967295",
	};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			OBSERVE_RET(tries[i], mnt("x", "d", "tmpfs", 0, tries[i]));
			if (mounts_seen()[0] == 0)
				continue;
			OBSERVE(name("seen: %s", tries[i]), "%s", mounts_seen());
			struct stat st;
			REQUIRE_OK(stat("d", &st));
			OBSERVE(name("root: %s", tries[i]), "%o %u:%u", st.st_mode, st.st_uid, st.st_gid);
			struct statfs s;
			REQUIRE_OK(statfs("d", &s));
			if (strstr(tries[i], "size") || strstr(tries[i], "nr_"))
				OBSERVE(name("room: %s", tries[i]), "%d, %d", strstr(tries[i], "inodes") ? -1 : (int)s.f_blocks, strstr(tries[i], "inodes") ? (int)s.f_files : -1);
			REQUIRE_OK(umount("d"));
		}
	}
}

CASE(tmpfs_keeps_to_its_limits, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		REQUIRE_OK(mnt("x", "d", "tmpfs", 0, "size=16k,nr_inodes=4"));
		char block[8192] = "x";
		int fd = REQUIRE_OK(open("d/a", O_CREAT | O_RDWR, 0600));
		OBSERVE_RET("first write", write(fd, block, sizeof block));
		OBSERVE_RET("second write", write(fd, block, sizeof block));
		OBSERVE_RET("third write", write(fd, block, sizeof block));
		OBSERVE_OK("second file", open("d/b", O_CREAT, 0600));
		OBSERVE_RET("third file", mkdir("d/c", 0700));
		OBSERVE_RET("fourth file", mkdir("d/e", 0700));
		OBSERVE_RET("smaller than it is", mnt(NULL, "d", NULL, MS_REMOUNT, "size=8k"));
		OBSERVE_RET("fewer files than there are", mnt(NULL, "d", NULL, MS_REMOUNT, "nr_inodes=2"));
		OBSERVE_RET("larger", mnt(NULL, "d", NULL, MS_REMOUNT, "size=32k,nr_inodes=6"));
		OBSERVE("seen", "%s", mounts_seen());
		OBSERVE_RET("third write again", write(fd, block, sizeof block));
		OBSERVE_RET("fourth file again", mkdir("d/e", 0700));
		OBSERVE_RET("no limit", mnt(NULL, "d", NULL, MS_REMOUNT, "size=0"));
		OBSERVE_RET("a limit after none", mnt(NULL, "d", NULL, MS_REMOUNT, "size=1m"));
		OBSERVE_RET("mode on remount", mnt(NULL, "d", NULL, MS_REMOUNT, "mode=700"));
		OBSERVE_RET("bad option on remount", mnt(NULL, "d", NULL, MS_REMOUNT, "nonesuch"));
		OBSERVE("at last", "%s", mounts_seen());
	}
}

CASE(types, "root cap:21") {
	static const char *const types[] = {"tmpfs", "ramfs", "proc", "sysfs", "devpts"};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
			OBSERVE_RET(types[i], mnt("x", "d", types[i], 0, NULL));
			OBSERVE(name("seen of %s", types[i]), "%s", mounts_seen());
			OBSERVE_RET(name("once more %s", types[i]), mnt("x", "d", types[i], 0, NULL));
			struct statfs s;
			REQUIRE_OK(statfs("d", &s));
			OBSERVE(name("magic of %s", types[i]), "%lx", (long)s.f_type);
			OBSERVE(name("listed: %s", types[i]), "%d", strstr(read_file("/proc/filesystems"), name("nodev\t%s\n", types[i])) != NULL);
			while (umount("d") == 0)
				;
		}
		REQUIRE_OK(mnt("x", "d", "proc", 0, NULL));
		OBSERVE("proc is the same", "%d", stat_of("/proc").st_dev == stat_of("d").st_dev);
		REQUIRE_OK(umount("d"));
		REQUIRE_OK(mnt("x", "d", "ramfs", 0, "mode=700,nonesuch"));
		OBSERVE("mode of ramfs", "%o", stat_of("d").st_mode);
		OBSERVE_OK("a file in ramfs", open("d/f", O_CREAT | O_RDWR, 0600));
	}
}

CASE(mountstats, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d e");
		REQUIRE_OK(mnt("x y", "d e", "tmpfs", 0, NULL));
		const char *line = strstr(read_file("/proc/self/mountstats"), "device x\\040y");
		OBSERVE("line", "%.24s ... %.*s", line, (int)strcspn(strstr(line, "/base/"), "\n"), strstr(line, "/base/"));
		OBSERVE("mode", "%o", stat_of("/proc/self/mountstats").st_mode);
	}
}

CASE(terminals_of_an_own_devpts, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("pts");
		REQUIRE_OK(mnt("x", "pts", "devpts", 0, "ptmxmode=666,mode=620,gid=5"));
		OBSERVE("seen", "%s", mounts_seen());
		int fd = REQUIRE_OK(open("pts/ptmx", O_RDWR | O_NOCTTY));
		unsigned n = 99;
		REQUIRE_OK(ioctl(fd, TIOCGPTN, &n));
		OBSERVE("number", "%u", n);
		struct stat st = stat_of("pts/0");
		OBSERVE("slave", "%o %u:%u", st.st_mode, st.st_uid, st.st_gid);
		close(fd);
		OBSERVE_RET("gone", access("pts/0", F_OK));
	}
}

CASE(bind_mounts, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "a/in", "a/in/deep", "b", "c", "d", "e");
		mount_tmpfs("a/in/deep");
		close(make_file("a/f", "of a"));
		close(make_file("g", "of g"));
		OBSERVE_RET("plain", mnt("a", "b", NULL, MS_BIND, NULL));
		OBSERVE_RET("recursive", mnt("a", "c", NULL, MS_BIND | MS_REC, NULL));
		OBSERVE_RET("with flags", mnt("a/in", "d", NULL, MS_BIND | MS_RDONLY | MS_NOEXEC, NULL));
		OBSERVE_RET("a file", mnt("a/f", "g", NULL, MS_BIND, NULL));
		OBSERVE("read through it", "%s", read_file("g"));
		OBSERVE("mounts", "%s", mounts_seen());
		OBSERVE_RET("rmdir of the place", rmdir("b"));
		OBSERVE_RET("unlink of the place", unlink("g"));
		OBSERVE_RET("rename of the place", rename("b", "z"));
		OBSERVE_RET("rename to the place", rename("e", "b"));
		OBSERVE_RET("rename across", rename("b/f", "a/h"));
		OBSERVE_RET("link across", link("b/f", "a/h"));
		OBSERVE_RET("rename across to the same", rename("b/f", "a/f"));
		OBSERVE_RET("on itself", mnt("e", "e", NULL, MS_BIND, NULL));
		OBSERVE_RET("on itself again", mnt("e", "e", NULL, MS_BIND, NULL));
		OBSERVE_RET("loop", mnt(".", "e", NULL, MS_BIND | MS_REC, NULL));
		OBSERVE("mounts at last", "%s", mounts_seen());
		OBSERVE_RET("unlink of the source", unlink("a/f"));
		OBSERVE("still read", "%s", read_file("g"));
		OBSERVE("mounts of a deleted file", "%s", mounts_seen());
	}
}

CASE(read_only_binds, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b");
		close(make_file("a/f", "x"));
		REQUIRE_OK(mnt("a", "b", NULL, MS_BIND, NULL));
		int fd = REQUIRE_OK(open("b/f", O_RDWR));
		OBSERVE_RET("with a writer", mnt(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
		OBSERVE_RET("file system with a writer", mnt(NULL, "b", NULL, MS_REMOUNT | MS_RDONLY, NULL));
		close(fd);
		fd = REQUIRE_OK(open("b/f", O_RDONLY));
		OBSERVE_RET("with a reader", mnt(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
		OBSERVE("mounts", "%s", mounts_seen());
		OBSERVE_OK("write through it", open("b/f", O_RDWR));
		OBSERVE_OK("write beside it", open("a/f", O_RDWR));
		OBSERVE_RET("mkdir", mkdir("b/d", 0755));
		OBSERVE_RET("chmod", fchmod(fd, 0600));
		OBSERVE_RET("writable again", mnt(NULL, "b", NULL, MS_REMOUNT | MS_BIND, NULL));
		OBSERVE_RET("mkdir again", mkdir("b/d", 0755));
	}
}

CASE(moves, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "c");
		mount_tmpfs("a");
		REQUIRE_OK(mkdir("a/in", 0755));
		mount_tmpfs("a/in");
		int fd = REQUIRE_OK(open("a/in", O_RDONLY | O_DIRECTORY));
		OBSERVE_RET("move", mnt("a", "b", NULL, MS_MOVE, NULL));
		OBSERVE("mounts", "%s", mounts_seen());
		OBSERVE("open directory", "%s", link_text(name("/proc/self/fd/%d", fd)) + strlen(mounts_base));
		OBSERVE_RET("into itself", mnt("b", "b/in", NULL, MS_MOVE, NULL));
		OBSERVE_RET("on itself", mnt("b", "b", NULL, MS_MOVE, NULL));
		OBSERVE_RET("the inner one out", mnt("b/in", "c", NULL, MS_MOVE, NULL));
		OBSERVE("mounts after", "%s", mounts_seen());
		close(make_file("f", ""));
		OBSERVE_RET("on a file", mnt("c", "f", NULL, MS_MOVE, NULL));
		REQUIRE_OK(mnt(NULL, ".", NULL, MS_SHARED, NULL));
		OBSERVE_RET("out of a shared one", mnt("c", "a", NULL, MS_MOVE, NULL));
		REQUIRE_OK(mnt(NULL, ".", NULL, MS_PRIVATE, NULL));
		REQUIRE_OK(mnt(NULL, "b", NULL, MS_SHARED, NULL));
		REQUIRE_OK(mnt(NULL, "c", NULL, MS_UNBINDABLE, NULL));
		OBSERVE_RET("unbindable to shared", mnt("c", "b/in", NULL, MS_MOVE, NULL));
	}
}

CASE(propagation_of_mounts, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("s", "peer", "slave", "priv", "both", "down");
		mount_tmpfs("s");
		DIRS("s/a", "s/b");
		REQUIRE_OK(mnt(NULL, "s", NULL, MS_SHARED, NULL));
		REQUIRE_OK(mnt("s", "peer", NULL, MS_BIND, NULL));
		REQUIRE_OK(mnt("s", "slave", NULL, MS_BIND, NULL));
		REQUIRE_OK(mnt(NULL, "slave", NULL, MS_SLAVE, NULL));
		REQUIRE_OK(mnt("s", "priv", NULL, MS_BIND, NULL));
		REQUIRE_OK(mnt(NULL, "priv", NULL, MS_PRIVATE, NULL));
		REQUIRE_OK(mnt("s", "both", NULL, MS_BIND, NULL));
		REQUIRE_OK(mnt(NULL, "both", NULL, MS_SLAVE, NULL));
		REQUIRE_OK(mnt(NULL, "both", NULL, MS_SHARED, NULL));
		REQUIRE_OK(mnt("both", "down", NULL, MS_BIND, NULL));
		REQUIRE_OK(mnt(NULL, "down", NULL, MS_SLAVE, NULL));
		OBSERVE("before", "%s", mounts_seen());
		mount_tmpfs("s/a");
		OBSERVE("mounted in s", "%s", mounts_seen());
		mount_tmpfs("both/b");
		OBSERVE("mounted in both", "%s", mounts_seen());
		mount_tmpfs("slave/b");
		OBSERVE("mounted in slave", "%s", mounts_seen());
		OBSERVE_RET("umount in peer", umount("peer/a"));
		OBSERVE("unmounted", "%s", mounts_seen());
		OBSERVE_RET("umount in both", umount("both/b"));
		OBSERVE("unmounted there", "%s", mounts_seen());
		OBSERVE_RET("s goes", umount2("s", 0));
		OBSERVE_RET("peer goes", umount2("peer", 0));
		OBSERVE("without them", "%s", mounts_seen());
	}
}

CASE(changes_of_propagation, "root cap:21") {
	static const struct {
		const char *name;
		unsigned long flag;
	} kinds[] = {{"shared", MS_SHARED}, {"slave", MS_SLAVE}, {"private", MS_PRIVATE}, {"unbindable", MS_UNBINDABLE}};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "c");
		for (int alone = 0; alone < 2; alone++)
			for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
				for (size_t j = 0; j < ARRAY_SIZE(kinds); j++) {
					const char *what = name("%s, then %s, %s", kinds[i].name, kinds[j].name, alone ? "alone" : "with a peer");
					mount_tmpfs("a");
					if (!alone) {
						REQUIRE_OK(mnt(NULL, "a", NULL, MS_SHARED, NULL));
						REQUIRE_OK(mnt("a", "b", NULL, MS_BIND, NULL));
					}
					REQUIRE_OK(mnt(NULL, "a", NULL, kinds[i].flag, NULL));
					REQUIRE_OK(mnt(NULL, "a", NULL, kinds[j].flag, NULL));
					OBSERVE(what, "%s", mounts_seen());
					OBSERVE_RET(name("bind of %s", what), mnt("a", "c", NULL, MS_BIND, NULL));
					OBSERVE(name("after bind of %s", what), "%s", mounts_seen());
					umount("c");
					umount("b");
					REQUIRE_OK(umount("a"));
				}
	}
}

CASE(recursive_propagation, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "c");
		mount_tmpfs("a");
		DIRS("a/x", "a/y");
		mount_tmpfs("a/x");
		mount_tmpfs("a/y");
		REQUIRE_OK(mnt(NULL, "a/y", NULL, MS_UNBINDABLE, NULL));
		OBSERVE_RET("rbind leaves out", mnt("a", "b", NULL, MS_BIND | MS_REC, NULL));
		OBSERVE("mounts", "%s", mounts_seen());
		OBSERVE_RET("bind of the unbindable", mnt("a/y", "c", NULL, MS_BIND, NULL));
		OBSERVE_RET("rshared", mnt(NULL, "a", NULL, MS_REC | MS_SHARED, NULL));
		OBSERVE("mounts shared", "%s", mounts_seen());
		OBSERVE_RET("rbind", mnt("a", "c", NULL, MS_BIND | MS_REC, NULL));
		OBSERVE_RET("rslave", mnt(NULL, "c", NULL, MS_REC | MS_SLAVE, NULL));
		OBSERVE("mounts of slaves", "%s", mounts_seen());
		OBSERVE_RET("rprivate", mnt(NULL, ".", NULL, MS_REC | MS_PRIVATE, NULL));
		OBSERVE("mounts at last", "%s", mounts_seen());
	}
}

CASE(between_namespaces, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("s", "p");
		mount_tmpfs("s");
		mount_tmpfs("p");
		DIRS("s/a", "s/b", "p/a");
		REQUIRE_OK(mnt(NULL, "s", NULL, MS_SHARED, NULL));
		struct gate ready = gate_open(), go = gate_open();
		pid_t child = harness_fork();
		if (child == 0) {
			REQUIRE_OK(unshare(CLONE_NEWNS));
			OBSERVE("in the copy", "%s", mounts_seen());
			mount_tmpfs("s/a");
			mount_tmpfs("p/a");
			gate_signal(&ready);
			gate_wait(&go);
			OBSERVE("in the copy, later", "%s", mounts_seen());
			_exit(0);
		}
		gate_wait(&ready);
		OBSERVE("here", "%s", mounts_seen());
		OBSERVE("there, from here", "%s", mounts_of(name("/proc/%d/mountinfo", child)));
		mount_tmpfs("s/b");
		OBSERVE_RET("umount what came from there", umount("s/a"));
		OBSERVE_RET("rmdir of a place there", rmdir("p/a"));
		gate_signal(&go);
		wait_for(child);
	}
}

CASE(in_a_user_namespace, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		REQUIRE_OK(chmod(".", 0777));
		DIRS("a", "b", "c", "d");
		mount_tmpfs("a");
		REQUIRE_OK(mkdir("a/in", 0755));
		REQUIRE_OK(mnt("x", "a/in", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL));
		REQUIRE_OK(mnt(NULL, "a", NULL, MS_SHARED, NULL));
		become_dumpable_nobody();
		OBSERVE_RET("without", mnt("x", "b", "tmpfs", 0, NULL));
		REQUIRE_OK(unshare(CLONE_NEWUSER));
		OBSERVE_RET("in the old mount namespace", mnt("x", "b", "tmpfs", 0, NULL));
		REQUIRE_OK(unshare(CLONE_NEWNS));
		OBSERVE("mounts", "%s", mounts_seen());
		OBSERVE_RET("tmpfs", mnt("x", "b", "tmpfs", 0, NULL));
		OBSERVE_RET("tmpfs with an owner", mnt("x", "b", "tmpfs", 0, "uid=7"));
		OBSERVE_RET("ramfs", mnt("x", "c", "ramfs", 0, NULL));
		OBSERVE_RET("umount of a locked one", umount("a/in"));
		OBSERVE_RET("umount of what it is on", umount("a"));
		OBSERVE_RET("bind above a locked one", mnt("a", "d", NULL, MS_BIND, NULL));
		OBSERVE_RET("rbind above a locked one", mnt("a", "d", NULL, MS_BIND | MS_REC, NULL));
		OBSERVE_RET("remount of a locked one, rw", mnt(NULL, "a/in", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL));
		OBSERVE_RET("remount of a locked one, exec", mnt(NULL, "a/in", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOATIME, NULL));
		OBSERVE_RET("remount of a locked one, atime", mnt(NULL, "a/in", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_STRICTATIME, NULL));
		OBSERVE_RET("remount of a locked one, the same", mnt(NULL, "a/in", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
		OBSERVE_RET("remount of the file system", mnt(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
		OBSERVE_RET("shared", mnt(NULL, "a", NULL, MS_SHARED, NULL));
		OBSERVE_RET("move of a locked one", mnt("a/in", "b", NULL, MS_MOVE, NULL));
		OBSERVE("mounts at last", "%s", mounts_seen());
	}
}

CASE(namespace_files, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		close(make_file("uts", ""));
		close(make_file("mnt", ""));
		OBSERVE_RET("uts", mnt("/proc/self/ns/uts", "uts", NULL, MS_BIND, NULL));
		OBSERVE_RET("the own mount namespace", mnt("/proc/self/ns/mnt", "mnt", NULL, MS_BIND, NULL));
		OBSERVE("the same", "%d", ns_ino("uts") == stat_of("uts").st_ino);
		struct statfs s;
		REQUIRE_OK(statfs("uts", &s));
		OBSERVE("magic", "%lx", (long)s.f_type);
		int fd = REQUIRE_OK(open("uts", O_RDONLY));
		REQUIRE_OK(unshare(CLONE_NEWUTS));
		OBSERVE_RET("setns", setns(fd, CLONE_NEWUTS));
		OBSERVE("back", "%d", ns_ino("uts") == stat_of("uts").st_ino);
		close(fd);
		OBSERVE_RET("umount", umount("uts"));
	}
}

CASE(nothing_shown_through_nosuid_nodev_noexec, "root cap:21 cap:27") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("d");
		REQUIRE_OK(mnt("x", "d", "tmpfs", MS_NODEV | MS_NOEXEC | 256, NULL));
		REQUIRE_OK(mknod("d/null", S_IFCHR | 0666, makedev(1, 3)));
		OBSERVE_OK("device", open("d/null", O_RDWR));
		OBSERVE_OK("device by O_PATH", open("d/null", O_PATH));
		int fd = REQUIRE_OK(open("d/prog", O_CREAT | O_WRONLY, 0755));
		dprintf(fd, "#!/bin/sh\n");
		close(fd);
		OBSERVE_RET("exec", execl("d/prog", "prog", NULL));
		OBSERVE_RET("access", access("d/prog", X_OK));
		REQUIRE_OK(symlink("prog", "d/link"));
		OBSERVE_OK("link", open("d/link", O_RDONLY));
		OBSERVE_OK("link itself", open("d/link", O_PATH | O_NOFOLLOW));
	}
}

static const char *answers_of(const char *dir, pid_t pid) {
	static char out[256];
	char path[128];
	out[0] = 0;
	static const char *const parts[] = {"", "/", "/stat", "/status", "/nonesuch"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		snprintf(path, sizeof path, "%s/%d%s", dir, pid, parts[i]);
		struct stat st;
		int seen = stat(path, &st);
		snprintf(out + strlen(out), sizeof out - strlen(out), "%s ", seen ? errno_name(errno) : "ok");
		int fd = open(path, O_RDONLY);
		snprintf(out + strlen(out), sizeof out - strlen(out), "%s; ", fd < 0 ? errno_name(errno) : "ok");
		if (fd >= 0)
			close(fd);
	}
	return out;
}

static const char *listed_in(const char *dir, pid_t pid) {
	int n = 0, found = 0, others = 0;
	DIR *d = opendir(dir);
	REQUIRE(d != NULL);
	for (struct dirent *e; (e = readdir(d)) != NULL; n++) {
		found |= atoi(e->d_name) == pid;
		others += e->d_name[0] > '9';
	}
	closedir(d);
	return name("%d, %s", found, others > 2 ? "files beside" : name("%d others", others));
}

CASE(options_of_proc, "root cap:21") {
	static const char *const tries[] = {"hidepid=0", "hidepid=1", "hidepid=2", "hidepid=4", "hidepid=off", "hidepid=noaccess", "hidepid=invisible", "hidepid=ptraceable", "hidepid=3",
		"hidepid", "hidepid=", "gid=7", "gid=x", "hidepid=2,gid=7", "subset=pid", "subset=pid,hidepid=1", "subset=all", "subset=pid,pid", "nonesuch"};
	IN_CHILD(NULL) {
		own_mounts();
		REQUIRE_OK(chmod(".", 0755));
		DIRS("p");
		pid_t root = getpid();
		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			OBSERVE_RET(tries[i], mnt("x", "p", "proc", 0, tries[i]));
			if (mounts_seen()[0] == 0)
				continue;
			OBSERVE(name("seen of %s", tries[i]), "%s", mounts_seen());
			for (int member = 0; member < 2; member++)
				IN_CHILD(NULL) {
					gid_t groups[] = {7};
					REQUIRE_OK(setgroups(member, groups));
					REQUIRE_OK(setgid(65534));
					REQUIRE_OK(setuid(65534));
					OBSERVE(name("nobody %d, %s", member, tries[i]), "%s", answers_of("p", root));
					OBSERVE(name("nobody %d of itself, %s", member, tries[i]), "%s", answers_of("p", getpid()));
					OBSERVE(name("nobody %d lists, %s", member, tries[i]), "%s", listed_in("p", root));
				}
			OBSERVE(name("root, %s", tries[i]), "%s", answers_of("p", root));
			REQUIRE_OK(umount("p"));
		}
		REQUIRE_OK(mnt("x", "p", "proc", 0, NULL));
		OBSERVE_RET("remount", mnt(NULL, "p", NULL, MS_REMOUNT, "hidepid=2"));
		OBSERVE("seen", "%s", mounts_seen());
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE("nobody after that", "%s", answers_of("p", root));
		}
	}
}
