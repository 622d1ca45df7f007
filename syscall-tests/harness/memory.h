// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What the cases about memory share: mappings to work on, accesses that tell which signal they meet, and what
// /proc/self/maps and smaps say of a range, without addresses.
#ifndef DITTO_MEMORY_H
#define DITTO_MEMORY_H

#include "harness.h"

#include <setjmp.h>
#include <sys/resource.h>

#define PG ((size_t)4096)
#define RW (PROT_READ | PROT_WRITE)

// Pages of private anonymous memory, with a page of PROT_NONE on both sides so that no neighbour merges with them.
static inline char *pages(int n, int prot, int flags, int fd) {
	char *all = mmap(NULL, (n + 2) * PG, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(all != MAP_FAILED);
	char *p = mmap(all + PG, n * PG, prot, flags | MAP_FIXED, fd, 0);
	REQUIRE(p == all + PG);
	return p;
}
static inline char *anon(int n) { return pages(n, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1); }
static inline char *shared(int n) { return pages(n, RW, MAP_SHARED | MAP_ANONYMOUS, -1); }

// Each page holds its letter: 'A' in the first.
static inline char *lettered(char *p, int n) {
	for (int i = 0; i < n; i++)
		memset(p + i * PG, 'A' + i, PG);
	return p;
}

// A file of n pages of letters, and rest more bytes of 'z'.
static inline int letter_file(const char *path, int n, int rest) {
	char buf[4096];
	int fd = make_file(path, "");
	for (int i = 0; i < n; i++) {
		memset(buf, 'A' + i, PG);
		REQUIRE(write(fd, buf, PG) == (ssize_t)PG);
	}
	memset(buf, 'z', PG);
	REQUIRE(write(fd, buf, rest) == rest);
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	return fd;
}

// --- Accesses ---

static sigjmp_buf memory_back;
static siginfo_t memory_fault;

static inline void memory_caught(int sig, siginfo_t *info, void *ctx) {
	(void)sig, (void)ctx;
	memory_fault = *info;
	siglongjmp(memory_back, 1);
}

static inline const char *fault_text(const void *at) {
	const char *code = name("code %d", memory_fault.si_code);
	if (memory_fault.si_signo == SIGSEGV)
		code = memory_fault.si_code == SEGV_MAPERR ? "MAPERR" : memory_fault.si_code == SEGV_ACCERR ? "ACCERR"
			: memory_fault.si_code == SEGV_PKUERR ? "PKUERR" : code;
	else if (memory_fault.si_signo == SIGBUS)
		code = memory_fault.si_code == BUS_ADRERR ? "ADRERR" : code;
	return name("%s %s%s", sig_name(memory_fault.si_signo), code, memory_fault.si_addr == at ? "" : " elsewhere");
}

// One access: 'r' reads, 'w' writes v, 'x' jumps there. The byte read, "ok", or the signal.
static inline const char *memory_access(char how, volatile char *p, char v) {
	struct sigaction sa = {.sa_sigaction = memory_caught, .sa_flags = SA_SIGINFO | SA_NODEFER}, segv, bus;
	sigaction(SIGSEGV, &sa, &segv);
	sigaction(SIGBUS, &sa, &bus);
	const char *text = "ok";
	if (sigsetjmp(memory_back, 1)) {
		text = fault_text((const void *)p);
	} else if (how == 'w') {
		*p = v;
	} else if (how == 'x') {
		((void (*)(void))p)();
	} else {
		unsigned char c = *p;
		text = c > 32 && c < 127 ? name("%c", c) : name("%#x", c);
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return text;
}
static inline const char *peek(const void *p) { return memory_access('r', (char *)p, 0); }
static inline const char *poke(void *p, char v) { return memory_access('w', p, v); }

// The first byte of each of n pages, or what reading it meets.
static inline const char *peek_pages(const char *p, int n) {
	static char text[1024];
	int len = 0;
	text[0] = 0;
	for (int i = 0; i < n; i++)
		len += snprintf(text + len, sizeof text - len, "%s%s", i ? ", " : "", peek(p + i * PG));
	return text;
}

// --- What /proc says ---

// The permissions of [p, p+n pages), in runs: "rw-p*2 none*1 r--s*1".
static inline const char *perms(const char *p, int n) {
	static char text[1024];
	char line[512], prev[8] = "";
	int len = 0, run = 0, at = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	REQUIRE(f != NULL);
	text[0] = 0;
	while (at < n && fgets(line, sizeof line, f)) {
		unsigned long from, to;
		char prot[8];
		REQUIRE(sscanf(line, "%lx-%lx %5s", &from, &to, prot) == 3);
		for (; at < n && (unsigned long)p + at * PG < to; at++) {
			const char *now = (unsigned long)p + at * PG < from ? "none" : prot;
			if (strcmp(now, prev) != 0) {
				if (run)
					len += snprintf(text + len, sizeof text - len, "%s*%d ", prev, run);
				run = 0;
				strcpy(prev, now);
			}
			run++;
		}
	}
	fclose(f);
	if (at < n && strcmp(prev, "none") != 0) {
		if (run)
			len += snprintf(text + len, sizeof text - len, "%s*%d ", prev, run);
		strcpy(prev, "none");
		run = 0;
	}
	snprintf(text + len, sizeof text - len, "%s*%d", prev, run + n - at);
	return text;
}

// A field of smaps for the mapping of p: "Locked", "Rss", "VmFlags".
static inline const char *smaps(const void *p, const char *field) {
	static char text[256];
	char line[512];
	bool here = false;
	size_t n = strlen(field);
	FILE *f = fopen("/proc/self/smaps", "r");
	if (!f)
		return "no smaps";
	snprintf(text, sizeof text, "none");
	while (fgets(line, sizeof line, f)) {
		unsigned long from, to;
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (unsigned long)p >= from && (unsigned long)p < to;
		else if (here && strncmp(line, field, n) == 0 && line[n] == ':') {
			char *v = line + n + 1;
			while (*v == ' ')
				v++;
			v[strcspn(v, "\n")] = 0;
			snprintf(text, sizeof text, "%s", v);
			break;
		}
	}
	fclose(f);
	return text;
}

static inline bool vm_flag(const void *p, const char *flag) {
	const char *at = strstr(smaps(p, "VmFlags"), flag);
	return at && (at[2] == ' ' || at[2] == 0);
}

// A field of /proc/self/status in kB.
static inline long status_kb(const char *field) {
	const char *s = read_file("/proc/self/status");
	const char *at = s ? strstr(s, field) : NULL;
	return at ? atol(at + strlen(field) + 1) : -1;
}

// Pages of [p, p+n) that mincore calls resident: "1101".
static inline const char *resident(void *p, int n) {
	static char text[65];
	unsigned char vec[64] = {0};
	REQUIRE(n <= 64);
	REQUIRE_OK(syscall(SYS_mincore, p, n * PG, vec));
	for (int i = 0; i < n; i++)
		text[i] = '0' + (vec[i] & 1);
	text[n] = 0;
	return text;
}

// A soft limit, for a child to live under.
static inline void soft_limit(int which, rlim_t n) {
	struct rlimit l;
	REQUIRE_OK(getrlimit(which, &l));
	l.rlim_cur = n;
	REQUIRE_OK(setrlimit(which, &l));
}

#endif
