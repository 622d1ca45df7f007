// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mmap: what is stored through a shared mapping moves the times of the file
#include "../harness/memory.h"
#include "../harness/mounts.h"

static const struct timespec old[2] = {{1000000000, 111}, {1000000001, 222}};

static bool is_old(struct timespec t, int i) { return t.tv_sec == old[i].tv_sec && t.tv_nsec == old[i].tv_nsec; }

static void observe_times(const char *what, int fd) {
	struct stat s;
	REQUIRE_OK(fstat(fd, &s));
	OBSERVE(what, "atime %s, mtime %s", is_old(s.st_atim, 0) ? "stays" : "moves", is_old(s.st_mtim, 1) ? "stays" : "moves");
	CHECK(is_old(s.st_mtim, 1) || s.st_ctim.tv_sec > 1000000001);
}

static volatile char *map_file(int fd, int prot, int flags) {
	void *p = mmap(NULL, 4 * PG, prot, flags, fd, 0);
	REQUIRE(p != MAP_FAILED);
	return p;
}

CASE(stores_move_mtime) {
	int fd = letter_file("f", 4, 0);
	REQUIRE_OK(futimens(fd, old));
	volatile char *p = map_file(fd, RW, MAP_SHARED);
	*p = 'x';
	observe_times("stored", fd);
}

CASE(stores_after_reads_move_mtime) {
	int fd = letter_file("f", 4, 0);
	REQUIRE_OK(futimens(fd, old));
	volatile char *p = map_file(fd, RW, MAP_SHARED);
	(void)*p;
	*p = 'x';
	observe_times("stored", fd);
}

// On tmpfs a page is found written once, as nothing writes it back.
CASE(stores_on_tmpfs, "root cap:21") {
	char b;
	own_mounts();
	int fd = letter_file("f", 4, 0), ro = REQUIRE_OK(open("f", O_RDONLY));
	volatile char *p = map_file(fd, RW, MAP_SHARED), *private = map_file(fd, RW, MAP_PRIVATE);
	REQUIRE_OK(futimens(fd, old));
	*private = 'x';
	observe_times("stored privately", fd);
	(void)*p;
	observe_times("read", fd);
	*p = 'x';
	observe_times("stored", fd);
	REQUIRE_OK(futimens(fd, old));
	observe_times("set afterwards", fd);
	*p = 'y';
	observe_times("stored again", fd);
	p[PG] = 'x';
	observe_times("stored to another page", fd);
	REQUIRE_OK(futimens(fd, old));
	REQUIRE(pwrite(fd, "z", 1, 2 * PG) == 1);
	REQUIRE_OK(futimens(fd, old));
	p[2 * PG] = 'y';
	observe_times("stored to a page that was written", fd);
	const struct timespec read_later[2] = {{time(NULL) + 4000, 0}, old[1]};
	REQUIRE_OK(futimens(fd, read_later));
	p[3 * PG] = 'x';
	REQUIRE(pread(fd, &b, 1, 0) == 1);
	observe_times("stored and then read", fd);
	p = map_file(ro, PROT_READ, MAP_SHARED);
	REQUIRE_OK(futimens(fd, old));
	b = *p + p[PG];
	observe_times("a mapping that is read", fd);
	p = map_file(fd, PROT_READ, MAP_SHARED);
	REQUIRE_OK(futimens(fd, old));
	REQUIRE_OK(mprotect((void *)p, 4 * PG, RW));
	p[1] = 'x';
	observe_times("stored to what was made writable", fd);
	REQUIRE_OK(futimens(fd, old));
	REQUIRE(pread(ro, (void *)(p + PG), 1, 0) == 1);
	observe_times("read(2) into the mapping", fd);
	REQUIRE_OK(futimens(fd, old));
	REQUIRE_OK(unlink("f"));
	p = map_file(fd, RW, MAP_SHARED);
	p[2] = 'x';
	observe_times("stored without a name", fd);
}

CASE(a_mapping_is_an_access, "root cap:21") {
	own_mounts();
	static const char *dirs[] = {"here", "tmpfs"};
	for (int i = 0; i < 2; i++) {
		int fd = letter_file(i ? "tmp" : "f", 4, 0);
		if (i) {
			REQUIRE_OK(mkdir("t", 0755));
			REQUIRE_OK(mount("t", "t", "tmpfs", 0, ""));
			fd = letter_file("t/f", 4, 0);
		}
		REQUIRE_OK(futimens(fd, old));
		OBSERVE_OK(name("%s, no type", dirs[i]), syscall(SYS_mmap, NULL, PG, PROT_READ, 0, fd, 0));
		observe_times(name("%s, no type, times", dirs[i]), fd);
		IN_CHILD(NULL) {
			char *sealed = mmap(NULL, PG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			REQUIRE(sealed != MAP_FAILED);
			OBSERVE_RET(name("%s, seal", dirs[i]), syscall(462, sealed, PG, 0));
			OBSERVE_OK(name("%s, over a sealed one", dirs[i]), syscall(SYS_mmap, sealed, PG, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0));
			observe_times(name("%s, over a sealed one, times", dirs[i]), fd);
			soft_limit(RLIMIT_AS, PG);
			OBSERVE_OK(name("%s, beyond the limit", dirs[i]), syscall(SYS_mmap, NULL, PG, PROT_READ, MAP_PRIVATE, fd, 0));
			observe_times(name("%s, beyond the limit, times", dirs[i]), fd);
			soft_limit(RLIMIT_AS, RLIM_INFINITY);
		}
		map_file(fd, PROT_READ, MAP_PRIVATE);
		observe_times(name("%s, mapped", dirs[i]), fd);
	}
}
