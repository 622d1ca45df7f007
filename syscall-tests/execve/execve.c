// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// execve: what can be executed, what the new program gets, what is kept and what is reset, and how each failure is told.
#include "../harness/signals.h"

#include <sys/resource.h>

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
