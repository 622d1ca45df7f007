// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// execveat: relative to a descriptor, of a descriptor itself, links not followed, flags refused.
#include "../harness/signals.h"

static char *no_env[] = {NULL};

static const char *run(int dir, const char *path, int flags, int closed_on_exec) {
	static char out[512];
	int fds[2];
	size_t n = 0;
	ssize_t r;
	REQUIRE_OK(pipe2(fds, O_CLOEXEC));
	pid_t child = harness_fork();
	if (child == 0) {
		dup2(fds[1], 1);
		if (dir >= 0 && closed_on_exec >= 0)
			fcntl(dir, F_SETFD, closed_on_exec);
		syscall(SYS_execveat, dir, path, (char *[]){"zero", "one", NULL}, no_env, flags);
		n = snprintf(out, sizeof out, "%s", errno_name(errno));
		write(fds[1], out, n);
		_exit(0);
	}
	close(fds[1]);
	while ((r = read(fds[0], out + n, sizeof out - 1 - n)) > 0)
		n += r;
	out[n] = 0;
	close(fds[0]);
	int st = wait_for(child);
	if (n && out[n - 1] == '\n')
		out[n - 1] = 0;
	return st ? name("%s: %s", status_text(st), out) : out;
}

static int set_up(void) {
	REQUIRE_OK(mkdir("d", 0755));
	close(make_file("d/s", "#!/bin/sh\necho ran $0 $1\n"));
	REQUIRE_OK(chmod("d/s", 0755));
	REQUIRE_OK(symlink("s", "d/link"));
	REQUIRE_OK(symlink("/bin/echo", "d/echo"));
	return (int)REQUIRE_OK(open("d", O_RDONLY | O_DIRECTORY));
}

CASE(relative_to_a_directory) {
	int dir = set_up(), file = (int)REQUIRE_OK(open("d/s", O_RDONLY));
	OBSERVE("script", "%s", run(dir, "s", 0, 0));
	OBSERVE("script, directory closed on exec", "%s", run(dir, "s", 0, 1));
	OBSERVE("program", "%s", run(dir, "echo", 0, 1));
	OBSERVE("AT_FDCWD", "%s", run(AT_FDCWD, "d/s", 0, -1));
	OBSERVE("absolute", "%s", run(-5, "/bin/echo", 0, -1));
	OBSERVE("bad descriptor", "%s", run(-5, "s", 0, -1));
	OBSERVE("not a directory", "%s", run(file, "s", 0, 0));
	OBSERVE("none", "%s", run(dir, "none", 0, 0));
	OBSERVE("empty", "%s", run(dir, "", 0, 0));
}

CASE(links_and_flags) {
	int dir = set_up();
	OBSERVE("link", "%s", run(dir, "link", 0, 0));
	OBSERVE("link not followed", "%s", run(dir, "link", AT_SYMLINK_NOFOLLOW, 0));
	OBSERVE("file, nofollow", "%s", run(dir, "s", AT_SYMLINK_NOFOLLOW, 0));
	for (int bit = 0; bit < 31; bit++)
		if (1 << bit != AT_EMPTY_PATH && 1 << bit != AT_SYMLINK_NOFOLLOW && bit != 16)
			OBSERVE_RET(name("flag bit %d", bit), syscall(SYS_execveat, dir, "none", NULL, NULL, 1 << bit));
	CHECK_ERR(syscall(SYS_execveat, dir, "none", NULL, NULL, 1), EINVAL);
	CHECK_ERR(syscall(SYS_execveat, dir, "link", NULL, NULL, AT_SYMLINK_NOFOLLOW), ELOOP);
}

CASE(of_a_descriptor) {
	int dir = set_up();
	int s = (int)REQUIRE_OK(open("d/s", O_RDONLY)), e = (int)REQUIRE_OK(open("/bin/echo", O_RDONLY)), p = (int)REQUIRE_OK(open("/bin/echo", O_PATH));
	OBSERVE("program", "%s", run(e, "", AT_EMPTY_PATH, 1));
	OBSERVE("program, O_PATH", "%s", run(p, "", AT_EMPTY_PATH, 1));
	OBSERVE("script", "%s", run(s, "", AT_EMPTY_PATH, 0));
	OBSERVE("script, closed on exec", "%s", run(s, "", AT_EMPTY_PATH, 1));
	OBSERVE("directory", "%s", run(dir, "", AT_EMPTY_PATH, 0));
	OBSERVE("AT_FDCWD", "%s", run(AT_FDCWD, "", AT_EMPTY_PATH, -1));
	OBSERVE("bad descriptor", "%s", run(900, "", AT_EMPTY_PATH, -1));
}

CASE(bad_memory) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("path %s", b->name), syscall(SYS_execveat, AT_FDCWD, b->p, NULL, NULL, 0));
		OBSERVE_RET(name("argv %s", b->name), syscall(SYS_execveat, AT_FDCWD, "/bin/true", b->p, NULL, 0));
	}
}
