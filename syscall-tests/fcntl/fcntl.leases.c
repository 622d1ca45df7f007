// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fcntl: leases, signals for what happens (O_ASYNC), and hints. Who is told, who waits, and who may ask?
#include "../harness/files.h"
#include <sys/inotify.h>
#include "../harness/creds.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static long call(int fd, int cmd, long arg) { return syscall(SYS_fcntl, fd, cmd, arg); }

static pid_t opener(const char *path, int flags, struct gate *g, int held) {
	pid_t pid = harness_fork();
	if (pid == 0) {
		close(held);
		gate_signal(g);
		int fd = open(path, flags);
		_exit(fd >= 0 ? 0 : errno);
	}
	return pid;
}

CASE(leases_that_are_broken, "root") {
	put_file("f", "content", 0644);
	sig_catch(SIGIO, SA_RESTART);
	static const struct {
		const char *name;
		int open, lease, by;
	} tries[] = {
		{"read by reader", O_RDONLY, F_RDLCK, O_RDONLY}, {"read by writer", O_RDONLY, F_RDLCK, O_WRONLY}, {"read by both", O_RDONLY, F_RDLCK, O_RDWR},
		{"write by reader", O_RDONLY, F_WRLCK, O_RDONLY}, {"write by writer", O_RDONLY, F_WRLCK, O_WRONLY}, {"write of a writer by reader", O_RDWR, F_WRLCK, O_RDONLY},
		{"read of a writer", O_RDWR, F_RDLCK, O_RDONLY}, {"write by path", O_RDONLY, F_WRLCK, O_PATH}, {"read by truncating", O_RDONLY, F_RDLCK, O_WRONLY | O_TRUNC},
	};
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		const char *n = tries[i].name;
		int before = sig_count[SIGIO];
		int fd = REQUIRE_OK(open("f", tries[i].open));
		OBSERVE_RET(name("%s: set", n), call(fd, F_SETLEASE, tries[i].lease));
		OBSERVE_OK(name("%s: open", n), open("f", tries[i].by | O_NONBLOCK));
		OBSERVE_OK(name("%s: open again", n), open("f", tries[i].by | O_NONBLOCK));
		OBSERVE(name("%s: signals", n), "%d", sig_count[SIGIO] - before);
		OBSERVE_RET(name("%s: get", n), call(fd, F_GETLEASE, 0));
		OBSERVE_RET(name("%s: lower", n), call(fd, F_SETLEASE, F_RDLCK));
		OBSERVE_RET(name("%s: get after", n), call(fd, F_GETLEASE, 0));
		OBSERVE_RET(name("%s: give up", n), call(fd, F_SETLEASE, F_UNLCK));
		OBSERVE_RET(name("%s: give up again", n), call(fd, F_SETLEASE, F_UNLCK));
		OBSERVE_OK(name("%s: open then", n), open("f", tries[i].by | O_NONBLOCK));
		for (int other = 3; other < 32; other++)
			close(other);
	}
}

CASE(who_breaks_a_lease_waits, "root") {
	put_file("f", "content", 0644);
	sig_catch(SIGIO, SA_RESTART);
	int fd = REQUIRE_OK(open("f", O_RDONLY)), status;
	for (int how = 0; how < 3; how++) {
		struct gate g = gate_open();
		REQUIRE_OK(call(fd, F_SETLEASE, F_RDLCK));
		pid_t pid = opener("f", O_WRONLY, &g, fd);
		gate_wait(&g);
		wait_blocked(pid, pid);
		OBSERVE_RET(name("%d: get", how), call(fd, F_GETLEASE, 0));
		if (how == 0)
			OBSERVE_RET("give up", call(fd, F_SETLEASE, F_UNLCK));
		else if (how == 1)
			OBSERVE_RET("kill", kill(pid, SIGTERM));
		else
			close(fd);
		REQUIRE_OK(waitpid(pid, &status, 0));
		OBSERVE(name("%d: end", how), "%s", status_text(status));
		if (how == 1)
			OBSERVE_RET("set again", call(fd, F_SETLEASE, F_UNLCK));
	}
	fd = REQUIRE_OK(open("f", O_RDONLY));
	REQUIRE_OK(call(fd, F_SETLEASE, F_RDLCK));
	struct gate g = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		gate_signal(&g);
		_exit(truncate("f", 1) ? errno : 0);
	}
	gate_wait(&g);
	wait_blocked(pid, pid);
	OBSERVE_RET("before truncate: get", call(fd, F_GETLEASE, 0));
	OBSERVE_RET("give up for truncate", call(fd, F_SETLEASE, F_UNLCK));
	REQUIRE_OK(waitpid(pid, &status, 0));
	OBSERVE("truncate", "%s", status_text(status));
}

CASE(who_may_have_a_lease, "root") {
	put_file("f", "content", 0666);
	int p[2];
	REQUIRE_OK(pipe(p));
	int one = REQUIRE_OK(open("f", O_RDONLY)), two = REQUIRE_OK(open("f", O_RDONLY));
	OBSERVE_RET("write beside another", call(one, F_SETLEASE, F_WRLCK));
	OBSERVE_RET("read beside another", call(one, F_SETLEASE, F_RDLCK));
	OBSERVE_RET("a second", call(two, F_SETLEASE, F_RDLCK));
	OBSERVE_RET("of the second", call(two, F_GETLEASE, 0));
	OBSERVE_RET("a pipe", call(p[0], F_SETLEASE, F_RDLCK));
	OBSERVE_RET("get of a pipe", call(p[0], F_GETLEASE, 0));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH), F_SETLEASE, F_RDLCK));
	int dup_of_one = REQUIRE_OK(dup(one));
	OBSERVE_RET("of a duplicate", call(dup_of_one, F_GETLEASE, 0));
	OBSERVE_RET("given up by a duplicate", call(dup_of_one, F_SETLEASE, F_UNLCK));
	IN_CHILD(NULL) {
		OBSERVE_RET("of the child", call(two, F_GETLEASE, 0));
		become_nobody();
		int fd = REQUIRE_OK(open("f", O_RDONLY));
		OBSERVE_RET("not its own", call(fd, F_SETLEASE, F_RDLCK));
		OBSERVE_RET("not its own, unknown", call(fd, F_SETLEASE, 7));
		OBSERVE_RET("a pipe, not its own", call(p[0], F_SETLEASE, F_RDLCK));
	}
}

// --- Signals for what happens (O_ASYNC) ---

CASE(async_of_an_inotify) {
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK)), on = 1;
	sig_catch(SIGIO, SA_RESTART);
	OBSERVE_RET("watch", inotify_add_watch(in, ".", IN_CREATE));
	OBSERVE_RET("FIOASYNC", ioctl(in, FIOASYNC, &on));
	OBSERVE("flag", "%d", (call(in, F_GETFL, 0) & O_ASYNC) != 0);
	OBSERVE_RET("owner", call(in, F_SETOWN, getpid()));
	REQUIRE_OK(mkdir("made", 0755));
	OBSERVE("told", "%d", sig_count[SIGIO]);
	on = 0;
	OBSERVE_RET("off", ioctl(in, FIOASYNC, &on));
	REQUIRE_OK(mkdir("made too", 0755));
	OBSERVE("not told", "%d", sig_count[SIGIO]);
	OBSERVE_RET("by F_SETFL", call(in, F_SETFL, O_ASYNC));
}

CASE(async_of_pipes_and_sockets) {
	static const char *const kinds[] = {"pipe", "socketpair"};
	sig_catch(SIGRTMIN, SA_RESTART);
	sig_catch(SIGIO, SA_RESTART);
	for (int k = 0; k < 2; k++) {
		int p[2];
		REQUIRE_OK(k ? socketpair(AF_UNIX, SOCK_STREAM, 0, p) : pipe(p));
		char c;
		OBSERVE_RET(name("%s: on", kinds[k]), call(p[0], F_SETFL, O_ASYNC));
		REQUIRE(write(p[1], "x", 1) == 1);
		OBSERVE(name("%s: without an owner", kinds[k]), "%d", sig_count[SIGIO]);
		REQUIRE_OK(call(p[0], F_SETOWN, getpid()));
		REQUIRE(read(p[0], &c, 1) == 1);
		int before = sig_count[SIGIO];
		REQUIRE(write(p[1], "x", 1) == 1);
		OBSERVE(name("%s: with an owner", kinds[k]), "%d", sig_count[SIGIO] - before);
		REQUIRE_OK(call(p[0], F_SETFL, 0));
		REQUIRE(read(p[0], &c, 1) == 1);
		before = sig_count[SIGIO];
		REQUIRE(write(p[1], "x", 1) == 1);
		OBSERVE(name("%s: off", kinds[k]), "%d", sig_count[SIGIO] - before);
		int on = 1;
		OBSERVE_RET(name("%s: FIOASYNC", kinds[k]), ioctl(p[0], FIOASYNC, &on));
		OBSERVE(name("%s: flags", kinds[k]), "%d", (call(p[0], F_GETFL, 0) & O_ASYNC) != 0);
		REQUIRE_OK(call(p[0], F_SETSIG, SIGRTMIN));
		REQUIRE(read(p[0], &c, 1) == 1);
		before = sig_count[SIGRTMIN];
		close(p[1]);
		OBSERVE(name("%s: the other end closes", kinds[k]), "%d", sig_count[SIGRTMIN] > before);
		OBSERVE(name("%s: fd", kinds[k]), "%d", sig_info[SIGRTMIN].si_fd == p[0]);
		close(p[0]);
	}
}

CASE(async_of_a_child) {
	int p[2];
	REQUIRE_OK(pipe(p));
	sig_catch(SIGIO, SA_RESTART);
	REQUIRE_OK(call(p[0], F_SETOWN, getpid()));
	REQUIRE_OK(call(p[0], F_SETFL, O_ASYNC));
	IN_CHILD(NULL) {
		CHECK_EQ(write(p[1], "x", 1), 1);
		OBSERVE("in the child", "%d", sig_count[SIGIO]);
	}
	OBSERVE("in the parent", "%d", sig_count[SIGIO]);
}

// A terminal hands on what it got a little later.
static int told_since(int before) {
	for (int i = 0; i < 500 && sig_count[SIGIO] == before; i++)
		poll(NULL, 0, 10);
	return sig_count[SIGIO] > before;
}

CASE(async_of_terminals) {
	IN_CHILD(NULL) {
		int m = REQUIRE_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY)), unlock = 0;
		unsigned n;
		REQUIRE_OK(ioctl(m, TIOCSPTLCK, &unlock));
		REQUIRE_OK(ioctl(m, TIOCGPTN, &n));
		REQUIRE_OK(setsid());
		int s = REQUIRE_OK(open(name("/dev/pts/%u", n), O_RDWR | O_NOCTTY));
		int plain = REQUIRE_OK(open(name("/dev/pts/%u", n), O_RDWR | O_NOCTTY));
		sig_catch(SIGIO, SA_RESTART);
		REQUIRE_OK(call(plain, F_SETFL, O_ASYNC));
		OBSERVE("owner, no controlling terminal", "%d", call(plain, F_GETOWN, 0) == getpid());
		REQUIRE_OK(ioctl(s, TIOCSCTTY, 0));
		REQUIRE_OK(call(plain, F_SETFL, 0));
		REQUIRE_OK(call(s, F_SETFL, O_ASYNC));
		OBSERVE("owner", "%d", call(s, F_GETOWN, 0) == -getpid());
		int before = sig_count[SIGIO];
		REQUIRE(write(m, "line\n", 5) == 5);
		OBSERVE("a line", "%d", told_since(before));
		REQUIRE_OK(call(m, F_SETFL, O_ASYNC));
		OBSERVE("owner of the master", "%d", call(m, F_GETOWN, 0) == getpid());
		REQUIRE_OK(call(s, F_SETFL, 0));
		before = sig_count[SIGIO];
		REQUIRE(write(s, "x", 1) == 1);
		struct pollfd p = {m, POLLIN, 0};
		REQUIRE(poll(&p, 1, 5000) == 1);
		OBSERVE("output", "%d", told_since(before));
	}
}

CASE(write_hints, "kernel>=5.18") {
	put_file("f", "content", 0666);
	int fd = REQUIRE_OK(open("f", O_RDONLY)), p[2];
	REQUIRE_OK(pipe(p));
	uint64_t hint = 99;
	OBSERVE_RET("get", call(fd, 1035, (long)&hint));
	OBSERVE("first", "%llu", (long long)hint);
	for (uint64_t h = 0; h < 8; h++)
		OBSERVE_RET(name("set %llu", (long long)h), call(fd, 1036, (long)&h));
	OBSERVE_RET("get after", call(fd, 1035, (long)&hint));
	OBSERVE("last", "%llu", (long long)hint);
	int other = REQUIRE_OK(open("f", O_WRONLY));
	OBSERVE_RET("get of another", call(other, 1035, (long)&hint));
	OBSERVE("of another", "%llu", (long long)hint);
	hint = 1ull << 32;
	OBSERVE_RET("large", call(fd, 1036, (long)&hint));
	OBSERVE_RET("of the file", call(fd, 1037, (long)&hint));
	OBSERVE_RET("set of the file", call(fd, 1038, (long)&hint));
	hint = 2;
	OBSERVE_RET("pipe", call(p[0], 1036, (long)&hint));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("get to %s", b->name), call(fd, 1035, (long)b->p));
		OBSERVE_RET(name("set from %s", b->name), call(fd, 1036, (long)b->p));
	}
}

CASE(write_hints_of_others, "root kernel>=5.18") {
	put_file("f", "content", 0666);
	IN_CHILD(NULL) {
		become_nobody();
		int fd = REQUIRE_OK(open("f", O_RDWR));
		uint64_t hint = 2;
		OBSERVE_RET("set", call(fd, 1036, (long)&hint));
		OBSERVE_RET("set, bad pointer", call(fd, 1036, (long)bad_ptr()));
		OBSERVE_RET("get", call(fd, 1035, (long)&hint));
	}
}

// A lease is on the file, whatever name it was opened by.
CASE(leases_and_other_names, "root") {
	int fd = make_file("f", "x");
	REQUIRE_OK(link("f", "g"));
	int other = REQUIRE_OK(open("g", O_RDONLY));
	OBSERVE_RET("to write, read by its other name", call(fd, F_SETLEASE, F_WRLCK));
	int path = REQUIRE_OK(open("g", O_PATH));
	close(other);
	OBSERVE_RET("to write, with a path only", call(fd, F_SETLEASE, F_WRLCK));
	close(path);
	sig_catch(SIGIO, 0);
	OBSERVE_RET("opened by its other name", open("g", O_RDONLY | O_NONBLOCK));
	OBSERVE("told", "%d", sig_count[SIGIO]);
	OBSERVE_RET("what it must become", call(fd, F_GETLEASE, 0));
	OBSERVE_RET("given up", call(fd, F_SETLEASE, F_UNLCK));
	other = REQUIRE_OK(open("g", O_RDWR));
	OBSERVE_RET("to read, written by its other name", call(fd, F_SETLEASE, F_RDLCK));
	close(other);
	close(fd);
	fd = REQUIRE_OK(open("f", O_RDONLY));
	OBSERVE_RET("to read", call(fd, F_SETLEASE, F_RDLCK));
}
