// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mmap: which flags and protections go together, what MAP_FIXED does to what was there, what private and shared
// mappings of memory and files show to whom, which signal an access meets, and where the limits are.
#include "../harness/memory.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static long map(void *at, size_t len, long prot, long flags, int fd, off_t off) {
	return syscall(SYS_mmap, at, len, prot, flags, fd, off);
}

CASE(errors) {
	int fd = letter_file("f", 2, 0), ro = REQUIRE_OK(open("f", O_RDONLY)), wo = REQUIRE_OK(open("f", O_WRONLY));
	int path = REQUIRE_OK(open("f", O_PATH)), dir = REQUIRE_OK(open(".", O_RDONLY));
	int p[2];
	REQUIRE_OK(pipe(p));
	CHECK_ERR(map(NULL, 0, RW, ANON, -1, 0), EINVAL);
	CHECK_ERR(map(NULL, PG, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR(map(NULL, PG, RW, ANON, -1, 1), EINVAL);
	CHECK_ERR(map(NULL, PG, RW, MAP_PRIVATE, -1, 0), EBADF);
	CHECK_ERR(map(NULL, PG, RW, MAP_PRIVATE, 12345, 0), EBADF);
	CHECK_ERR(map(NULL, PG, RW, MAP_PRIVATE, path, 0), EBADF);
	CHECK_ERR(map(NULL, PG, PROT_READ, MAP_PRIVATE, wo, 0), EACCES);
	CHECK_ERR(map(NULL, PG, RW, MAP_SHARED, ro, 0), EACCES);
	CHECK_ERR(map(NULL, PG, RW, MAP_PRIVATE, p[0], 0), ENODEV);
	CHECK_ERR(map(NULL, PG, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
	CHECK_ERR(map((void *)1, PG, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	OBSERVE_OK("write only, shared", map(NULL, PG, PROT_WRITE, MAP_SHARED, wo, 0));
	OBSERVE_OK("no protection of write only", map(NULL, PG, PROT_NONE, MAP_SHARED, wo, 0));
	OBSERVE_OK("read only, private, writable", map(NULL, PG, RW, MAP_PRIVATE, ro, 0));
	OBSERVE_OK("huge length", map(NULL, -PG, RW, ANON, -1, 0));
	OBSERVE_OK("length that wraps", map(NULL, -1, RW, ANON, -1, 0));
	OBSERVE_OK("half the world", map(NULL, 1ul << 47, PROT_NONE, ANON | MAP_NORESERVE, -1, 0));
	OBSERVE_OK("offset overflow", map(NULL, 2 * PG, PROT_READ, MAP_PRIVATE, fd, 0x7ffffffffffff000));
	OBSERVE_OK("negative offset", map(NULL, PG, PROT_READ, MAP_PRIVATE, fd, -(off_t)PG));
	OBSERVE_OK("offset past the end", map(NULL, PG, PROT_READ, MAP_PRIVATE, fd, 100 * PG));
	OBSERVE_OK("fixed in the kernel half", map((void *)0xffff800000000000, PG, RW, ANON | MAP_FIXED, -1, 0));
	OBSERVE_OK("fixed at the very end", map((void *)(0x7ffffffff000 - PG), 2 * PG, RW, ANON | MAP_FIXED, -1, 0));
	OBSERVE_OK("fd ignored for anonymous", map(NULL, PG, RW, ANON, 12345, 0));
}

CASE(low_addresses) {
	become_nobody();
	CHECK_ERR(map(NULL, PG, RW, ANON | MAP_FIXED, -1, 0), EPERM);
	OBSERVE_OK("the second page", map((void *)PG, PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	OBSERVE_OK("64 KiB", map((void *)65536, PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	CHECK(map(NULL, PG, RW, ANON, -1, 0) >= (long)65536);
}

CASE(every_flag_alone) {
	int fd = letter_file("f", 2, 0);
	static const int types[] = {0, MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE};
	for (int t = 0; t < 4; t++)
		for (int bit = 4; bit < 32; bit++) {
			long f = types[t] | 1l << bit;
			// Not at address 0; and how many huge pages are set aside is the machine's affair.
			if (f & (MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_HUGETLB))
				continue;
			// Unvalidated, MAP_SYNC is left to the file system, which may be any.
			if (!(f & MAP_ANONYMOUS) && (bit != 19 || types[t] == MAP_SHARED_VALIDATE))
				OBSERVE_OK(name("file %#lx", f), map(NULL, PG, PROT_READ, f, fd, 0));
			OBSERVE_OK(name("anonymous %#lx", f), map(NULL, PG, RW, f | MAP_ANONYMOUS, -1, 0));
		}
	for (int type = 0; type < 16; type++)
		OBSERVE_OK(name("type %#x of a file", type), map(NULL, PG, PROT_READ, type, fd, 0));
	for (int type = 4; type < 16; type++)
		if (type != 8)
			OBSERVE_OK(name("anonymous type %#x", type), map(NULL, PG, PROT_READ, type | MAP_ANONYMOUS, -1, 0));
}

CASE(flags_in_pairs) {
	static const struct { const char *n; int f; } flag[] = {
		{"growsdown", MAP_GROWSDOWN}, {"locked", MAP_LOCKED}, {"noreserve", MAP_NORESERVE}, {"populate", MAP_POPULATE},
		{"nonblock", MAP_NONBLOCK}, {"stack", MAP_STACK}, {"32bit", MAP_32BIT}, {"sync", MAP_SYNC}, {"denywrite", MAP_DENYWRITE}};
	for (int t = MAP_SHARED; t <= MAP_SHARED_VALIDATE; t++)
		for (int i = 0; i < 9; i++)
			for (int j = i + 1; j < 9; j++) {
				long p = OBSERVE_OK(name("type %d %s %s", t, flag[i].n, flag[j].n),
						    map(NULL, 2 * PG, RW, t | MAP_ANONYMOUS | flag[i].f | flag[j].f, -1, 0));
				if (p != -1)
					munmap((void *)p, 2 * PG);
			}
}

CASE(protections) {
	for (int prot = 0; prot < 16; prot++) {
		char *p = (char *)map(NULL, PG, prot, ANON, -1, 0);
		if (p == MAP_FAILED) {
			OBSERVE(name("prot %d", prot), "%s", errno_name(errno));
			continue;
		}
		OBSERVE(name("prot %d maps", prot), "%s", perms(p, 1));
		OBSERVE(name("prot %d read", prot), "%s", peek(p));
		OBSERVE(name("prot %d write", prot), "%s", poke(p, 1));
	}
	OBSERVE_OK("unknown protection bits", map(NULL, PG, 0xf0, ANON, -1, 0));
	OBSERVE_OK("growsdown as protection", map(NULL, PG, PROT_READ | PROT_GROWSDOWN, ANON, -1, 0));
	char *code = anon(1);
	*code = (char)0xc3; // ret
	OBSERVE("jump into data", "%s", memory_access('x', code, 0));
	REQUIRE_OK(mprotect(code, PG, PROT_READ | PROT_EXEC));
	OBSERVE("jump into code", "%s", memory_access('x', code, 0));
}

CASE(fault_codes) {
	char *p = anon(3);
	REQUIRE_OK(munmap(p + PG, PG));
	REQUIRE_OK(mprotect(p + 2 * PG, PG, PROT_READ));
	CHECK_STR(peek(p + PG), "SIGSEGV MAPERR");
	CHECK_STR(poke(p + PG + 5, 1), "SIGSEGV MAPERR");
	CHECK_STR(poke(p + 2 * PG + 9, 1), "SIGSEGV ACCERR");
	CHECK_STR(peek(p + 3 * PG), "SIGSEGV ACCERR");
	OBSERVE("NULL", "%s", peek(NULL));
	OBSERVE("low", "%s", peek((void *)1000));
	OBSERVE("kernel", "%s", peek((void *)0xffff888000000000));
	OBSERVE("noncanonical", "%s", peek((void *)0x8000000000000000));
	int st;
	IN_CHILD(&st) { *(volatile char *)(p + PG) = 1; }
	OBSERVE_STATUS("uncaught", st);
}

CASE(fixed_over_parts) {
	char *p = lettered(anon(8), 8);
	int fd = letter_file("f", 4, 0);
	REQUIRE(map(p + 2 * PG, 2 * PG, PROT_READ, ANON | MAP_FIXED, -1, 0) == (long)(p + 2 * PG));
	OBSERVE("middle", "%s", perms(p, 8));
	OBSERVE("middle bytes", "%s", peek_pages(p, 8));
	REQUIRE_OK(map(p + 3 * PG, 3 * PG, PROT_READ, MAP_SHARED | MAP_FIXED, fd, PG));
	OBSERVE("over two mappings", "%s", perms(p, 8));
	OBSERVE("over two mappings, bytes", "%s", peek_pages(p, 8));
	REQUIRE_OK(map(p, 8 * PG, RW, ANON | MAP_FIXED, -1, 0));
	OBSERVE("over all", "%s", perms(p, 8));
	OBSERVE("over all, bytes", "%s", peek_pages(p, 8));
	lettered(p, 8);
	CHECK_ERR(map(p + PG, 2 * PG, RW, MAP_SHARED | MAP_FIXED, 12345, 0), EBADF);
	CHECK_ERR(map(p + PG, 2 * PG, RW, MAP_FIXED | MAP_ANONYMOUS, -1, 0), EINVAL);
	OBSERVE("after failures", "%s", peek_pages(p, 8));
	REQUIRE_OK(map(p + PG, 1, RW, ANON | MAP_FIXED, -1, 0));
	OBSERVE("one byte is a page", "%s", peek_pages(p, 8));
}

CASE(fixed_noreplace) {
	char *p = lettered(anon(4), 4);
	CHECK_ERR(map(p, PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	CHECK_ERR(map(p + 3 * PG, 2 * PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	CHECK_ERR(map(p, PG, RW, ANON | MAP_FIXED_NOREPLACE | MAP_FIXED, -1, 0), EEXIST);
	REQUIRE_OK(munmap(p + PG, PG));
	CHECK(map(p + PG, PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == (long)(p + PG));
	REQUIRE_OK(munmap(p + PG, PG));
	CHECK_ERR(map(p + PG, 2 * PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	OBSERVE("nothing was replaced", "%s", peek_pages(p, 4));
	CHECK_ERR(map(p + 1, PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EINVAL);
	OBSERVE_OK("shared_validate", map(p + PG, PG, RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	int fd = letter_file("f", 1, 0);
	REQUIRE_OK(munmap(p + PG, PG));
	OBSERVE_OK("shared_validate of a file", map(p + PG, PG, RW, MAP_SHARED_VALIDATE | MAP_FIXED_NOREPLACE, fd, 0));
}

CASE(hints) {
	char *p = anon(4);
	REQUIRE_OK(munmap(p, 4 * PG));
	char *q = (char *)map(p, 2 * PG, RW, ANON, -1, 0);
	OBSERVE("free hint", "%s", addr_name(q, p));
	q = (char *)map(p + 2 * PG + 5, PG, RW, ANON, -1, 0);
	OBSERVE("crooked hint", "%s", addr_name(q, p));
	q = (char *)map(p, PG, RW, ANON, -1, 0);
	CHECK(q != MAP_FAILED && q != p);
	q = (char *)map(NULL, PG, RW, ANON | MAP_32BIT, -1, 0);
	CHECK(q != MAP_FAILED && (uintptr_t)q < 1ul << 31);
	CHECK((uintptr_t)map((void *)(1ul << 40), PG, RW, ANON | MAP_32BIT, -1, 0) < 1ul << 31);
	OBSERVE("low hint", "%#lx", map((void *)0x50000005, PG, RW, ANON | MAP_32BIT, -1, 0));
	CHECK(map((void *)0x50000000, PG, RW, ANON | MAP_32BIT, -1, 0) != 0x50000000);
	OBSERVE("lower than any place of its own", "%#lx", map((void *)0x20000000, PG, RW, ANON | MAP_32BIT, -1, 0));
	OBSERVE("the last page", "%#lx", map((void *)0x7ffff000, PG, RW, ANON | MAP_32BIT, -1, 0));
	q = (char *)map((void *)0x7fffe000, 3 * PG, RW, ANON | MAP_32BIT, -1, 0);
	CHECK(q != MAP_FAILED && (uintptr_t)q < 0x7fffe000);
	OBSERVE_RET("too much", map((void *)0x50000000, 1ul << 31, RW, ANON | MAP_32BIT, -1, 0));
}

CASE(growsdown) {
	char *area = (char *)REQUIRE_OK(map(NULL, 1024 * PG, PROT_NONE, ANON, -1, 0));
	REQUIRE_OK(munmap(area, 1024 * PG));
	char *top = area + 1020 * PG;
	REQUIRE(map(top, PG, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0) == (long)top);
	OBSERVE("a page below", "%s", poke(top - PG, 1));
	OBSERVE("many pages below", "%s", poke(top - 200 * PG, 1));
	OBSERVE("grown", "%s", perms(top - 201 * PG, 202));
	OBSERVE("above", "%s", poke(top + PG, 1));
	REQUIRE_OK(map(area + 100 * PG, PG, RW, ANON | MAP_FIXED, -1, 0));
	OBSERVE("in the gap to the mapping below", "%s", poke(area + 150 * PG, 1));
	OBSERVE("behind the gap", "%s", poke(area + 400 * PG, 1));
	OBSERVE("the mapping below", "%s", perms(area + 100 * PG, 1));
	CHECK(vm_flag(top, "gd"));
	CHECK_ERR(map(NULL, PG, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0), EINVAL);
	int fd = letter_file("f", 1, 0);
	OBSERVE_OK("of a file", map(NULL, PG, RW, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0));
}

CASE(anonymous_across_fork) {
	char *priv = anon(1), *shar = shared(1);
	*priv = *shar = 'p';
	struct gate a = gate_open(), b = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		OBSERVE("child sees", "%c %c", *priv, *shar);
		*priv = *shar = 'c';
		gate_signal(&a);
		gate_wait(&b);
		OBSERVE("child sees later", "%c %c", *priv, *shar);
		_exit(0);
	}
	gate_wait(&a);
	OBSERVE("parent sees", "%c %c", *priv, *shar);
	*priv = *shar = 'q';
	gate_signal(&b);
	CHECK_EQ(wait_for(pid), 0);
	// Shared memory outlives the mapping of one, and mapping PROT_NONE over a part in one leaves the other alone.
	IN_CHILD(NULL) {
		REQUIRE_OK(map(shar, PG, PROT_NONE, ANON | MAP_FIXED, -1, 0));
	}
	OBSERVE("still there", "%s", peek(shar));
}

CASE(private_file_copy_on_write) {
	int fd = letter_file("f", 2, 0);
	char *p = pages(2, RW, MAP_PRIVATE, fd), *s = pages(2, RW, MAP_SHARED, fd);
	p[0] = 'p';
	OBSERVE("shared does not see private", "%s", peek_pages(s, 2));
	s[0] = 's';
	s[PG] = 't';
	OBSERVE("a copied page stays, another follows", "%s", peek_pages(p, 2));
	char c[2] = {0};
	REQUIRE(pread(fd, c, 1, 0) == 1);
	REQUIRE(pread(fd, c + 1, 1, PG) == 1);
	OBSERVE("read sees", "%c%c", c[0], c[1]);
	REQUIRE(pwrite(fd, "w", 1, PG) == 1);
	OBSERVE("write is seen by shared", "%s", peek_pages(s, 2));
	OBSERVE("write is seen by private", "%s", peek_pages(p, 2));
	IN_CHILD(NULL) {
		OBSERVE("child's private", "%s", peek_pages(p, 2));
		p[PG] = 'k';
	}
	OBSERVE("parent's private", "%s", peek_pages(p, 2));
	close(fd);
	REQUIRE_OK(unlink("f"));
	OBSERVE("after close and unlink", "%s", peek_pages(s, 2));
}

CASE(shared_file_between_processes) {
	int fd = letter_file("f", 2, 0);
	struct gate a = gate_open(), b = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		int own = REQUIRE_OK(open("f", O_RDWR));
		char *p = pages(2, RW, MAP_SHARED, own);
		gate_signal(&a);
		gate_wait(&b);
		OBSERVE("child sees", "%s", peek_pages(p, 2));
		p[1] = 'c';
		_exit(0);
	}
	char *p = pages(2, RW, MAP_SHARED, fd);
	gate_wait(&a);
	p[PG] = 'w';
	REQUIRE(pwrite(fd, "v", 1, 0) == 1);
	gate_signal(&b);
	CHECK_EQ(wait_for(pid), 0);
	OBSERVE("parent sees", "%s", peek(p + 1));
	int again = REQUIRE_OK(open("f", O_RDONLY));
	char c[2];
	REQUIRE(read(again, c, 2) == 2);
	OBSERVE("another descriptor reads", "%c%c", c[0], c[1]);
}

CASE(past_the_end_of_file) {
	int fd = letter_file("f", 1, 100);
	char *p = pages(4, RW, MAP_SHARED, fd), *q = pages(4, RW, MAP_PRIVATE, fd);
	OBSERVE("shared", "%s", peek_pages(p, 4));
	OBSERVE("private", "%s", peek_pages(q, 4));
	OBSERVE("rest of the last page", "%s", peek(p + PG + 100));
	OBSERVE("write there", "%s", poke(p + PG + 100, 'x'));
	OBSERVE("write behind", "%s", poke(p + 2 * PG, 'x'));
	struct stat st;
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, PG + 100);
	q[0] = 'm';
	REQUIRE_OK(ftruncate(fd, 4 * PG));
	OBSERVE("after growth", "%s", peek_pages(p, 4));
	q[2 * PG] = 'n';
	REQUIRE_OK(ftruncate(fd, 10));
	OBSERVE("shared, after truncation", "%s", peek_pages(p, 4));
	OBSERVE("private, after truncation", "%s", peek_pages(q, 4));
	OBSERVE("cut off in the page", "%s", peek(p + 10));
	REQUIRE_OK(ftruncate(fd, 2 * PG));
	OBSERVE("shared, grown again", "%s", peek_pages(p, 4));
	OBSERVE("private, grown again", "%s", peek_pages(q, 4));
	OBSERVE_RET("read into what is behind", pread(fd, p + 3 * PG, 1, 0));
	OBSERVE_RET("write from what is behind", pwrite(fd, p + 3 * PG, 1, 0));
	int status;
	IN_CHILD(&status) { (void)*(volatile char *)(p + 3 * PG); }
	OBSERVE_STATUS("uncaught", status);
}

CASE(limits) {
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_AS, status_kb("VmSize") * 1024l + 64 * PG);
		OBSERVE_OK("within RLIMIT_AS", map(NULL, 32 * PG, RW, ANON, -1, 0));
		CHECK_ERR(map(NULL, 64 * PG, RW, ANON, -1, 0), ENOMEM);
		OBSERVE_OK("PROT_NONE counts", map(NULL, 64 * PG, PROT_NONE, ANON, -1, 0));
	}
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_DATA, status_kb("VmData") * 1024l + 32 * PG);
		OBSERVE_OK("within RLIMIT_DATA", map(NULL, 16 * PG, RW, ANON, -1, 0));
		CHECK_ERR(map(NULL, 64 * PG, RW, ANON, -1, 0), ENOMEM);
		OBSERVE_OK("read only is no data", map(NULL, 64 * PG, PROT_READ, ANON, -1, 0));
		OBSERVE_OK("shared is no data", map(NULL, 64 * PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	}
	IN_CHILD(NULL) {
		become_nobody();
		soft_limit(RLIMIT_MEMLOCK, 4 * PG);
		OBSERVE_OK("MAP_LOCKED within RLIMIT_MEMLOCK", map(NULL, 4 * PG, RW, ANON | MAP_LOCKED, -1, 0));
		CHECK_ERR(map(NULL, PG, RW, ANON | MAP_LOCKED, -1, 0), EAGAIN);
		soft_limit(RLIMIT_MEMLOCK, 0);
		OBSERVE_OK("MAP_LOCKED without any", map(NULL, PG, RW, ANON | MAP_LOCKED, -1, 0));
	}
}

CASE(data_limits) {
	char *shared = (char *)REQUIRE_OK(map(NULL, 16 * PG, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	char *data = (char *)REQUIRE_OK(map(NULL, 16 * PG, RW, ANON, -1, 0));
	char *text = (char *)REQUIRE_OK(map(NULL, 16 * PG, PROT_READ, ANON, -1, 0));
	char *ends = (char *)REQUIRE_OK(map(NULL, 4 * PG, RW, ANON, -1, 0));
	rlim_t all = status_kb("VmData") * 1024l;
	REQUIRE_OK(munmap(ends + 2 * PG, 2 * PG));
	static const rlim_t soft[] = {0, 1, PG, PG - 1};
	for (int hard = 0; hard < 2; hard++)
		for (int i = 0; i < 4; i++)
			IN_CHILD(NULL) {
				struct rlimit l = {soft[i], hard ? soft[i] : RLIM_INFINITY};
				REQUIRE_OK(setrlimit(RLIMIT_DATA, &l));
				const char *n = name("%ld%s", (long)soft[i], hard ? " for ever" : "");
				OBSERVE_OK(name("%s, map", n), map(NULL, 16 * PG, RW, ANON, -1, 0));
				OBSERVE_OK(name("%s, replace data", n), map(data, 16 * PG, RW, ANON | MAP_FIXED, -1, 0));
				OBSERVE_OK(name("%s, replace shared", n), map(shared, 16 * PG, RW, ANON | MAP_FIXED, -1, 0));
				OBSERVE_OK(name("%s, protect", n), mprotect(text, 4 * PG, RW));
				OBSERVE_OK(name("%s, grow", n), mremap(ends, 2 * PG, 4 * PG, MREMAP_MAYMOVE));
			}
	IN_CHILD(NULL) {
		soft_limit(RLIMIT_DATA, all);
		OBSERVE_OK("full, replace data", map(data, 16 * PG, RW, ANON | MAP_FIXED, -1, 0));
		OBSERVE_OK("full, replace shared", map(shared, 16 * PG, RW, ANON | MAP_FIXED, -1, 0));
		OBSERVE_OK("full, map", map(NULL, 16 * PG, RW, ANON, -1, 0));
	}
}

CASE(locked_and_populated) {
	char *p = (char *)REQUIRE_OK(map(NULL, 4 * PG, RW, ANON | MAP_POPULATE, -1, 0));
	OBSERVE("populated", "%s", resident(p, 4));
	p = (char *)REQUIRE_OK(map(NULL, 4 * PG, PROT_NONE, ANON | MAP_POPULATE, -1, 0));
	OBSERVE("populated without rights", "%s", resident(p, 4));
	p = (char *)REQUIRE_OK(map(NULL, 4 * PG, RW, ANON | MAP_POPULATE | MAP_NONBLOCK, -1, 0));
	OBSERVE("nonblock", "%s", resident(p, 4));
	p = anon(4);
	OBSERVE("untouched", "%s", resident(p, 4));
	p[2 * PG] = 1;
	OBSERVE("one touched", "%s", resident(p, 4));
	long before = status_kb("VmLck");
	p = (char *)map(NULL, 4 * PG, RW, ANON | MAP_LOCKED, -1, 0);
	OBSERVE("locked, kB", "%ld", status_kb("VmLck") - before);
	OBSERVE("locked", "%s", resident(p, 4));
	CHECK(vm_flag(p, "lo"));
}

static const char *all_sizes(const char *p) {
	static const char *const fields[] = {"Size", "Rss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous", "AnonHugePages", "Swap", "Locked"};
	static char text[512];
	int len = 0;
	for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++)
		len += snprintf(text + len, sizeof text - len, "%s %d ", fields[i], atoi(smaps(p, fields[i])));
	return text;
}

// What smaps says is present: as much as was touched, and whose it is.
CASE(smaps_follows_the_pages) {
	char *p = anon(16), *s = shared(16);
	OBSERVE("untouched", "%s", all_sizes(p));
	lettered(p, 5);
	OBSERVE("five pages", "%s", all_sizes(p));
	REQUIRE_OK(madvise(p, 2 * PG, MADV_DONTNEED));
	OBSERVE("two given back", "%s", all_sizes(p));
	REQUIRE_OK(mlock(p, 4 * PG));
	OBSERVE("locked", "%s", all_sizes(p));
	REQUIRE_OK(munlock(p, 4 * PG));
	lettered(s, 3);
	OBSERVE("shared memory", "%s", all_sizes(s));
	IN_CHILD(NULL) {
		OBSERVE("child's", "%s", all_sizes(p));
		p[4 * PG] = 'c';
		OBSERVE("child's after a write", "%s", all_sizes(p));
		*(volatile char *)s = 'c'; // a read may map what lies around as well
		OBSERVE("child's shared memory", "%s", all_sizes(s));
	}
	OBSERVE("after the child", "%s", all_sizes(p));
	char *g = pages(2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1), c = *(volatile char *)g;
	(void)c;
	OBSERVE("read only", "%s", all_sizes(g));
}

static long statm(int field) {
	long v[7];
	const char *s = read_file("/proc/self/statm");
	REQUIRE(s && sscanf(s, "%ld %ld %ld %ld %ld %ld %ld", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6) == 7);
	return v[field];
}

// status, statm, stat and smaps_rollup tell the same story: 1000 pages more, and 1000 pages less. (Linux counts in
// batches, so to some pages.)
CASE(resident_sizes_agree) {
	enum { N = 1000, SLACK = 250 };
	char *p = pages(N, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1), *s = pages(N, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	long rss = status_kb("VmRSS"), anon_ = status_kb("RssAnon"), shmem = status_kb("RssShmem"), pages_ = statm(1), file = statm(2);
	CHECK(rss > 0 && anon_ > 0 && pages_ > 0);
	CHECK(labs(rss - status_kb("RssAnon") - status_kb("RssFile") - status_kb("RssShmem")) < 4 * SLACK);
	memset(p, 1, N * PG);
	CHECK(labs(status_kb("VmRSS") - rss - 4 * N) < 4 * SLACK);
	CHECK(labs(status_kb("RssAnon") - anon_ - 4 * N) < 4 * SLACK);
	CHECK(labs(statm(1) - pages_ - N) < SLACK);
	memset(s, 1, N * PG);
	CHECK(labs(status_kb("RssShmem") - shmem - 4 * N) < 4 * SLACK);
	CHECK(labs(statm(2) - file - N) < SLACK);
	CHECK(status_kb("VmHWM") >= rss + 8 * N - 8 * SLACK);
	REQUIRE_OK(munmap(p, N * PG));
	CHECK(labs(status_kb("RssAnon") - anon_) < 4 * SLACK);
	CHECK(status_kb("VmHWM") >= rss + 8 * N - 8 * SLACK);
	const char *roll = read_file("/proc/self/smaps_rollup");
	REQUIRE(roll != NULL);
	long sum = -1;
	const char *at = strstr(roll, "\nRss:");
	REQUIRE(at && sscanf(at, "\nRss: %ld kB", &sum) == 1);
	CHECK(labs(sum - status_kb("VmRSS")) < 4 * SLACK);
	static char stat[1024];
	snprintf(stat, sizeof stat, "%s", read_file("/proc/self/stat"));
	char *f = strrchr(stat, ')');
	for (int i = 2; f && i < 24; i++)
		f = strchr(f + 1, ' ');
	CHECK(f && labs(atol(f) - statm(1)) < SLACK);
	struct rusage ru;
	REQUIRE_OK(getrusage(RUSAGE_SELF, &ru));
	CHECK(ru.ru_maxrss >= rss + 8 * N - 8 * SLACK);
	CHECK(ru.ru_minflt >= N);
}

// The names of smaps_rollup's lines, and of smaps'.
CASE(names_of_sizes) {
	static const char *const files[] = {"/proc/self/smaps_rollup", "/proc/self/smaps"};
	for (int i = 0; i < 2; i++) {
		char line[512], text[1024] = "";
		FILE *f = fopen(files[i], "r");
		REQUIRE(f && fgets(line, sizeof line, f));
		while (fgets(line, sizeof line, f) && line[0] >= 'A' && line[0] <= 'Z') {
			line[strcspn(line, ":")] = 0;
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", line);
		}
		fclose(f);
		OBSERVE(files[i], "%s", text);
	}
}

// What can't be mapped, and what can't be run besides, which is looked at first.
CASE(no_regular_files) {
	int p[2], s[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	struct {
		const char *what;
		int fd;
	} f[] = {
		{"eventfd", eventfd(0, 0)}, {"epoll", epoll_create1(0)}, {"pipe", p[0]}, {"socket", s[0]}, {"directory", open("/", O_RDONLY)},
		{"/proc", open("/proc/self/status", O_RDONLY)}, {"/dev/null", open("/dev/null", O_RDONLY)}, {"memfd", memfd_create("m", 0)},
	};
	for (size_t i = 0; i < sizeof f / sizeof *f; i++)
		for (int exec = 0; exec < 2; exec++) {
			REQUIRE_OK(f[i].fd);
			void *m = mmap(NULL, 4096, exec ? PROT_READ | PROT_EXEC : PROT_READ, MAP_PRIVATE, f[i].fd, 0);
			OBSERVE(name("%s%s", f[i].what, exec ? " to run" : ""), "%s", m == MAP_FAILED ? errno_name(errno) : "mapped");
		}
}

// A ring of io_uring is mapped where the kernel likes.
CASE(a_ring_has_no_wish) {
	char params[120] = {0};
	int ring = syscall(SYS_io_uring_setup, 4, params);
	if (ring < 0)
		SKIP("a kernel without io_uring");
	char *there = anon(4);
	void *p = mmap(NULL, PG, PROT_READ, MAP_SHARED, ring, 0), *wish = mmap(there, PG, PROT_READ, MAP_SHARED, ring, 0);
	CHECK(p != MAP_FAILED);
	OBSERVE("with a wish", "%s", wish == MAP_FAILED ? errno_name(errno) : "ok");
	wish = mmap(there, PG, PROT_READ, MAP_SHARED | MAP_FIXED, ring, 0);
	OBSERVE("at a place", "%s", wish == MAP_FAILED ? errno_name(errno) : "ok");
}
