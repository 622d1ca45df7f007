// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mount: a cgroup2 by an application. What may be mounted how, what are the groups in it, who may be put into one, and who is
// told when nobody is left?
#include "../harness/cgroups.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static const char *const files[] = {"cgroup.controllers", "cgroup.events", "cgroup.kill", "cgroup.max.depth", "cgroup.max.descendants",
				    "cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "cgroup.type"};
#define NFILES ((int)(sizeof files / sizeof *files))

CASE(cgroup2_mounted, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		REQUIRE_OK(mkdir("d", 0755));
		OBSERVE_RET("option", syscall(SYS_mount, "x", "d", "cgroup2", 0, "nonesuch"));
		OBSERVE_RET("option with a value", syscall(SYS_mount, "x", "d", "cgroup2", 0, "nsdelegate=1"));
		OBSERVE_RET("option of version 1", syscall(SYS_mount, "x", "d", "cgroup2", 0, "none,name=x"));
		OBSERVE_RET("a second time", syscall(SYS_mount, "x", "d", "cgroup2", MS_RDONLY, "nsdelegate,memory_localevents"));
		struct stat a, b;
		CHECK_OK(stat("cg", &a));
		CHECK_OK(stat("d", &b));
		OBSERVE("the same file system", "%d %d", a.st_dev == b.st_dev, a.st_ino == b.st_ino);
		OBSERVE_RET("mkdir read-only", mkdir("d/x", 0755));
		struct statfs f;
		CHECK_OK(statfs("cg", &f));
		OBSERVE("statfs", "%lx %ld %ld", (long)f.f_type, (long)f.f_bsize, (long)f.f_namelen);
		OBSERVE_RET("umount", umount2("d", 0));
		cg_end(NULL);
	}
}

CASE(cgroup2_group, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		struct stat s;
		for (int i = 0; i < NFILES; i++) {
			CHECK_OK(stat(name("%s/%s", cg, files[i]), &s));
			OBSERVE(files[i], "%o %ld %d:%d, %ld bytes: %s", s.st_mode, (long)s.st_nlink, s.st_uid, s.st_gid, (long)s.st_size, cg_read(files[i]));
		}
		CHECK_OK(stat(cg, &s));
		OBSERVE("directory", "%o %ld", s.st_mode, (long)s.st_nlink);
		OBSERVE_RET("mkdir", mkdir(name("%s/a", cg), 0700));
		OBSERVE_RET("mkdir again", mkdir(name("%s/a", cg), 0700));
		OBSERVE_RET("mkdir of a file's name", mkdir(name("%s/cgroup.procs", cg), 0700));
		OBSERVE_RET("mkdir with a newline", mkdir(name("%s/a\nb", cg), 0700));
		OBSERVE_RET("mkdir below", mkdir(name("%s/a/b", cg), 0700));
		CHECK_OK(stat(name("%s/a", cg), &s));
		OBSERVE("made", "%o %ld", s.st_mode, (long)s.st_nlink);
		OBSERVE("stat", "%.16s", cg_read("cgroup.stat"));
		OBSERVE_RET("create", open(name("%s/f", cg), O_CREAT | O_RDWR, 0600));
		OBSERVE_RET("mknod", mknod(name("%s/f", cg), S_IFIFO | 0600, 0));
		OBSERVE_RET("symlink", symlink("x", name("%s/f", cg)));
		OBSERVE_RET("link", link(name("%s/cgroup.procs", cg), name("%s/f", cg)));
		OBSERVE_RET("unlink", unlink(name("%s/cgroup.procs", cg)));
		OBSERVE_RET("unlink of a group", unlink(name("%s/a", cg)));
		OBSERVE_RET("rename", rename(name("%s/a", cg), name("%s/c", cg)));
		OBSERVE_RET("rmdir of a file", rmdir(name("%s/cgroup.procs", cg)));
		OBSERVE_RET("rmdir of a parent", rmdir(name("%s/a", cg)));
		OBSERVE_RET("rmdir of what is not there", rmdir(name("%s/x", cg)));
		OBSERVE_RET("truncate", truncate(name("%s/cgroup.procs", cg), 0));
		OBSERVE_RET("chmod", chmod(name("%s/a/cgroup.procs", cg), 0666));
		OBSERVE_RET("chown", chown(name("%s/a", cg), 1000, 1001));
		CHECK_OK(stat(name("%s/a/cgroup.procs", cg), &s));
		OBSERVE("after chmod", "%o %d:%d", s.st_mode, s.st_uid, s.st_gid);
		CHECK_OK(stat(name("%s/a", cg), &s));
		OBSERVE("after chown", "%o %d:%d", s.st_mode, s.st_uid, s.st_gid);
		cg_end((const char *const[]){"a/b", "a", NULL});
	}
}

CASE(cgroup2_values, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		static const char *const values[] = {"", "\n", "0", "1", "7\n", " 8 ", "-1", "0x10", "max", "max\n", "maxi", "2147483647", "2147483648", "99999999999999999999", "x",
						     "threaded", "domain", "+nonesuch", "+", "-", "pids", "+io +nonesuch", "-pids"};
		for (int i = 0; i < NFILES; i++)
			for (int v = 0; v < (int)(sizeof values / sizeof *values); v++) {
				int one = !strcmp(files[i], "cgroup.type") && !strcmp(values[v], "threaded"); // Linux has threads apart
				int pid = !strcmp(files[i], "cgroup.procs") || !strcmp(files[i], "cgroup.threads");
				if (!one && !(pid && (strpbrk(values[v], "0178") && values[v][0] != '-' && strlen(values[v]) < 10)))
					OBSERVE(name("%s \"%s\"", files[i], values[v]), "%s", cg_write(files[i], values[v]));
			}
		OBSERVE("depth", "%s", cg_read("cgroup.max.depth"));
		cg_end(NULL);
	}
}

CASE(cgroup2_members, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		OBSERVE("at first", "%s", cg_of(getpid()));
		OBSERVE("nobody", "%s", cg_write("cgroup.procs", "99999999"));
		OBSERVE("a thread alone", "%s", cg_write("cgroup.threads", "0"));
		OBSERVE("oneself", "%s", cg_write("cgroup.procs", " 0 \n"));
		OBSERVE("then", "%s, %s", cg_of(getpid()), cg_ids("cgroup.procs"));
		OBSERVE("again", "%s", cg_write("cgroup.procs", name("%d\n", getpid())));
		OBSERVE("a thread where it is", "%s", cg_write("cgroup.threads", name("%d", getpid())));
		OBSERVE_RET("rmdir", rmdir(cg));
		REQUIRE_OK(mkdir(name("%s/a", cg), 0755));
		struct gate in = gate_open(), out = gate_open();
		int child = harness_fork();
		if (!child) {
			CHECK_STR(cg_of(getpid()), "/own");
			gate_signal(&in);
			gate_wait(&out);
			_exit(0);
		}
		gate_wait(&in);
		OBSERVE("of a child", "%s", cg_of(child));
		OBSERVE("moved", "%s", cg_write("a/cgroup.procs", name("%d", child)));
		OBSERVE("the child", "%s: %s", cg_of(child), cg_ids("a/cgroup.procs"));
		OBSERVE("its threads", "%s", cg_ids("a/cgroup.threads"));
		OBSERVE("events", "%s", cg_read("a/cgroup.events"));
		gate_signal(&out);
		siginfo_t info;
		REQUIRE_OK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
		OBSERVE("dead", "%s: %s", cg_of(child), cg_ids("a/cgroup.procs"));
		OBSERVE_RET("rmdir with a dead one", rmdir(name("%s/a", cg)));
		OBSERVE("of a group that is gone", "%s", cg_of(child));
		wait_for(child);
		cg_end(NULL);
	}
}

CASE(cgroup2_told_when_empty, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		int fd = REQUIRE_OK(open(name("%s/cgroup.events", cg), O_RDONLY));
		int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));
		REQUIRE_OK(inotify_add_watch(in, name("%s/cgroup.events", cg), IN_MODIFY));
		char buf[200];
		long n = pread(fd, buf, sizeof buf - 1, 0);
		OBSERVE("at first", "%.*s", (int)n, buf);
		struct pollfd p[2] = {{.fd = fd, .events = POLLPRI}, {.fd = in, .events = POLLIN}};
		OBSERVE("ready at first", "%d %#x %#x", poll(p, 2, 0), p[0].revents, p[1].revents);
		struct gate out = gate_open();
		int child = harness_fork();
		if (!child) {
			gate_wait(&out);
			_exit(0);
		}
		CHECK_STR(cg_write("cgroup.procs", name("%d", child)), "ok");
		CHECK_EQ(poll(p, 1, 5000), 1);
		CHECK_EQ(poll(p + 1, 1, 5000), 1);
		OBSERVE("ready when populated", "%#x %#x", p[0].revents, p[1].revents);
		n = pread(fd, buf, sizeof buf - 1, 0);
		OBSERVE("populated", "%.*s", (int)n, buf);
		OBSERVE("ready when read", "%d", poll(p, 1, 0));
		CHECK(read(in, buf, sizeof buf) > 0);
		gate_signal(&out);
		CHECK_EQ(poll(p, 1, 5000), 1);
		CHECK_EQ(poll(p + 1, 1, 5000), 1);
		OBSERVE("ready when empty", "%#x %#x", p[0].revents, p[1].revents);
		n = pread(fd, buf, sizeof buf - 1, 0);
		OBSERVE("empty", "%.*s", (int)n, buf);
		wait_for(child);
		cg_end(NULL);
	}
}

CASE(cgroup2_limits_of_groups, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		CHECK_STR(cg_write("cgroup.max.depth", "2"), "ok");
		OBSERVE_RET("one level", mkdir(name("%s/a", cg), 0755));
		OBSERVE_RET("two levels", mkdir(name("%s/a/b", cg), 0755));
		OBSERVE_RET("three levels", mkdir(name("%s/a/b/c", cg), 0755));
		CHECK_STR(cg_write("a/cgroup.max.descendants", "1"), "ok");
		OBSERVE_RET("a second one", mkdir(name("%s/a/c", cg), 0755));
		OBSERVE_RET("beside", mkdir(name("%s/d", cg), 0755));
		CHECK_STR(cg_write("cgroup.max.depth", "0"), "ok");
		OBSERVE_RET("no level", mkdir(name("%s/e", cg), 0755));
		cg_end((const char *const[]){"a/b", "a", "d", NULL});
	}
}

CASE(cgroup2_kill, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		REQUIRE_OK(mkdir(name("%s/a", cg), 0755));
		pid_t child[2];
		for (int i = 0; i < 2; i++) {
			if (!(child[i] = harness_fork()))
				for (;;)
					pause();
			CHECK_STR(cg_write(i ? "a/cgroup.procs" : "cgroup.procs", name("%d", child[i])), "ok");
		}
		OBSERVE("below", "%s", cg_write("a/cgroup.kill", "1\n"));
		OBSERVE_STATUS("who was below", wait_for(child[1]));
		OBSERVE("kill 0", "%s", cg_write("cgroup.kill", "0"));
		CHECK_OK(kill(child[0], 0));
		OBSERVE("all", "%s", cg_write("cgroup.kill", "1"));
		OBSERVE_STATUS("who was above", wait_for(child[0]));
		OBSERVE("when empty", "%s", cg_write("cgroup.kill", "1"));
		cg_end((const char *const[]){"a", NULL});
	}
}

CASE(cgroup2_gone, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		REQUIRE_OK(mkdir(name("%s/a", cg), 0755));
		int r = REQUIRE_OK(open(name("%s/a/cgroup.events", cg), O_RDONLY)), w = REQUIRE_OK(open(name("%s/a/cgroup.procs", cg), O_WRONLY));
		int d = REQUIRE_OK(open(name("%s/a", cg), O_RDONLY | O_DIRECTORY));
		REQUIRE_OK(rmdir(name("%s/a", cg)));
		char buf[100];
		OBSERVE_RET("read", read(r, buf, sizeof buf));
		OBSERVE_RET("write", write(w, "0", 1));
		OBSERVE_RET("mkdir", mkdirat(d, "b", 0755));
		OBSERVE_RET("open", openat(d, "cgroup.procs", O_RDONLY));
		REQUIRE_OK(mkdir(name("%s/a", cg), 0755));
		OBSERVE_RET("read after another", read(r, buf, sizeof buf));
		cg_end((const char *const[]){"a", NULL});
	}
}

CASE(cgroup2_delegated, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		REQUIRE_OK(mkdir(name("%s/a", cg), 0755));
		REQUIRE_OK(mkdir(name("%s/b", cg), 0755));
		static const char *const given[] = {"a", "a/cgroup.procs", "a/cgroup.subtree_control"};
		for (int i = 0; i < 3; i++)
			REQUIRE_OK(chown(name("%s/%s", cg, given[i]), 65534, 65534));
		CHECK_STR(cg_write("a/cgroup.procs", "0"), "ok");
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("mkdir", mkdir(name("%s/a/sub", cg), 0755));
			OBSERVE_RET("mkdir elsewhere", mkdir(name("%s/b/sub", cg), 0755));
			struct stat s;
			CHECK_OK(stat(name("%s/a/sub/cgroup.procs", cg), &s));
			OBSERVE("owner", "%o %d:%d", s.st_mode, s.st_uid, s.st_gid);
			OBSERVE("down", "%s", cg_write("a/sub/cgroup.procs", "0"));
			OBSERVE("where", "%s", cg_of(getpid()));
			OBSERVE("up", "%s", cg_write("a/cgroup.procs", "0"));
			OBSERVE("where it may not write", "%s", cg_write("b/cgroup.procs", "0"));
			OBSERVE("a limit", "%s", cg_write("a/cgroup.max.depth", "1"));
			OBSERVE("a limit of its own", "%s", cg_write("a/sub/cgroup.max.depth", "1"));
		}
		REQUIRE_OK(chmod(name("%s/b/cgroup.procs", cg), 0666));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE("where only the way is barred", "%s", cg_write("b/cgroup.procs", "0"));
		}
		cg_end((const char *const[]){"a/sub", "a", "b", NULL});
	}
}

CASE(cgroup2_of_a_namespace, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		REQUIRE_OK(mkdir(name("%s/a", cg), 0755));
		REQUIRE_OK(mkdir(name("%s/a/b", cg), 0755));
		REQUIRE_OK(mkdir("d", 0755));
		pid_t parent = getpid();
		IN_CHILD(NULL) {
			CHECK_STR(cg_write("a/cgroup.procs", "0"), "ok");
			REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWCGROUP));
			OBSERVE("root", "%s", cg_of(getpid()));
			OBSERVE("who is outside", "%s", cg_of(parent));
			REQUIRE_OK(syscall(SYS_mount, "x", "d", "cgroup2", 0, NULL));
			OBSERVE("mounted", "%d %d %d", access("d/b", F_OK), access("d/cgroup.type", F_OK), access("d/a", F_OK));
			OBSERVE_RET("mkdir", mkdir("d/c", 0755));
			CHECK_STR(cg_write("a/c/cgroup.procs", "0"), "ok");
			OBSERVE("in what it made", "%s", cg_of(getpid()));
			CHECK_STR(cg_write("cgroup.procs", "0"), "ok");
			OBSERVE("outside", "%s", cg_of(getpid()));
			OBSERVE_RET("umount", umount2("d", 0));
		}
		cg_end((const char *const[]){"a/b", "a/c", "a", NULL});
	}
}
