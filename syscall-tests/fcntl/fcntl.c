// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fcntl: descriptors and their flags, record locks of processes and of open files, owners, leases, seals, pipe sizes
#include "../harness/files.h"

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif

static long call(int fd, int cmd, long arg) { return syscall(SYS_fcntl, fd, cmd, arg); }

// --- Descriptors ---

CASE(every_command_on_bad_descriptors) {
	put_file("f", "", 0644);
	int path = REQUIRE_OK(open("f", O_PATH));
	for (int cmd = 0; cmd < 40; cmd++) {
		OBSERVE_RET(name("bad fd, %d", cmd), call(99, cmd, 0));
		if (cmd != F_DUPFD)
			OBSERVE_RET(name("O_PATH, %d", cmd), call(path, cmd, 0));
	}
	for (int cmd = 1024; cmd < 1044; cmd++)
		OBSERVE_RET(name("bad fd, %d", cmd), call(99, cmd, 0));
}

CASE(unknown_commands) {
	static const int cmds[] = {-1, 18, 19, 35, 39, 100, 1020, 1050, INT_MAX, INT_MIN};
	int fd = make_file("f", "");
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		OBSERVE_RET(name("%d", cmds[i]), call(fd, cmds[i], 0));
}

CASE(dupfd) {
	static const long from[] = {0, 3, 10, 11, -1, 1023, 1024, 1l << 20, 1l << 30, INT_MAX, 1l << 32};
	int fd = make_file("f", "content");
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){1024, 1024}));
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		int copy = OBSERVE_RET(name("from %ld", from[i]), call(fd, F_DUPFD, from[i]));
		if (copy >= 0)
			OBSERVE(name("from %ld: flags", from[i]), "%d", fcntl(copy, F_GETFD));
		int cloexec = OBSERVE_RET(name("cloexec from %ld", from[i]), call(fd, F_DUPFD_CLOEXEC, from[i]));
		if (cloexec >= 0)
			OBSERVE(name("cloexec from %ld: flags", from[i]), "%d", fcntl(cloexec, F_GETFD));
		close(copy);
		close(cloexec);
	}
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){4, 4}));
	OBSERVE_RET("none below the limit", call(fd, F_DUPFD, 0));
	OBSERVE_RET("from the limit", call(fd, F_DUPFD, 4));
	OBSERVE_RET("from below", call(fd, F_DUPFD, 3));
}

CASE(dupfd_query, "kernel>=6.10") {
	int fd = make_file("f", ""), copy = REQUIRE_OK(dup(fd)), other = REQUIRE_OK(open("f", O_RDWR));
	OBSERVE_RET("itself", call(fd, F_DUPFD_QUERY, fd));
	OBSERVE_RET("its copy", call(fd, F_DUPFD_QUERY, copy));
	OBSERVE_RET("another open", call(fd, F_DUPFD_QUERY, other));
	OBSERVE_RET("closed", call(fd, F_DUPFD_QUERY, 99));
}

CASE(descriptor_flags) {
	static const long values[] = {0, 1, 2, 3, -1, 1l << 32 | 1, 0};
	make_file("f", "");
	int fd = REQUIRE_OK(open("f", O_RDWR)), copy = REQUIRE_OK(dup(fd));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		CHECK_EQ(call(fd, F_SETFD, values[i]), 0);
		OBSERVE(name("set %ld, %zu", values[i], i), "%ld", call(fd, F_GETFD, 0));
		CHECK_EQ(fcntl(copy, F_GETFD), 0);
	}
}

CASE(status_flags) {
	static const int flags[] = {0, O_APPEND, O_NONBLOCK, O_NOATIME, O_ASYNC, O_SYNC, O_DSYNC, O_RDWR, O_CREAT | O_TRUNC | O_EXCL, O_CLOEXEC, O_DIRECTORY, O_PATH, -1 & ~O_DIRECT};
	make_file("f", "");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		int fd = REQUIRE_OK(open("f", O_RDONLY));
		OBSERVE_RET(name("set %#o", flags[i]), call(fd, F_SETFL, flags[i]));
		OBSERVE(name("get %#o", flags[i]), "%#lo", call(fd, F_GETFL, 0));
		close(fd);
	}
}

CASE(append_takes_effect) {
	int fd = make_file("f", "content");
	CHECK_OK(call(fd, F_SETFL, O_APPEND));
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_OK(call(fd, F_SETFL, 0));
	CHECK_EQ(pwrite(fd, "y", 1, 0), 1);
	CHECK_STR(read_file("f"), "yontentx");
}

CASE(nonblock_takes_effect_for_all) {
	int p[2];
	char c;
	REQUIRE_OK(pipe(p));
	int copy = REQUIRE_OK(dup(p[0]));
	CHECK_OK(call(p[0], F_SETFL, O_NONBLOCK));
	CHECK_ERR(read(copy, &c, 1), EAGAIN);
	IN_CHILD(NULL) { CHECK_ERR(read(copy, &c, 1), EAGAIN); }
}

CASE(noatime_is_for_the_owner, "root") {
	put_file("f", "", 0644);
	IN_CHILD(NULL) {
		become_nobody();
		int fd = REQUIRE_OK(open("f", O_RDONLY));
		CHECK_ERR(call(fd, F_SETFL, O_NOATIME), EPERM);
	}
}

// --- Record locks ---

static long lock(int fd, int cmd, int type, long start, long len) {
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
	return syscall(SYS_fcntl, fd, cmd, &l);
}

// What stands in the way of a write lock on a range: "none", or "write 5+10 by parent".
static const char *who_locks(int fd, int cmd, int type, long start, long len) {
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
	if (syscall(SYS_fcntl, fd, cmd, &l) < 0)
		return errno_name(errno);
	if (l.l_type == F_UNLCK)
		return "none";
	return name("%s %ld+%ld by %s", l.l_type == F_WRLCK ? "write" : "read", (long)l.l_start, (long)l.l_len, pid_name(l.l_pid));
}

// All locks of a file as another process sees them.
static void observe_locks(const char *what, int fd) {
	IN_CHILD(NULL) {
		char text[512] = "";
		long at = 0;
		for (int i = 0; i < 10; i++) {
			struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at};
			if (fcntl(fd, F_GETLK, &l) < 0 || l.l_type == F_UNLCK)
				break;
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%ld+%ld ", l.l_type == F_WRLCK ? "w" : "r", (long)l.l_start, (long)l.l_len);
			if (l.l_len == 0)
				break;
			at = l.l_start + l.l_len;
		}
		OBSERVE(what, "%s", text);
	}
}

CASE(split_and_merge) {
	int fd = make_file("f", "");
	CHECK_OK(lock(fd, F_SETLK, F_WRLCK, 10, 20));
	observe_locks("10-30 written", fd);
	CHECK_OK(lock(fd, F_SETLK, F_UNLCK, 15, 5));
	observe_locks("15-20 freed", fd);
	CHECK_OK(lock(fd, F_SETLK, F_WRLCK, 15, 5));
	observe_locks("15-20 taken again", fd);
	CHECK_OK(lock(fd, F_SETLK, F_RDLCK, 20, 5));
	observe_locks("20-25 for reading", fd);
	CHECK_OK(lock(fd, F_SETLK, F_WRLCK, 30, 10));
	observe_locks("30-40 joined", fd);
	CHECK_OK(lock(fd, F_SETLK, F_RDLCK, 0, 0));
	observe_locks("all for reading", fd);
	CHECK_OK(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	observe_locks("all freed", fd);
}

CASE(ranges) {
	static const long ranges[][3] = {{SEEK_SET, 0, 0}, {SEEK_SET, 5, 0}, {SEEK_SET, 5, -2}, {SEEK_SET, 5, -5}, {SEEK_SET, 5, -6}, {SEEK_SET, -1, 1}, {SEEK_SET, LONG_MAX, 1},
					 {SEEK_SET, LONG_MAX, 2}, {SEEK_SET, 1, LONG_MAX}, {SEEK_SET, 0, LONG_MIN}, {SEEK_CUR, 0, 3}, {SEEK_CUR, -3, 1}, {SEEK_CUR, -2, -2}, {SEEK_END, 0, 1},
					 {SEEK_END, -7, 2}, {SEEK_END, -8, 1}, {SEEK_END, LONG_MAX, 1}, {SEEK_CUR, LONG_MAX, 0}, {3, 0, 1}, {-1, 0, 1}};
	int fd = make_file("f", "content");
	REQUIRE_OK(lseek(fd, 2, SEEK_SET));
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct flock l = {.l_type = F_WRLCK, .l_whence = ranges[i][0], .l_start = ranges[i][1], .l_len = ranges[i][2]};
		const char *what = strdup(name("whence %ld, %ld+%ld", ranges[i][0], ranges[i][1], ranges[i][2]));
		OBSERVE_RET(what, call(fd, F_SETLK, (long)&l));
		observe_locks(name("%s: locked", what), fd);
		lock(fd, F_SETLK, F_UNLCK, 0, 0);
	}
}

CASE(lock_types) {
	static const int types[] = {-1, F_RDLCK, F_WRLCK, F_UNLCK, 3, 4, 5, 100};
	int fd = make_file("f", ""), r = REQUIRE_OK(open("f", O_RDONLY)), w = REQUIRE_OK(open("f", O_WRONLY));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		OBSERVE_RET(name("O_RDWR, %d", types[i]), lock(fd, F_SETLK, types[i], 0, 1));
		OBSERVE_RET(name("O_RDONLY, %d", types[i]), lock(r, F_SETLK, types[i], 0, 1));
		OBSERVE_RET(name("O_WRONLY, %d", types[i]), lock(w, F_SETLK, types[i], 0, 1));
		OBSERVE_RET(name("F_GETLK, %d", types[i]), lock(fd, F_GETLK, types[i], 0, 1));
	}
}

CASE(conflicts) {
	int fd = make_file("f", "");
	REQUIRE_OK(lock(fd, F_SETLK, F_RDLCK, 0, 10));
	REQUIRE_OK(lock(fd, F_SETLK, F_WRLCK, 20, 10));
	// Ours do not stand in our way.
	OBSERVE("own", "%s", who_locks(fd, F_GETLK, F_WRLCK, 0, 0));
	IN_CHILD(NULL) {
		OBSERVE("read over read", "%s", who_locks(fd, F_GETLK, F_RDLCK, 0, 10));
		OBSERVE("write over read", "%s", who_locks(fd, F_GETLK, F_WRLCK, 5, 1));
		OBSERVE("between", "%s", who_locks(fd, F_GETLK, F_WRLCK, 10, 10));
		OBSERVE("read over write", "%s", who_locks(fd, F_GETLK, F_RDLCK, 29, 1));
		CHECK_OK(lock(fd, F_SETLK, F_RDLCK, 0, 5));
		CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, 0, 5), EAGAIN);
		CHECK_ERR(lock(fd, F_SETLK, F_RDLCK, 20, 1), EAGAIN);
		CHECK_OK(lock(fd, F_SETLK, F_WRLCK, 30, 0));
	}
	// They went with the child.
	CHECK_OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
}

CASE(waiting) {
	int fd = make_file("f", "");
	REQUIRE_OK(lock(fd, F_SETLK, F_WRLCK, 0, 10));
	pid_t pid = harness_fork();
	if (pid == 0)
		_exit(lock(fd, F_SETLKW, F_WRLCK, 5, 10) == 0 ? 0 : 1);
	CHECK(wait_blocked(pid, pid));
	CHECK_OK(lock(fd, F_SETLK, F_UNLCK, 0, 10));
	OBSERVE_STATUS("waiter", wait_for(pid));
}

CASE(waiting_is_interrupted) {
	int fd = make_file("f", "");
	struct gate ready = gate_open(), done = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		REQUIRE_OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
		gate_signal(&ready);
		gate_wait(&done);
		_exit(0);
	}
	gate_wait(&ready);
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	CHECK_ERR(lock(fd, F_SETLKW, F_RDLCK, 0, 1), EINTR);
	CHECK(interrupt_done(&it));
	gate_signal(&done);
	wait_for(pid);
	CHECK_OK(lock(fd, F_SETLKW, F_RDLCK, 0, 1));
}

// Two who wait for each other: the second is told.
CASE(deadlock) {
	int fd = make_file("f", "");
	struct gate ready = gate_open();
	REQUIRE_OK(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	pid_t pid = harness_fork();
	if (pid == 0) {
		REQUIRE_OK(lock(fd, F_SETLK, F_WRLCK, 1, 1));
		gate_signal(&ready);
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 1) == 0 ? 0 : 1);
	}
	gate_wait(&ready);
	CHECK(wait_blocked(pid, pid));
	CHECK_ERR(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
	CHECK_OK(lock(fd, F_SETLK, F_UNLCK, 0, 1));
	OBSERVE_STATUS("the first", wait_for(pid));
}

CASE(any_close_frees) {
	int fd = make_file("f", ""), other = REQUIRE_OK(open("f", O_RDONLY));
	REQUIRE_OK(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	observe_locks("held", fd);
	close(other);
	observe_locks("after another descriptor's close", fd);
}

CASE(children_and_exec) {
	int fd = make_file("f", ""), st;
	REQUIRE_OK(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	IN_CHILD(NULL) { CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, 0, 1), EAGAIN); }
	REQUIRE_OK(lock(fd, F_SETLK, F_UNLCK, 0, 1));
	// The new program of the same process keeps them.
	struct gate ready = gate_open(), done = gate_open();
	int lfd = REQUIRE_OK(open("f", O_RDWR));
	pid_t pid = harness_fork();
	if (pid == 0) {
		REQUIRE_OK(lock(lfd, F_SETLK, F_WRLCK, 0, 1));
		execl("/bin/sh", "sh", "-c", name("echo >&%d; read x <&%d; exit 7", ready.w, done.r), NULL);
		_exit(99);
	}
	gate_wait(&ready);
	OBSERVE("while the new program runs", "%s", strncmp(who_locks(fd, F_GETLK, F_WRLCK, 0, 1), "write 0+1", 9) == 0 ? "locked" : "free");
	REQUIRE(write(done.w, "\n", 1) == 1);
	waitpid(pid, &st, 0);
	OBSERVE_STATUS("it", st);
	OBSERVE("after its end", "%s", who_locks(fd, F_GETLK, F_WRLCK, 0, 1));
}

CASE(lock_pointers) {
	int fd = make_file("f", "");
	static const int cmds[] = {F_GETLK, F_SETLK, F_SETLKW, 36, 37, 38};
	struct flock l = {.l_type = F_WRLCK};
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
			OBSERVE_RET(name("%d: %s", cmds[i], b->name), call(fd, cmds[i], (long)b->p));
		OBSERVE_RET(name("%d: ends with memory", cmds[i]), call(fd, cmds[i], (long)guard_copy(&l, sizeof l)));
		lock(fd, i < 3 ? F_SETLK : F_OFD_SETLK, F_UNLCK, 0, 0);
		OBSERVE_RET(name("%d: ends beyond", cmds[i]), call(fd, cmds[i], (long)guard_copy(&l, 24)));
	}
	CHECK_EQ(sizeof l, 32);
}

CASE(lock_descriptors) {
	int p[2];
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("pipe", lock(p[0], F_SETLK, F_RDLCK, 0, 0));
	OBSERVE_RET("directory", lock(open(".", O_RDONLY), F_SETLK, F_RDLCK, 0, 0));
	REQUIRE_OK(mkfifo("fifo", 0600)); // a device is the whole machine's, and so are its locks
	OBSERVE_RET("named pipe", lock(open("fifo", O_RDWR), F_SETLK, F_WRLCK, 0, 0));
	OBSERVE_RET("O_PATH", lock(open(".", O_PATH), F_SETLK, F_RDLCK, 0, 0));
}

// --- Locks of open files ---

CASE(ofd_locks) {
	int a = make_file("f", ""), b = REQUIRE_OK(open("f", O_RDWR)), copy = REQUIRE_OK(dup(a));
	CHECK_OK(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10));
	CHECK_ERR(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), EAGAIN);
	CHECK_OK(lock(copy, F_OFD_SETLK, F_WRLCK, 5, 1));
	OBSERVE("seen by another", "%s", who_locks(b, F_OFD_GETLK, F_WRLCK, 0, 0));
	OBSERVE("seen by a process lock", "%s", who_locks(b, F_GETLK, F_WRLCK, 0, 0));
	CHECK_ERR(lock(a, F_SETLK, F_WRLCK, 0, 1), EAGAIN);
	IN_CHILD(NULL) { CHECK_OK(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10)); }
	close(copy);
	CHECK_ERR(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), EAGAIN);
	close(a);
	CHECK_OK(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1));
}

CASE(ofd_pid_must_be_zero) {
	int fd = make_file("f", "");
	static const int cmds[] = {F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SETLK};
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		struct flock l = {.l_type = F_WRLCK, .l_pid = 1};
		OBSERVE_RET(name("%d", cmds[i]), call(fd, cmds[i], (long)&l));
	}
}

CASE(ofd_waiting) {
	int a = make_file("f", "");
	REQUIRE_OK(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	pid_t pid = harness_fork();
	if (pid == 0) {
		int b = REQUIRE_OK(open("f", O_RDWR));
		_exit(lock(b, F_OFD_SETLKW, F_WRLCK, 0, 0) == 0 ? 0 : 1);
	}
	CHECK(wait_blocked(pid, pid));
	CHECK_OK(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0));
	OBSERVE_STATUS("waiter", wait_for(pid));
}

// --- Owners and signals ---

CASE(owner) {
	int p[2];
	struct f_owner_ex ex;
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("none", call(p[0], F_GETOWN, 0));
	CHECK_OK(call(p[0], F_SETOWN, getpid()));
	CHECK_EQ(call(p[0], F_GETOWN, 0), getpid());
	REQUIRE_OK(call(p[0], F_GETOWN_EX, (long)&ex));
	OBSERVE("type", "%d", ex.type);
	CHECK_OK(call(p[0], F_SETOWN, -getpgrp()));
	REQUIRE_OK(call(p[0], F_GETOWN_EX, (long)&ex));
	OBSERVE("type of a group", "%d", ex.type);
	CHECK_EQ(ex.pid, getpgrp());
	OBSERVE_RET("nobody there", call(p[0], F_SETOWN, 4000000));
	OBSERVE_RET("INT_MIN", call(p[0], F_SETOWN, INT_MIN));
	for (int type = -1; type < 4; type++) {
		ex = (struct f_owner_ex){type, getpid()};
		OBSERVE_RET(name("type %d", type), call(p[0], F_SETOWN_EX, (long)&ex));
	}
	OBSERVE_RET("bad pointer", call(p[0], F_SETOWN_EX, (long)bad_ptr()));
	OBSERVE_RET("get, bad pointer", call(p[0], F_GETOWN_EX, (long)bad_ptr()));
	OBSERVE_RET("none again", call(p[0], F_SETOWN, 0));
	CHECK_EQ(call(p[0], F_GETOWN, 0), 0);
}

CASE(signal_number) {
	int fd = make_file("f", "");
	static const int sigs[] = {0, SIGUSR1, 64, 65, -1, SIGKILL};
	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		OBSERVE_RET(name("set %d", sigs[i]), call(fd, F_SETSIG, sigs[i]));
		OBSERVE_RET(name("get %d", sigs[i]), call(fd, F_GETSIG, 0));
	}
}

// A pipe that becomes readable tells its owner.
CASE(async) {
	int p[2];
	REQUIRE_OK(pipe(p));
	sig_catch(SIGUSR2, SA_RESTART);
	REQUIRE_OK(call(p[0], F_SETOWN, getpid()));
	REQUIRE_OK(call(p[0], F_SETSIG, SIGUSR2));
	REQUIRE_OK(call(p[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	CHECK_EQ(write(p[1], "x", 1), 1);
	CHECK_EQ(sig_count[SIGUSR2], 1);
	OBSERVE("si_code", "%d", sig_info[SIGUSR2].si_code);
	CHECK_EQ(sig_info[SIGUSR2].si_fd, p[0]);
	OBSERVE("band", "%#lx", (long)sig_info[SIGUSR2].si_band);
}

// --- Directories (F_NOTIFY) ---

// notes takes the signals that wait, and counts them.
static int notes(siginfo_t *last) {
	uint64_t set = 1ULL << (SIGRTMIN + 1 - 1);
	int n = 0;
	while (syscall(SYS_rt_sigtimedwait, &set, last, &(struct timespec){0}, 8) > 0)
		n++;
	return n;
}

static int watched_dir(void) {
	uint64_t all = ~0ULL;
	put_dir("d", 0755);
	put_dir("other", 0755);
	put_file("d/there", "content", 0644);
	int fd = REQUIRE_OK(open("d", O_RDONLY | O_DIRECTORY));
	REQUIRE_OK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8));
	REQUIRE_OK(call(fd, F_SETSIG, SIGRTMIN + 1));
	return fd;
}

CASE(notify_events) {
	static const struct { const char *name; long bit; } events[] = {
		{"DN_ACCESS", DN_ACCESS}, {"DN_MODIFY", DN_MODIFY}, {"DN_CREATE", DN_CREATE},
		{"DN_DELETE", DN_DELETE}, {"DN_RENAME", DN_RENAME}, {"DN_ATTRIB", DN_ATTRIB}};
	int fd = watched_dir(), file = REQUIRE_OK(open("d/there", O_RDWR));
	char c;
	siginfo_t i;
	for (size_t e = 0; e < ARRAY_SIZE(events); e++) {
		REQUIRE_OK(call(fd, F_NOTIFY, 0));
		REQUIRE_OK(call(fd, F_NOTIFY, events[e].bit | DN_MULTISHOT));
		REQUIRE_OK(pread(file, &c, 1, 0));
		OBSERVE(name("%s: read", events[e].name), "%d", notes(&i));
		REQUIRE_OK(pwrite(file, "x", 1, 0));
		OBSERVE(name("%s: write", events[e].name), "%d", notes(&i));
		REQUIRE_OK(fchmod(file, 0600));
		OBSERVE(name("%s: chmod", events[e].name), "%d", notes(&i));
		REQUIRE_OK(mkdir("d/new", 0755));
		OBSERVE(name("%s: mkdir", events[e].name), "%d", notes(&i));
		REQUIRE_OK(rename("d/new", "d/newer"));
		OBSERVE(name("%s: rename within", events[e].name), "%d", notes(&i));
		REQUIRE_OK(rename("d/newer", "other/newer"));
		OBSERVE(name("%s: rename to elsewhere", events[e].name), "%d", notes(&i));
		REQUIRE_OK(rename("other/newer", "d/back"));
		OBSERVE(name("%s: rename from elsewhere", events[e].name), "%d", notes(&i));
		REQUIRE_OK(rmdir("d/back"));
		OBSERVE(name("%s: rmdir", events[e].name), "%d", notes(&i));
		REQUIRE_OK(fchmod(fd, 0755));
		OBSERVE(name("%s: chmod of itself", events[e].name), "%d", notes(&i));
	}
}

CASE(notify_signal) {
	int fd = watched_dir();
	siginfo_t i;
	OBSERVE_RET("owner before", call(fd, F_GETOWN, 0));
	REQUIRE_OK(call(fd, F_NOTIFY, DN_CREATE));
	CHECK_EQ(call(fd, F_GETOWN, 0), getpid());
	REQUIRE_OK(mkdir("d/a", 0755));
	REQUIRE_OK(mkdir("d/b", 0755));
	CHECK_EQ(notes(&i), 1); // without DN_MULTISHOT
	OBSERVE("signal", "errno %d code %d band %#lx fd %d", i.si_errno, i.si_code, (long)i.si_band, i.si_fd == fd);
	// What is asked for adds up.
	REQUIRE_OK(call(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	REQUIRE_OK(call(fd, F_NOTIFY, DN_DELETE));
	REQUIRE_OK(mkdir("d/c", 0755));
	REQUIRE_OK(rmdir("d/c"));
	CHECK_EQ(notes(&i), 2);
	REQUIRE_OK(call(fd, F_SETOWN, 0));
	REQUIRE_OK(mkdir("d/c", 0755));
	CHECK_EQ(notes(&i), 0); // nobody owns it
	REQUIRE_OK(call(fd, F_SETOWN, getpid()));
	REQUIRE_OK(close(fd));
	REQUIRE_OK(mkdir("d/d", 0755));
	CHECK_EQ(notes(&i), 0);
}

CASE(notify_arguments) {
	int fd = watched_dir(), file = make_file("f", ""), path = REQUIRE_OK(open("d", O_PATH));
	siginfo_t i;
	OBSERVE_RET("file", call(file, F_NOTIFY, DN_CREATE));
	OBSERVE_RET("file, nothing", call(file, F_NOTIFY, 0));
	OBSERVE_RET("O_PATH", call(path, F_NOTIFY, DN_CREATE));
	OBSERVE_RET("multishot only", call(fd, F_NOTIFY, DN_MULTISHOT));
	OBSERVE_RET("unknown bits", call(fd, F_NOTIFY, 0x7fffffc0));
	REQUIRE_OK(call(fd, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	REQUIRE_OK(call(fd, F_NOTIFY, DN_MULTISHOT)); // ends it
	REQUIRE_OK(mkdir("d/a", 0755));
	CHECK_EQ(notes(&i), 0);
	CHECK_ERR(call(99, F_NOTIFY, DN_CREATE), EBADF);
}

CASE(owner_uids, "root") {
	int fd = make_file("f", "");
	unsigned ids[2] = {7, 7};
	REQUIRE_OK(call(fd, F_SETOWN, getpid()));
	OBSERVE_RET("F_GETOWNER_UIDS", call(fd, 17, (long)ids));
	OBSERVE("ids", "%u %u", ids[0], ids[1]);
}

// --- Leases ---

CASE(leases) {
	put_file("f", "", 0644);
	sig_catch(SIGIO, SA_RESTART);
	int r = REQUIRE_OK(open("f", O_RDONLY));
	OBSERVE_RET("none", call(r, F_GETLEASE, 0));
	OBSERVE_RET("read", call(r, F_SETLEASE, F_RDLCK));
	OBSERVE_RET("read: get", call(r, F_GETLEASE, 0));
	OBSERVE_RET("opening for writing meanwhile", open("f", O_WRONLY | O_NONBLOCK));
	OBSERVE("signals", "%d", sig_count[SIGIO]);
	OBSERVE_RET("released", call(r, F_SETLEASE, F_UNLCK));
	OBSERVE_RET("unknown", call(r, F_SETLEASE, 77));
	int w = REQUIRE_OK(open("f", O_RDWR));
	OBSERVE_RET("read while open for writing", call(r, F_SETLEASE, F_RDLCK));
	close(w);
	OBSERVE_RET("directory", call(open(".", O_RDONLY), F_SETLEASE, F_RDLCK));
}

// --- Pipes ---

// As nobody: CAP_SYS_RESOURCE, which not every root has, would lift the limit.
CASE(pipe_size, "root") {
	int p[2], fd = make_file("f", "");
	static const long sizes[] = {0, 1, 4096, 4097, 8192, 65536, 65537, 1 << 20, -1, 1l << 31, INT_MAX};
	REQUIRE_OK(pipe(p));
	OBSERVE_RET("default", call(p[0], F_GETPIPE_SZ, 0));
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			OBSERVE_RET(name("set %ld", sizes[i]), call(p[1], F_SETPIPE_SZ, sizes[i]));
			OBSERVE_RET(name("get after %ld", sizes[i]), call(p[0], F_GETPIPE_SZ, 0));
		}
	}
	OBSERVE_RET("file", call(fd, F_GETPIPE_SZ, 0));
	OBSERVE_RET("file, set", call(fd, F_SETPIPE_SZ, 4096));
}

CASE(pipe_does_not_shrink_below_its_content) {
	int p[2];
	static char big[8192];
	REQUIRE_OK(pipe(p));
	REQUIRE(write(p[1], big, sizeof big) == sizeof big);
	OBSERVE_RET("one page for two", call(p[1], F_SETPIPE_SZ, 4096));
	OBSERVE_RET("two pages", call(p[1], F_SETPIPE_SZ, 8192));
}

// --- Seals ---

CASE(seals) {
	int fd = REQUIRE_OK(memfd_create("m", MFD_ALLOW_SEALING)), plain = REQUIRE_OK(memfd_create("m", 0)), p2[2];
	REQUIRE_OK(pipe(p2));
	OBSERVE_RET("none", call(fd, F_GET_SEALS, 0));
	OBSERVE_RET("not allowed", call(plain, F_GET_SEALS, 0));
	OBSERVE_RET("not allowed, add", call(plain, F_ADD_SEALS, F_SEAL_GROW));
	OBSERVE_RET("pipe", call(p2[1], F_ADD_SEALS, F_SEAL_GROW));
	for (int bit = 6; bit < 32; bit++)
		OBSERVE_RET(name("unknown %#x", 1u << bit), call(fd, F_ADD_SEALS, 1u << bit));
	REQUIRE_OK(ftruncate(fd, 4096));
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	OBSERVE_RET("F_SEAL_WRITE while mapped", call(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(p, 4096);
	OBSERVE_RET("F_SEAL_WRITE", call(fd, F_ADD_SEALS, F_SEAL_WRITE));
	OBSERVE_RET("write", write(fd, "x", 1));
	OBSERVE_OK("map for writing", (long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	OBSERVE_RET("F_SEAL_SEAL", call(fd, F_ADD_SEALS, F_SEAL_SEAL));
	OBSERVE_RET("then another", call(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	OBSERVE_RET("all", call(fd, F_GET_SEALS, 0));
	int ro = REQUIRE_OK(open(name("/proc/self/fd/%d", fd), O_RDONLY));
	OBSERVE_RET("O_RDONLY", call(ro, F_ADD_SEALS, F_SEAL_GROW));
}

#include "../harness/mounts.h"
#include <sys/mman.h>

CASE(seals_of_files_with_names, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("r");
		REQUIRE_OK(mount("r", "r", "ramfs", 0, NULL));
		int fd = REQUIRE_OK(open("f", O_CREAT | O_RDWR, 0600)), ro = REQUIRE_OK(open("f", O_RDONLY));
		int ram = REQUIRE_OK(open("r/f", O_CREAT | O_RDWR, 0600)), dir = REQUIRE_OK(open(".", O_RDONLY));
		OBSERVE_RET("of tmpfs", fcntl(fd, F_GET_SEALS));
		OBSERVE_RET("of tmpfs, read-only", fcntl(ro, F_GET_SEALS));
		OBSERVE_RET("of ramfs", fcntl(ram, F_GET_SEALS));
		OBSERVE_RET("of a directory", fcntl(dir, F_GET_SEALS));
		OBSERVE_RET("add to tmpfs", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
		OBSERVE_RET("add to tmpfs, read-only", fcntl(ro, F_ADD_SEALS, F_SEAL_GROW));
		OBSERVE_RET("add to ramfs", fcntl(ram, F_ADD_SEALS, F_SEAL_GROW));
		OBSERVE_RET("add to a directory", fcntl(dir, F_ADD_SEALS, F_SEAL_GROW));
		OBSERVE_RET("add nonsense to tmpfs", fcntl(fd, F_ADD_SEALS, 1 << 20));
	}
}

// A memfd can be read past the page cache once it was opened by its name, but not as it was made.
CASE(direct_memfd) {
	int fd = REQUIRE_OK(memfd_create("m", 0)), secret = REQUIRE_OK(syscall(SYS_memfd_secret, 0));
	OBSERVE_RET("as made", fcntl(fd, F_SETFL, O_DIRECT));
	OBSERVE_RET("all flags", fcntl(fd, F_SETFL, -1));
	OBSERVE("flags", "%#x", fcntl(fd, F_GETFL));
	int again = REQUIRE_OK(open(name("/proc/self/fd/%d", fd), O_RDWR));
	OBSERVE_RET("opened again", fcntl(again, F_SETFL, O_DIRECT));
	OBSERVE("flags then", "%#x", fcntl(again, F_GETFL));
	OBSERVE_OK("opened for it", open(name("/proc/self/fd/%d", fd), O_RDWR | O_DIRECT));
	OBSERVE_RET("secret memory", fcntl(secret, F_SETFL, O_DIRECT));
}
