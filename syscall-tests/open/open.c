// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: is it openat from the working directory, with the same flags, modes and errors?
#include "../harness/files.h"

static long open_rdonly(const char *path) { return syscall(SYS_open, path, O_RDONLY, 0); }
static long open_rdwr_create(const char *path) { return syscall(SYS_open, path, O_RDWR | O_CREAT, 0666); }

CASE(walk) { observe_walk_looking(open_rdonly); }
CASE(walk_creating) { observe_walk(open_rdwr_create); }
CASE(as_nobody, "root") { observe_walk_as_nobody(open_rdwr_create); }
CASE(path_pointers) { observe_path_pointers(open_rdonly); }

CASE(largefile_is_implied) {
	put_file("f", "", 0644);
	int fd = REQUIRE_OK(open_rdonly("f"));
	OBSERVE("flags", "%#o", fcntl(fd, F_GETFL));
}

CASE(relative_to_the_working_directory) {
	put_dir("d", 0755);
	put_file("d/f", "x", 0644);
	CHECK_ERR(open_rdonly("f"), ENOENT);
	REQUIRE_OK(chdir("d"));
	CHECK_OK(open_rdonly("f"));
	REQUIRE_OK(unlink("f"));
	REQUIRE_OK(rmdir("../d"));
	OBSERVE_RET("create in a removed directory", open_rdwr_create("f"));
	OBSERVE_OK("the removed directory", open_rdonly("."));
	OBSERVE_RET("its parent", open_rdonly(".."));
	OBSERVE_RET("missing", open_rdonly("missing"));
}

// The upper half of the flags register is not looked at.
CASE(flags_are_an_int) {
	put_file("f", "", 0644);
	OBSERVE_RET("bit 40", syscall(SYS_open, "f", 1ul << 40, 0));
	OBSERVE_RET("upper half", syscall(SYS_open, "f", 0xffffffff00000000ul, 0));
}

// An open that waits has its descriptor already, which is no file's yet.
static volatile pid_t opener;

static void *open_fifo(void *arg) {
	opener = tid_self();
	*(int *)arg = syscall(SYS_open, "fifo", O_WRONLY, 0);
	return NULL;
}

CASE(descriptor_while_it_waits) {
	int waiting = -1;
	REQUIRE_OK(mkfifo("fifo", 0666));
	pthread_t t = thread_start(open_fifo, &waiting);
	while (!opener)
		sched_yield();
	pid_t me = getpid(), tid = opener;
	IN_CHILD(NULL) {
		REQUIRE(wait_blocked(me, tid)); // which opens files: here they take no descriptor from the thread
	}
	int fd = REQUIRE_OK(syscall(SYS_open, ".", O_RDONLY, 0));
	OBSERVE("the next one", "%d", fd);
	OBSERVE_RET("fcntl of the reserved", syscall(SYS_fcntl, fd - 1, F_GETFD));
	OBSERVE_RET("dup2 to the reserved", syscall(SYS_dup2, fd, fd - 1));
	OBSERVE_RET("close of the reserved", syscall(SYS_close, fd - 1));
	IN_CHILD(NULL) {
		OBSERVE_RET("dup in a child", syscall(SYS_dup, fd));
	}
	REQUIRE_OK(syscall(SYS_open, "fifo", O_RDONLY, 0));
	thread_join(t);
	OBSERVE("what it got", "%d", waiting);
}
