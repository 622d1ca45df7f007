// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// execve: what can be executed, what the new program gets, what is kept and what is reset, and how each failure is told. And
// who it runs as: set-id bits, capabilities of files and of the task, securebits and no_new_privs.
#include "../harness/files.h"
#include "../harness/signals.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/xattr.h>

extern char **environ;

static void script(const char *path, const char *text, mode_t mode) {
	close(make_file(path, text));
	REQUIRE_OK(chmod(path, mode));
}

static char output[8192];

// The end of a child that executes, and its output in a static buffer.
static const char *run(const char *path, char *const argv[], char *const envp[]) {
	int fds[2], st;
	size_t n = 0;
	ssize_t r;
	REQUIRE_OK(pipe2(fds, O_CLOEXEC));
	pid_t child = harness_fork();
	if (child == 0) {
		dup2(fds[1], 1);
		syscall(SYS_execve, path, argv, envp);
		_exit(200 + (errno == ENOENT) * 1 + (errno == EACCES) * 2 + (errno == ENOEXEC) * 3 + (errno == ELOOP) * 4);
	}
	close(fds[1]);
	while ((r = read(fds[0], output + n, sizeof output - 1 - n)) > 0)
		n += r;
	output[n] = 0;
	close(fds[0]);
	st = wait_for(child);
	return status_text(st);
}

static char *no_env[] = {NULL};
#define TRY(what, path, ...)                                                                                           \
	do {                                                                                                          \
		char *argv_[] = {__VA_ARGS__, NULL};                                                                  \
		OBSERVE(what, "%s", run(path, argv_, no_env));                                                        \
		OBSERVE(name("%s output", what), "%s", output);                                                       \
	} while (0)

CASE(paths_that_fail) {
	char *argv[] = {"x", NULL}, longname[300], longpath[5000];
	memset(longname, 'a', sizeof longname - 1);
	longname[299] = 0;
	memset(longpath, 'b', sizeof longpath - 1);
	longpath[4999] = 0;
	close(make_file("plain", "echo"));
	script("garbage", "\x7f" "ELG rubbish", 0755);
	script("empty", "", 0755);
	script("shortelf", "\x7f" "ELF", 0755);
	REQUIRE_OK(mkdir("dir", 0755));
	REQUIRE_OK(symlink("loop", "loop"));
	REQUIRE_OK(mkfifo("fifo", 0755));
	static const char *const paths[] = {"", "none", "none/x", "plain", "plain/x", "garbage", "empty", "shortelf", "dir", "loop", "fifo", "/dev/null", "."};
	for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)
		OBSERVE_RET(name("'%s'", paths[i]), syscall(SYS_execve, paths[i], argv, no_env));
	OBSERVE_RET("long name", syscall(SYS_execve, longname, argv, no_env));
	OBSERVE_RET("long path", syscall(SYS_execve, longpath, argv, no_env));
	CHECK_ERR(syscall(SYS_execve, "none", argv, no_env), ENOENT);
	CHECK_ERR(syscall(SYS_execve, "plain", argv, no_env), EACCES);
	CHECK_ERR(syscall(SYS_execve, "garbage", argv, no_env), ENOEXEC);
}

CASE(bad_memory) {
	char *argv[] = {"x", NULL}, *bad_string[] = {"x", bad_ptr(), NULL};
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("path %s", b->name), syscall(SYS_execve, b->p, argv, no_env));
		OBSERVE_RET(name("argv %s", b->name), syscall(SYS_execve, "/bin/true", b->p, no_env));
		OBSERVE_RET(name("envp %s", b->name), syscall(SYS_execve, "/bin/true", argv, b->p));
	}
	OBSERVE_RET("bad string", syscall(SYS_execve, "/bin/true", bad_string, no_env));
	OBSERVE_RET("bad environment string", syscall(SYS_execve, "/bin/true", argv, bad_string));
	OBSERVE_RET("array without an end", syscall(SYS_execve, "/bin/true", guard_copy(argv, sizeof(char *)), no_env));
	OBSERVE_RET("no file and bad argv", syscall(SYS_execve, "none", bad_ptr(), no_env));
	OBSERVE_RET("null arrays, no file", syscall(SYS_execve, "none", NULL, NULL));
}

CASE(too_big) {
	size_t big = 131072; // MAX_ARG_STRLEN
	char *s = malloc(big + 1);
	memset(s, 'x', big);
	s[big] = 0;
	char *argv[] = {"true", s, NULL};
	CHECK_ERR(syscall(SYS_execve, "/bin/true", argv, no_env), E2BIG);
	s[big - 1] = 0;
	TRY("longest argument", "/bin/true", "true", s);
	// The sum is limited to a quarter of the stack's limit.
	IN_CHILD(NULL) {
		char *many[64];
		REQUIRE_OK(setrlimit(RLIMIT_STACK, &(struct rlimit){1 << 20, 1 << 20}));
		s[8191] = 0;
		for (int n = 16; n <= 48; n += 16) {
			for (int i = 0; i < n; i++)
				many[i] = s;
			many[n] = NULL;
			OBSERVE(name("%d times 8 KiB", n), "%s", run("/bin/true", many, no_env));
		}
		for (int i = 0; i < 48; i++)
			many[i] = s;
		many[48] = NULL;
		OBSERVE_RET("too many", syscall(SYS_execve, "/bin/true", many, no_env));
	}
}

CASE(arguments_and_environment) {
	char *env[] = {"A=1", "noequals", "", NULL}, *argv[] = {"zero", "", "two words", NULL};
	OBSERVE("cmdline", "%s", run("/bin/cat", (char *[]){"cat", "/proc/self/cmdline", NULL}, env));
	OBSERVE_BYTES("cmdline bytes", output, strlen(output) + 20);
	OBSERVE("environ", "%s", run("/bin/cat", (char *[]){"cat", "/proc/self/environ", NULL}, env));
	OBSERVE_BYTES("environ bytes", output, 15);
	close(make_file("args", ""));
	script("args", "#!/bin/sh\nfor a in \"$0\" \"$@\"; do echo \"[$a]\"; done\n", 0755);
	OBSERVE("script", "%s", run("./args", argv, no_env));
	OBSERVE("its arguments", "%s", output);
}

// An empty argv becomes one empty string.
CASE(no_arguments_at_all) {
	char *none[] = {NULL};
	script("count", "#!/bin/sh\necho $# \"[$0]\"\n", 0755);
	OBSERVE("empty array", "%s", run("./count", none, no_env));
	OBSERVE("empty array output", "%s", output);
	OBSERVE("NULL", "%s", run("./count", NULL, NULL));
	OBSERVE("NULL output", "%s", output);
}

CASE(scripts) {
	script("plain", "#!/bin/sh\necho plain $0 $1\n", 0755);
	script("spaces", "#!   /bin/sh   -e  \t \necho spaces $-\n", 0755);
	script("onearg", "#!/bin/echo one two  three \n", 0755);
	script("nonl", "#!/bin/echo", 0755);
	script("nointerp", "#!\n", 0755);
	script("blank", "#!   \t \n", 0755);
	script("missing", "#!/nonexistent\n", 0755);
	script("directory", "#!/bin\n", 0755);
	script("relative", "#!plain\n", 0755);
	script("unreadable", "#!/bin/echo hello\n", 0111);
	script("crlf", "#!/bin/sh\r\n", 0755);
	static char *const names[] = {"./plain", "./spaces", "./onearg", "./nonl", "./nointerp", "./blank", "./missing", "./directory", "./relative", "./unreadable", "./crlf"};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		TRY(names[i], names[i], "given", "first");
	char deep[16], text[32];
	script("s0", "#!/bin/echo bottom\n", 0755);
	for (int i = 1; i < 8; i++) {
		snprintf(deep, sizeof deep, "s%d", i);
		snprintf(text, sizeof text, "#!./s%d\n", i - 1);
		script(deep, text, 0755);
		TRY(deep, deep, "given");
	}
	char line[600] = "#!/bin/echo ";
	memset(line + 12, 'y', 400);
	strcpy(line + 412, "\n");
	script("longline", line, 0755);
	OBSERVE("long line", "%s", run("./longline", (char *[]){"x", NULL}, no_env));
	OBSERVE("long line output", "%zu", strlen(output));
	memset(line + 2, '/', 300);
	script("longpath", line, 0755);
	TRY("long interpreter", "./longpath", "x");
}

CASE(close_on_exec) {
	int keep = (int)REQUIRE_OK(fcntl(0, F_DUPFD, 40)), gone = (int)REQUIRE_OK(fcntl(0, F_DUPFD_CLOEXEC, 41));
	CHECK(keep == 40 && gone == 41);
	script("fds", "#!/bin/sh\nfor f in 40 41; do [ -e /proc/self/fd/$f ] && echo $f; done\n:\n", 0755);
	TRY("script", "./fds", "x");
	// After a failure nothing is closed.
	syscall(SYS_execve, "none", (char *[]){"x", NULL}, no_env);
	OBSERVE_RET("still there", fcntl(41, F_GETFD));
}

static void *sleeps(void *arg) {
	(void)arg;
	for (;;)
		pause();
}

static void *executes(void *arg) {
	(void)arg;
	execl("/bin/sh", "sh", "-c", "exit $(( $$ == MAIN ? 17 : 18 ))", NULL);
	return NULL;
}

CASE(with_threads) {
	int st;
	IN_CHILD(&st) {
		thread_start(sleeps, NULL);
		thread_start(sleeps, NULL);
		execl("/bin/sh", "sh", "-c", "grep -c . /proc/self/task/*/comm >/dev/null; exit 16", NULL);
	}
	OBSERVE_STATUS("by the leader", st);
	IN_CHILD(&st) {
		// The thread takes over the leader's pid.
		char me[32];
		snprintf(me, sizeof me, "%d", getpid());
		setenv("MAIN", me, 1);
		thread_start(executes, NULL);
		for (;;)
			pause();
	}
	OBSERVE_STATUS("by a thread", st);
}

CASE(name_and_ids_of_the_program) {
	script("a_very_long_script_name", "#!/bin/sh\nhead -n 1 /proc/$$/status; readlink /proc/$$/exe >/dev/null; echo $?\n", 0755);
	TRY("script", "./a_very_long_script_name", "other");
	REQUIRE_OK(symlink("/bin/cat", "linkname"));
	TRY("link", "./linkname", "zero", "/proc/self/comm");
}

CASE(set_uid_programs, "root") {
	char buf[65536];
	int in = (int)REQUIRE_OK(open("/usr/bin/id", O_RDONLY)), out = make_file("id", "");
	for (ssize_t n; (n = read(in, buf, sizeof buf)) > 0;)
		REQUIRE(write(out, buf, n) == n);
	close(in);
	close(out);
	for (int bits = 0; bits < 4; bits++) {
		REQUIRE_OK(chown("id", 1234, 2345));
		REQUIRE_OK(chmod("id", 0755 | (bits & 1 ? S_ISUID : 0) | (bits & 2 ? S_ISGID : 0)));
		IN_CHILD(NULL) {
			become_nobody();
			TRY(name("mode bits %d", bits), "./id", "id", "-u", "-n", "-r");
			TRY(name("effective %d", bits), "./id", "id", "-u");
			TRY(name("group %d", bits), "./id", "id", "-g");
		}
	}
}

CASE(permission, "root") {
	script("owner", "#!/bin/sh\necho ran\n", 0700);
	script("group", "#!/bin/sh\necho ran\n", 0070);
	script("other", "#!/bin/sh\necho ran\n", 0005);
	script("none", "#!/bin/sh\necho ran\n", 0644);
	REQUIRE_OK(mkdir("closed", 0700));
	script("closed/x", "#!/bin/sh\necho ran\n", 0755);
	for (int who = 0; who < 2; who++)
		IN_CHILD(NULL) {
			if (who)
				become_nobody();
			static char *const names[] = {"./owner", "./group", "./other", "./none", "./closed/x"};
			for (int i = 0; i < 5; i++)
				OBSERVE(name("%s as %s", names[i], who ? "nobody" : "root"), "%s", run(names[i], (char *[]){"x", NULL}, no_env));
		}
}

CASE(text_busy) {
	script("busy", "#!/bin/sh\n", 0755);
	int fd = (int)REQUIRE_OK(open("busy", O_WRONLY));
	CHECK_ERR(syscall(SYS_execve, "./busy", (char *[]){"x", NULL}, no_env), ETXTBSY);
	close(fd);
	OBSERVE("closed", "%s", run("./busy", (char *[]){"x", NULL}, no_env));
}

// What a task was before an exec, as a change of root's credentials.
static const struct start {
	const char *name;
	unsigned ids[3]; // real, effective, saved: users and groups alike
	unsigned long permitted, inheritable, ambient, bounding;
	unsigned securebits;
	bool no_new_privs;
} starts[] = {
	{"root", {0, 0, 0}, ~0ul, 0, 0, ~0ul, 0, false},
	{"root with few", {0, 0, 0}, 3, 1, 0, 7, 0, false},
	{"root without bits", {0, 0, 0}, 7, 3, 0, ~0ul, 1, false},
	{"root, no new", {0, 0, 0}, 7, 0, 0, ~0ul, 0, true},
	{"user", {5, 5, 5}, 0, 0, 0, ~0ul, 0, false},
	{"user, no new", {5, 5, 5}, 0, 0, 0, ~0ul, 0, true},
	{"user with caps", {5, 5, 5}, 7, 3, 0, ~0ul, 0, false},
	{"user with ambient", {5, 5, 5}, 7, 3, 2, ~0ul, 0, false},
	{"user with ambient, no new", {5, 5, 5}, 7, 3, 2, ~0ul, 0, true},
	{"user bounded", {5, 5, 5}, 0, 0, 0, 1, 0, false},
	{"effective differs", {5, 6, 6}, 7, 3, 2, ~0ul, 0, false},
	{"effective root", {5, 0, 0}, 7, 0, 0, ~0ul, 0, false},
	{"real root", {0, 5, 5}, 7, 0, 0, ~0ul, 0, false},
};

// A program: who owns it, its mode and its capabilities (permitted, inheritable, effective).
static const struct program {
	const char *name;
	unsigned owner, mode;
	unsigned long permitted, inheritable;
	int effective; // -1: no capabilities at all
} programs[] = {
	{"plain", 0, 0755, 0, 0, -1},
	{"suid root", 0, 04755, 0, 0, -1},
	{"suid 7", 7, 04755, 0, 0, -1},
	{"sgid 7", 7, 02755, 0, 0, -1},
	{"sgid without x", 7, 02745, 0, 0, -1},
	{"permitted", 0, 0755, 5, 0, 0},
	{"permitted effective", 0, 0755, 5, 0, 1},
	{"inheritable", 0, 0755, 0, 7, 1},
	{"empty", 0, 0755, 0, 0, 0},
	{"suid root with caps", 0, 04755, 1, 0, 1},
};

static void put_caps(const char *path, const struct program *p) {
	struct vfs_cap_data d = {.magic_etc = VFS_CAP_REVISION_2 | (p->effective ? VFS_CAP_FLAGS_EFFECTIVE : 0)};
	d.data[0].permitted = (uint32_t)p->permitted;
	d.data[0].inheritable = (uint32_t)p->inheritable;
	REQUIRE_OK(setxattr(path, "security.capability", &d, sizeof d, 0));
}

static void become_start(const struct start *s) {
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];
	REQUIRE_OK(setgroups(0, NULL));
	for (int c = 0; c <= 40; c++)
		if (!(s->bounding >> c & 1))
			REQUIRE_OK(prctl(PR_CAPBSET_DROP, c));
	REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1));
	REQUIRE_OK(syscall(SYS_setresgid, s->ids[0], s->ids[1], s->ids[2]));
	REQUIRE_OK(syscall(SYS_setresuid, s->ids[0], s->ids[1], s->ids[2]));
	REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 0));
	if (s->securebits) {
		REQUIRE_OK(syscall(SYS_capget, &h, d));
		d[0].effective = d[0].permitted;
		REQUIRE_OK(syscall(SYS_capset, &h, d));
		REQUIRE_OK(prctl(PR_SET_SECUREBITS, s->securebits));
	}
	if (s->no_new_privs)
		REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	REQUIRE_OK(syscall(SYS_capget, &h, d));
	unsigned long all = d[0].permitted | (unsigned long)d[1].permitted << 32, permitted = s->permitted & all;
	d[0] = (struct __user_cap_data_struct){(uint32_t)permitted, (uint32_t)permitted, (uint32_t)s->inheritable};
	d[1] = (struct __user_cap_data_struct){(uint32_t)(permitted >> 32), (uint32_t)(permitted >> 32), 0};
	REQUIRE_OK(syscall(SYS_capset, &h, d));
	for (int c = 0; c < 3; c++)
		if (s->ambient >> c & 1)
			REQUIRE_OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0));
}

// The interesting lines of a program's /proc/self/status, in one; what is the whole bounding set is "all".
static const char *summary(const char *status) {
	static const char *const lines[] = {"Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapAmb"};
	static char text[256];
	const char *at = strstr(status, "CapBnd:");
	REQUIRE(at);
	unsigned long long bounding = strtoull(at + 8, NULL, 16);
	text[0] = 0;
	for (int i = 0; i < 6; i++) {
		at = strstr(status, name("\n%s:\t", lines[i]));
		char *end = text + strlen(text);
		size_t room = sizeof text - strlen(text);
		if (i < 2) {
			unsigned r, e, s, f;
			REQUIRE(at && sscanf(at + 6, "%u %u %u %u", &r, &e, &s, &f) == 4);
			snprintf(end, room, "%u.%u.%u.%u ", r, e, s, f);
			continue;
		}
		REQUIRE(at);
		unsigned long long v = strtoull(at + 9, NULL, 16);
		snprintf(end, room, v == bounding && v > 7 ? "all " : "%llx ", v);
	}
	return text;
}

static const char *run_as(const struct start *s, const char *path, char *const argv[]) {
	int fds[2];
	size_t n = 0;
	ssize_t r;
	REQUIRE_OK(pipe2(fds, O_CLOEXEC));
	pid_t child = harness_fork();
	if (child == 0) {
		become_start(s);
		dup2(fds[1], 1);
		execv(path, argv);
		dprintf(1, "%s", errno_name(errno));
		_exit(1);
	}
	close(fds[1]);
	while (n < sizeof output - 1 && (r = read(fds[0], output + n, sizeof output - 1 - n)) > 0)
		n += (size_t)r;
	output[n] = 0;
	close(fds[0]);
	wait_for(child);
	return output;
}

// What the program's auxiliary vector, which stands before the rest of its output, says of AT_SECURE.
static const char *skip_auxv(const char *out, bool *secure) {
	for (unsigned long pair[2];; out += sizeof pair) {
		memcpy(pair, out, sizeof pair);
		if (pair[0] == AT_SECURE)
			*secure = pair[1];
		if (pair[0] == AT_NULL)
			return out + sizeof pair;
	}
}

static void make_program(const struct program *p) {
	REQUIRE_OK(chown("program", p->owner, p->owner));
	REQUIRE_OK(chmod("program", p->mode));
	removexattr("program", "security.capability");
	if (p->effective >= 0)
		put_caps("program", p);
}

// capabilities(7), "Transformation of capabilities during execve()", from some starts with every program.
static void transform(size_t from, size_t to) {
	int st;
	IN_CHILD(&st) execl("/bin/cp", "cp", "/bin/cat", "program", NULL);
	REQUIRE(st == 0);
	for (size_t p = 0; p < ARRAY_SIZE(programs); p++) {
		make_program(&programs[p]);
		for (size_t s = from; s < to; s++) {
			bool secure = false;
			const char *what = name("%s, %s", starts[s].name, programs[p].name);
			const char *out = run_as(&starts[s], "program", (char *[]){"cat", "/proc/self/auxv", "/proc/self/status", NULL});
			if (strncmp(out, "Name:", 5) == 0) // it is not dumpable, and may not read its own auxv
				OBSERVE(what, "%s hidden", summary(out));
			else if (out[0] == 'E')
				OBSERVE(what, "%s", out);
			else {
				const char *text = summary(skip_auxv(out, &secure));
				OBSERVE(what, "%s%s", text, secure ? "secure" : "");
			}
		}
	}
}

#define CREDENTIALS(who, from, to)                                                                                     \
	CASE(credentials_of_##who, "root cap:0 cap:1 cap:2 cap:8 cap:31 fs:xattr") { transform(from, to); }

CREDENTIALS(root, 0, 2)
CREDENTIALS(root_without_privilege, 2, 4)
CREDENTIALS(users, 4, 6)
CREDENTIALS(users_with_capabilities, 6, 8)
CREDENTIALS(users_without_more, 8, 10)
CREDENTIALS(those_with_another_effective_id, 10, 12)
CREDENTIALS(those_with_another_real_id, 12, 13)
