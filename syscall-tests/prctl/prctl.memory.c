// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prctl: what concerns memory: write or execute, huge pages, where a program's parts are, merging, failed memory.
#include "../harness/memory.h"
#include "../harness/creds.h"

#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>

#define PRCTL(...) syscall(SYS_prctl, __VA_ARGS__)

// --- Memory ---

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif

CASE(mdwe_values, "kernel>=6.6") {
	static const long bits[] = {2, 4, 0, 1, 1, 0, 3, 2};
	OBSERVE_RET("at first", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
	for (int i = 0; i < COUNT(bits); i++)
		OBSERVE_RET(name("%d: set %ld", i, bits[i]), PRCTL(PR_SET_MDWE, bits[i], 0, 0, 0));
	OBSERVE_RET("then", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
	OBSERVE_RET("third argument", PRCTL(PR_SET_MDWE, 1, 1, 0, 0));
	OBSERVE_RET("fifth argument", PRCTL(PR_SET_MDWE, 1, 0, 0, 1));
	OBSERVE_RET("get with an argument", PRCTL(PR_GET_MDWE, 1, 0, 0, 0));
}

CASE(mdwe_refuses, "kernel>=6.3") {
	char *before = pages(1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1), *rwx = pages(1, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *p = anon(3);
	REQUIRE_OK(PRCTL(PR_SET_MDWE, 1, 0, 0, 0));
	OBSERVE_OK("map rwx", (long)mmap(NULL, PG, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OBSERVE_OK("map wx shared", (long)mmap(NULL, PG, PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	OBSERVE_OK("map rx", (long)mmap(NULL, PG, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OBSERVE_RET("rw to rx", mprotect(p, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("rw to r", mprotect(p, PG, PROT_READ));
	OBSERVE_RET("r to x", mprotect(p, PG, PROT_EXEC));
	OBSERVE_RET("rx to rx", mprotect(before, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("rx to rwx", mprotect(before, PG, RW | PROT_EXEC));
	OBSERVE_RET("rwx to rwx", mprotect(rwx, PG, RW | PROT_EXEC));
	OBSERVE_RET("rwx to rx", mprotect(rwx, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("rx to r", mprotect(before, PG, PROT_READ));
	OBSERVE_RET("and back", mprotect(before, PG, PROT_READ | PROT_EXEC));
	OBSERVE_RET("as far as it may", mprotect(p + PG, 2 * PG, PROT_READ | PROT_EXEC));
	OBSERVE("maps", "%s", perms(p, 3));
	IN_CHILD(NULL) {
		OBSERVE_RET("child", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
		OBSERVE_OK("child maps rwx", (long)mmap(NULL, PG, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	}
}

CASE(mdwe_not_inherited, "kernel>=6.6") {
	REQUIRE_OK(PRCTL(PR_SET_MDWE, 3, 0, 0, 0));
	IN_CHILD(NULL) {
		OBSERVE_RET("child", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
		OBSERVE_OK("child maps rwx", (long)mmap(NULL, PG, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	}
	OBSERVE_RET("itself", PRCTL(PR_GET_MDWE, 0, 0, 0, 0));
}

CASE(thp_disable, "kernel>=6.18") {
	static const long v[][3] = {{1, 0, 0}, {0, 0, 0}, {5, 0, 0}, {1, 1, 0}, {1, 2, 0}, {0, 2, 0}, {1, 4, 0}, {1, 0, 1}, {0, 0, 0}};
	for (int i = 0; i < COUNT(v); i++) {
		OBSERVE_RET(name("%d: set %ld %ld %ld", i, v[i][0], v[i][1], v[i][2]), PRCTL(PR_SET_THP_DISABLE, v[i][0], v[i][1], v[i][2], 0));
		OBSERVE_RET(name("%d: then", i), PRCTL(PR_GET_THP_DISABLE, 0, 0, 0, 0));
		const char *s = strstr(read_file("/proc/self/status"), "THP_enabled:");
		OBSERVE(name("%d: status", i), "%d", s ? atoi(s + 12) : -1);
	}
}

// No huge page comes where they are off, though it is asked for.
CASE(thp_disable_is_heeded) {
	REQUIRE_OK(PRCTL(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	char *p = mmap(NULL, 8 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	madvise(p, 8 << 20, MADV_HUGEPAGE);
	memset(p, 1, 8 << 20);
	OBSERVE("huge pages", "%d", atoi(smaps(p, "AnonHugePages")));
	IN_CHILD(NULL) { OBSERVE_RET("child", PRCTL(PR_GET_THP_DISABLE, 0, 0, 0, 0)); }
}

// --- Where a program's parts are ---

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif

static struct prctl_mm_map my_map(void) {
	// The numbers of the fields of /proc/self/stat: start_code 26, end_code 27, start_stack 28, start_data 45 ... env_end 51.
	unsigned long long f[53] = {0};
	char *s = strrchr(read_file("/proc/self/stat"), ')') + 2;
	int n = 3;
	for (char *w = strtok(s, " "); w && n < 53; w = strtok(NULL, " "))
		f[n++] = strtoull(w, NULL, 10);
	return (struct prctl_mm_map){.start_code = f[26], .end_code = f[27], .start_data = f[45], .end_data = f[46], .start_brk = f[47],
		.brk = (uintptr_t)sbrk(0), .start_stack = f[28], .arg_start = f[48], .arg_end = f[49], .env_start = f[50],
		.env_end = f[51], .exe_fd = -1};
}

static long set_map(struct prctl_mm_map *m) { return PRCTL(PR_SET_MM, PR_SET_MM_MAP, m, sizeof *m, 0); }

CASE(mm_map) {
	unsigned size = 0;
	struct prctl_mm_map m = my_map(), bad;
	OBSERVE_RET("size", PRCTL(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0));
	OBSERVE("is", "%u", size);
	OBSERVE_RET("size to nowhere", PRCTL(PR_SET_MM, PR_SET_MM_MAP_SIZE, bad_ptr(), 0, 0));
	OBSERVE_RET("as it is", set_map(&m));
	OBSERVE_RET("short", PRCTL(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof m - 8, 0));
	OBSERVE_RET("fifth argument", PRCTL(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof m, 1));
	OBSERVE_RET("from nowhere", PRCTL(PR_SET_MM, PR_SET_MM_MAP, bad_ptr(), sizeof m, 0));
	for (int i = 0; i < 11; i++) {
		bad = m;
		((unsigned long long *)&bad)[i] = 0x1000;
		OBSERVE_RET(name("low %d", i), set_map(&bad));
		((unsigned long long *)&bad)[i] = 1ull << 47;
		OBSERVE_RET(name("high %d", i), set_map(&bad));
	}
	bad = m;
	bad.end_code = bad.start_code;
	OBSERVE_RET("no code", set_map(&bad));
	// No end before its start, but nothing between them may be.
	static const int pairs[][2] = {{0, 1}, {2, 3}, {4, 5}, {7, 8}, {9, 10}};
	for (int i = 0; i < COUNT(pairs); i++)
		for (int less = 0; less < 2; less++)
			IN_CHILD(NULL) {
				struct prctl_mm_map narrow = m;
				unsigned long long *p = (unsigned long long *)&narrow;
				p[pairs[i][1]] = p[pairs[i][0]] - less;
				OBSERVE_RET(name("%d to %d, %d less", pairs[i][0], pairs[i][1], less), set_map(&narrow));
			}
	bad = m;
	bad.arg_end = bad.arg_start - 1;
	OBSERVE_RET("arguments backwards", set_map(&bad));
	bad = m;
	bad.auxv_size = 16;
	OBSERVE_RET("no vector", set_map(&bad));
	bad.auxv = (void *)bad_ptr();
	OBSERVE_RET("vector at nowhere", set_map(&bad));
	bad.auxv_size = 449;
	OBSERVE_RET("long vector", set_map(&bad));
	bad = m;
	bad.exe_fd = 99;
	OBSERVE_RET("program that is none", set_map(&bad));
	bad.exe_fd = make_file("plain", "");
	OBSERVE_RET("program that can't be run", set_map(&bad));
	bad.exe_fd = open(".", O_RDONLY);
	OBSERVE_RET("directory", set_map(&bad));
	bad.exe_fd = open("/bin/true", O_RDONLY);
	OBSERVE_RET("program while the old one is mapped", set_map(&bad));
}

// What ps shows can be anywhere.
CASE(mm_map_moves_the_arguments) {
	static const char arg_bytes[] = "one\0two\0three", env_bytes[] = "A=1\0B=2";
	char *args = memcpy(anon(1), arg_bytes, sizeof arg_bytes), *env = memcpy(anon(1), env_bytes, sizeof env_bytes);
	static unsigned long long aux[] = {6, 4096, 16, 77, 0, 0};
	struct prctl_mm_map m = my_map();
	m.arg_start = (uintptr_t)args, m.arg_end = m.arg_start + sizeof arg_bytes;
	m.env_start = (uintptr_t)env, m.env_end = m.env_start + sizeof env_bytes;
	m.auxv = (void *)aux, m.auxv_size = sizeof aux;
	REQUIRE_OK(set_map(&m));
	char got[256];
	int fd = open("/proc/self/cmdline", O_RDONLY), n = (int)read(fd, got, sizeof got);
	OBSERVE_BYTES("cmdline", got, n);
	close(fd);
	fd = open("/proc/self/environ", O_RDONLY), n = (int)read(fd, got, sizeof got);
	OBSERVE_BYTES("environ", got, n);
	close(fd);
	fd = open("/proc/self/auxv", O_RDONLY), n = (int)read(fd, got, sizeof got);
	OBSERVE_BYTES("auxv", got, n);
	unsigned long long back[64] = {0};
	OBSERVE_RET("by prctl", PRCTL(PR_GET_AUXV, back, sizeof back, 0, 0));
	OBSERVE_BYTES("it is", back, 64);
	IN_CHILD(NULL) OBSERVE_RET("child's", PRCTL(PR_GET_AUXV, back, 0, 0, 0));
	OBSERVE_RET("to nowhere", PRCTL(PR_GET_AUXV, bad_ptr(), 16, 0, 0));
	OBSERVE_RET("nothing to nowhere", PRCTL(PR_GET_AUXV, bad_ptr(), 0, 0, 0));
	OBSERVE_RET("fourth argument", PRCTL(PR_GET_AUXV, back, 16, 1, 0));
}

CASE(mm_map_moves_the_break) {
	char *now = sbrk(0), *p = mmap(NULL, 16 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct prctl_mm_map m = my_map();
	REQUIRE(p != MAP_FAILED && munmap(p, 16 << 20) == 0);
	m.start_brk = m.brk = (uintptr_t)p;
	REQUIRE_OK(set_map(&m));
	CHECK_EQ(syscall(SYS_brk, 0), (uintptr_t)p);
	CHECK_EQ(syscall(SYS_brk, p + 4096), (uintptr_t)p + 4096);
	p[4095] = 1;
	CHECK_EQ(syscall(SYS_brk, now), (uintptr_t)p + 4096);
}

static void one_by_one(void) {
	struct prctl_mm_map m = my_map();
	for (int option = 0; option <= 16; option++) {
		if (option == PR_SET_MM_MAP || option == PR_SET_MM_MAP_SIZE)
			continue;
		OBSERVE_RET(name("%d", option), PRCTL(PR_SET_MM, option, m.start_stack, 0, 0));
		OBSERVE_RET(name("%d with a size", option), PRCTL(PR_SET_MM, option, 0, 8, 0));
		OBSERVE_RET(name("%d with a fifth argument", option), PRCTL(PR_SET_MM, option, m.start_stack, 0, 1));
	}
}

CASE(mm_one_by_one, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		REQUIRE_OK(PRCTL(PR_SET_DUMPABLE, 1, 0, 0, 0));
		one_by_one();
	}
}

CASE(mm_one_by_one_with_the_capability, "cap:24") {
	IN_CHILD(NULL) one_by_one();
}

// --- KSM, failed memory, flushers ---

CASE(memory_merge, "kernel>=6.4") {
	char *before = anon(1);
	OBSERVE_RET("at first", PRCTL(68, 0, 0, 0, 0));
	OBSERVE_RET("on", PRCTL(67, 1, 0, 0, 0));
	OBSERVE_RET("then", PRCTL(68, 0, 0, 0, 0));
	char *after = anon(1);
	before[0] = after[0] = 1;
	OBSERVE("flags", "%d %d", strstr(smaps(before, "VmFlags"), " mg") != NULL, strstr(smaps(after, "VmFlags"), " mg") != NULL);
	IN_CHILD(NULL) OBSERVE_RET("child", PRCTL(68, 0, 0, 0, 0));
	OBSERVE_RET("off", PRCTL(67, 0, 0, 0, 0));
	OBSERVE_RET("then off", PRCTL(68, 0, 0, 0, 0));
	OBSERVE("flags then", "%d", strstr(smaps(before, "VmFlags"), " mg") != NULL);
	OBSERVE_RET("third argument", PRCTL(67, 1, 1, 0, 0));
	OBSERVE_RET("get with an argument", PRCTL(68, 1, 0, 0, 0));
}

CASE(memory_failure) {
	for (long what = 0; what < 3; what++)
		for (long policy = 0; policy < 4; policy++) {
			OBSERVE_RET(name("%ld %ld", what, policy), PRCTL(PR_MCE_KILL, what, policy, 0, 0));
			OBSERVE_RET(name("%ld %ld then", what, policy), PRCTL(PR_MCE_KILL_GET, 0, 0, 0, 0));
		}
	OBSERVE_RET("early", PRCTL(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	IN_CHILD(NULL) OBSERVE_RET("child", PRCTL(PR_MCE_KILL_GET, 0, 0, 0, 0));
	OBSERVE_RET("fourth argument", PRCTL(PR_MCE_KILL, 0, 0, 1, 0));
	OBSERVE_RET("get with an argument", PRCTL(PR_MCE_KILL_GET, 1, 0, 0, 0));
	OBSERVE_RET("perf events", PRCTL(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0) | PRCTL(PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0));
}

CASE(io_flusher) {
	IN_CHILD(NULL) {
		become_nobody();
		for (long v = 0; v < 3; v++)
			OBSERVE_RET(name("set %ld", v), PRCTL(PR_SET_IO_FLUSHER, v, 0, 0, 0));
		OBSERVE_RET("get", PRCTL(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
		OBSERVE_RET("get with an argument", PRCTL(PR_GET_IO_FLUSHER, 1, 0, 0, 0));
	}
}

