// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// memfd_secret: what the descriptor is, how its memory may be mapped and used, who can see it, and what of it is limited.
#include "../harness/memory.h"

#include <sys/uio.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

static int secret(int n) {
	int fd = (int)syscall(SYS_memfd_secret, 0);
	if (fd < 0 && errno == ENOSYS)
		SKIP("this kernel has no secret memory");
	REQUIRE(fd >= 0);
	if (n)
		REQUIRE_OK(ftruncate(fd, n * PG));
	return fd;
}

CASE(descriptor) {
	struct stat st;
	char link[64] = "", b[4];
	int fd = secret(0);
	REQUIRE_OK(fstat(fd, &st));
	OBSERVE("mode", "%o", st.st_mode);
	OBSERVE("size", "%ld", (long)st.st_size);
	OBSERVE("links", "%d", (int)st.st_nlink);
	REQUIRE(readlink(name("/proc/self/fd/%d", fd), link, sizeof link - 1) > 0);
	OBSERVE("name", "%s", link);
	OBSERVE_RET("flags", fcntl(fd, F_GETFL));
	OBSERVE_RET("cloexec", fcntl(fd, F_GETFD));
	OBSERVE_RET("cloexec asked for", fcntl((int)syscall(SYS_memfd_secret, O_CLOEXEC), F_GETFD));
	OBSERVE_RET("read", read(fd, b, 1));
	OBSERVE_RET("write", write(fd, b, 1));
	OBSERVE_RET("pread", pread(fd, b, 1, 0));
	OBSERVE_RET("pwrite", pwrite(fd, b, 1, 0));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_END));
	OBSERVE_RET("fsync", fsync(fd));
	OBSERVE_RET("fallocate", fallocate(fd, 0, 0, PG));
	OBSERVE_RET("seals", fcntl(fd, F_GET_SEALS));
	OBSERVE_RET("add seals", fcntl(fd, F_ADD_SEALS, 1));
}

CASE(errors) {
	secret(0);
	CHECK_ERR(syscall(SYS_memfd_secret, 1), EINVAL);
	CHECK_ERR(syscall(SYS_memfd_secret, O_NONBLOCK), EINVAL);
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_NOFILE, 4);
		for (int i = 0; i < 5; i++)
			OBSERVE_OK(name("number %d", i), syscall(SYS_memfd_secret, 0));
	}
}

// The size is set once.
CASE(size) {
	struct stat st;
	int fd = secret(0);
	OBSERVE_RET("to nothing", ftruncate(fd, 0));
	CHECK_OK(ftruncate(fd, 2 * PG + 1));
	OBSERVE_RET("again", ftruncate(fd, 4 * PG));
	OBSERVE_RET("the same", ftruncate(fd, 2 * PG + 1));
	OBSERVE_RET("smaller", ftruncate(fd, PG));
	REQUIRE_OK(fstat(fd, &st));
	OBSERVE("size", "%ld", (long)st.st_size);
	char *p = pages(4, RW, MAP_SHARED, fd);
	OBSERVE("pages", "%s", peek_pages(p, 4));
}

CASE(mapping) {
	int fd = secret(2);
	OBSERVE_RET("private", (long)mmap(NULL, PG, RW, MAP_PRIVATE, fd, 0));
	char *p = lettered(pages(2, RW, MAP_SHARED, fd), 2), *q = pages(1, PROT_READ, MAP_SHARED, fd);
	OBSERVE("same memory", "%s", peek(q));
	p[0] = 'w';
	OBSERVE("a write is seen", "%s", peek(q));
	OBSERVE("locked", "%d", vm_flag(p, "lo"));
	OBSERVE("not dumped", "%d", vm_flag(p, "dd"));
	OBSERVE("perms", "%s", perms(p, 2));
	OBSERVE_RET("munlock", munlock(p, PG));
	OBSERVE("locked still", "%d", vm_flag(p, "lo"));
	OBSERVE_RET("protect", mprotect(p, PG, PROT_READ));
	OBSERVE("write", "%s", poke(p, 'x'));
	CHECK_OK(close(fd));
	OBSERVE("outlives the descriptor", "%s", peek(p + PG));
	CHECK_OK(munmap(p, 2 * PG));
	OBSERVE("outlives a mapping", "%s", peek(q));
}

// The kernel itself uses it for the caller's arguments, small and large.
CASE(as_arguments) {
	char *p = lettered(pages(32, RW, MAP_SHARED, secret(32)), 32), *copy = anon(32);
	int fd = make_file("f", "");
	CHECK_EQ(write(fd, p, 10), 10);
	CHECK_EQ(pwrite(fd, p, 32 * PG, 0), (long)(32 * PG));
	CHECK_EQ(pread(fd, copy, 32 * PG, 0), (long)(32 * PG));
	CHECK(memcmp(copy, p, 32 * PG) == 0);
	memset(p, 0, 32 * PG);
	CHECK_EQ(pread(fd, p, 32 * PG, 0), (long)(32 * PG));
	CHECK(memcmp(copy, p, 32 * PG) == 0);
	strcpy(p, "f");
	CHECK_OK(access(p, F_OK));
	OBSERVE_RET("up to a hole", pwrite(fd, p + 31 * PG, 2 * PG, 0));
}

CASE(from_elsewhere) {
	char *p = lettered(pages(2, RW, MAP_SHARED, secret(2)), 2), b[16] = "";
	struct iovec local = {b, sizeof b}, remote = {p, sizeof b};
	struct gate g = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		OBSERVE("child", "%s", peek_pages(p, 2));
		OBSERVE("child's lock", "%d", vm_flag(p, "lo"));
		p[1] = 'c';
		gate_wait(&g);
		_exit(0);
	}
	OBSERVE_RET("process_vm_readv", syscall(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0));
	OBSERVE_RET("process_vm_writev", syscall(SYS_process_vm_writev, pid, &local, 1, &remote, 1, 0));
	int mem = REQUIRE_OK(open(name("/proc/%d/mem", pid), O_RDONLY));
	OBSERVE_RET("mem", pread(mem, b, sizeof b, (off_t)p));
	gate_signal(&g);
	CHECK_EQ(wait_for(pid), 0);
	OBSERVE("shared with the child", "%s", peek(p + 1));
}

CASE(memlock_limit) {
	int fd = secret(8);
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_MEMLOCK, 4 * PG);
		become_nobody();
		OBSERVE_OK("within", (long)mmap(NULL, 3 * PG, RW, MAP_SHARED, fd, 0));
		OBSERVE_OK("to the limit", (long)mmap(NULL, PG, RW, MAP_SHARED, fd, 0));
		OBSERVE_OK("beyond", (long)mmap(NULL, PG, RW, MAP_SHARED, fd, 0));
		soft_limit(RLIMIT_MEMLOCK, 0);
		OBSERVE_OK("none", (long)mmap(NULL, PG, RW, MAP_SHARED, fd, 0));
		OBSERVE("locked", "%ld", status_kb("VmLck"));
	}
}
