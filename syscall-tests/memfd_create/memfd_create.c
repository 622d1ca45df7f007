// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// memfd_create: flags, names, and what each seal forbids to write, truncate, map and seal.
#include "../harness/memory.h"

#include <linux/memfd.h>

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#define MFD_EXEC 0x10u
#endif

static long memfd(const void *n, unsigned flags) { return syscall(SYS_memfd_create, n, flags); }

CASE(flags) {
	for (unsigned f = 0; f < 32; f++) {
		if (f & MFD_HUGETLB)
			continue; // the machine's affair
		int fd = OBSERVE_OK(name("flags %#x", f), memfd("m", f));
		if (fd < 0)
			continue;
		struct stat st;
		REQUIRE_OK(fstat(fd, &st));
		OBSERVE(name("flags %#x, then", f), "seals %#x fd flags %d file flags %#x mode %o size %ld links %ld", fcntl(fd, F_GET_SEALS),
			fcntl(fd, F_GETFD), fcntl(fd, F_GETFL), st.st_mode, (long)st.st_size, (long)st.st_nlink);
	}
	for (int bit = 5; bit < 26; bit++)
		OBSERVE_RET(name("bit %d", bit), memfd("m", 1u << bit));
	OBSERVE_RET("a huge page size alone", memfd("m", 21u << 26));
}

CASE(names) {
	char longname[300];
	memset(longname, 'n', sizeof longname);
	longname[249] = 0;
	OBSERVE_OK("249", memfd(longname, 0));
	longname[249] = 'n';
	longname[250] = 0;
	CHECK_ERR(memfd(longname, 0), EINVAL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(memfd(b->p, 0), EFAULT);
	CHECK_ERR(memfd(NULL, 0), EFAULT);
	CHECK_ERR(memfd(NULL, 0x40), EINVAL);
	int fd = OBSERVE_OK("empty", memfd("", 0));
	fd = REQUIRE_OK(memfd("a/b c", 0));
	char link[300] = "";
	CHECK_OK(readlink(name("/proc/self/fd/%d", fd), link, sizeof link - 1));
	OBSERVE("link", "%s", link);
	OBSERVE_OK("a second of the name", memfd("a/b c", 0));
}

static void seal_effects(const char *what, int seal) {
	int fd = REQUIRE_OK(memfd("m", MFD_ALLOW_SEALING));
	REQUIRE_OK(ftruncate(fd, 2 * PG));
	OBSERVE_RET(name("%s: add", what), fcntl(fd, F_ADD_SEALS, seal));
	OBSERVE(name("%s: get", what), "%#x", fcntl(fd, F_GET_SEALS));
	OBSERVE_RET(name("%s: write", what), pwrite(fd, "x", 1, 0));
	OBSERVE_RET(name("%s: write behind", what), pwrite(fd, "x", 1, 3 * PG));
	OBSERVE_RET(name("%s: write over the end", what), pwrite(fd, "xx", 2, 4 * PG - 1));
	OBSERVE_RET(name("%s: shrink", what), ftruncate(fd, PG));
	OBSERVE_RET(name("%s: grow", what), ftruncate(fd, 8 * PG));
	OBSERVE_RET(name("%s: allocate", what), fallocate(fd, 0, 0, 9 * PG));
	OBSERVE_RET(name("%s: punch", what), fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, PG));
	char *p = mmap(NULL, PG, RW, MAP_SHARED, fd, 0);
	OBSERVE(name("%s: map to write", what), "%s", p == MAP_FAILED ? errno_name(errno) : poke(p, 1));
	p = mmap(NULL, PG, PROT_READ, MAP_SHARED, fd, 0);
	OBSERVE(name("%s: map to read", what), "%s", p == MAP_FAILED ? errno_name(errno) : "ok");
	if (p != MAP_FAILED)
		OBSERVE_RET(name("%s: then to write", what), mprotect(p, PG, RW));
	p = mmap(NULL, PG, RW, MAP_PRIVATE, fd, 0);
	OBSERVE(name("%s: map private", what), "%s", p == MAP_FAILED ? errno_name(errno) : poke(p, 1));
	OBSERVE_RET(name("%s: chmod", what), fchmod(fd, 0600));
	OBSERVE_RET(name("%s: another seal", what), fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
}

CASE(seals) {
	seal_effects("seal", F_SEAL_SEAL);
	seal_effects("shrink", F_SEAL_SHRINK);
	seal_effects("grow", F_SEAL_GROW);
	seal_effects("write", F_SEAL_WRITE);
	seal_effects("future write", F_SEAL_FUTURE_WRITE);
	seal_effects("exec", F_SEAL_EXEC);
	seal_effects("unknown", 0x40);
	seal_effects("none", 0);
	seal_effects("shrink and grow", F_SEAL_SHRINK | F_SEAL_GROW);
}

CASE(seals_and_mappings) {
	int fd = REQUIRE_OK(memfd("m", MFD_ALLOW_SEALING));
	REQUIRE_OK(ftruncate(fd, PG));
	char *p = mmap(NULL, PG, RW, MAP_SHARED, fd, 0);
	REQUIRE(p != MAP_FAILED);
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	OBSERVE_RET("future write", fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	OBSERVE("old mapping", "%s", poke(p, 'o'));
	REQUIRE_OK(mprotect(p, PG, PROT_READ));
	OBSERVE_RET("mapping that may be written", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	IN_CHILD(NULL) { munmap(p, PG); }
	REQUIRE_OK(munmap(p, PG));
	OBSERVE_RET("none mapped", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	int ro = REQUIRE_OK(open(name("/proc/self/fd/%d", fd), O_RDONLY));
	OBSERVE_RET("read only descriptor gets", fcntl(ro, F_GET_SEALS));
	OBSERVE_RET("read only descriptor adds", fcntl(ro, F_ADD_SEALS, F_SEAL_SHRINK));
	int plain = REQUIRE_OK(open("/proc/self/status", O_RDONLY)); // one of tmpfs has seals: the case must not hang on where it runs
	OBSERVE_RET("no memfd", fcntl(plain, F_GET_SEALS));
}

// Once a process was waited for, what it mapped is in nobody's way.
CASE(seal_when_the_mapper_has_ended) {
	for (int i = 0; i < 100; i++) {
		int fd = REQUIRE_OK(memfd("m", MFD_ALLOW_SEALING));
		REQUIRE_OK(ftruncate(fd, 16 * PG));
		IN_CHILD(NULL) {
			char *p = mmap(NULL, 16 * PG, RW, MAP_SHARED, fd, 0);
			REQUIRE(p != MAP_FAILED);
			memset(p, 1, 16 * PG);
		}
		CHECK_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
		close(fd);
	}
}

CASE(across_processes) {
	int fd = REQUIRE_OK(memfd("m", 0));
	REQUIRE_OK(ftruncate(fd, PG));
	char *p = pages(1, RW, MAP_SHARED, fd);
	IN_CHILD(NULL) { REQUIRE(pwrite(fd, "child", 5, 0) == 5); }
	OBSERVE("parent", "%.5s", p);
	int again = OBSERVE_OK("opened by /proc", open(name("/proc/self/fd/%d", fd), O_RDWR));
	char c[6] = "";
	REQUIRE(read(again, c, 5) == 5);
	OBSERVE("read", "%s", c);
	OBSERVE_RET("offset of the first", lseek(fd, 0, SEEK_CUR));
}
