// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// seccomp: which programs are taken and by whom, what each action does to a call, what filters see of it, how they add
// up, are inherited and spread over threads, and strict mode.
#include "../harness/harness.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>

#define LEN(a) (sizeof(a) / sizeof *(a))
#define LD(off) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, off)
#define NR LD(offsetof(struct seccomp_data, nr))
#define RET(v) BPF_STMT(BPF_RET | BPF_K, v)
#define IF(nr, v) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), RET(v)
#define ALLOW RET(SECCOMP_RET_ALLOW)
#define FILTER SECCOMP_SET_MODE_FILTER

static long install(unsigned op, unsigned flags, struct sock_filter *f, size_t n) {
	struct sock_fprog p = {.len = n, .filter = f};
	return syscall(SYS_seccomp, op, flags, &p);
}
#define INSTALL(flags, ...)                                                                                           \
	({                                                                                                            \
		struct sock_filter f_[] = {__VA_ARGS__};                                                              \
		install(FILTER, flags, f_, LEN(f_));                                                                  \
	})
#define NNP() REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))

// A line of /proc/self/status.
static const char *status_line(const char *key) {
	static char out[8][64];
	static int next;
	char *o = out[next++ % 8];
	const char *s = read_file("/proc/thread-self/status");
	const char *at = s ? strstr(s, name("\n%s:", key)) : NULL;
	REQUIRE(at);
	snprintf(o, 64, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
	return o;
}

CASE(operations_and_flags) {
	struct sock_filter f[] = {ALLOW};
	struct sock_fprog p = {1, f};
	for (unsigned op = 0; op < 6; op++)
		for (unsigned flag = 0; flag < 2; flag++) {
			if (op == SECCOMP_SET_MODE_STRICT && flag == 0)
				continue;
			IN_CHILD(NULL) { OBSERVE_RET(name("op %u flags %#x", op, flag << 10), syscall(SYS_seccomp, op, flag << 10, &p)); }
		}
	OBSERVE_RET("strict with arguments", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, &p));
	OBSERVE_RET("op -1", syscall(SYS_seccomp, -1, 0, &p));
	NNP();
	for (unsigned flags = 0; flags < 64; flags++)
		IN_CHILD(NULL) {
			if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
				OBSERVE_OK(name("flags %#x", flags), INSTALL(flags, ALLOW));
			else
				OBSERVE_RET(name("flags %#x", flags), INSTALL(flags, ALLOW));
			OBSERVE(name("flags %#x, then", flags), "%s %s", status_line("Seccomp"), status_line("Seccomp_filters"));
		}
	OBSERVE_RET("bit 6", INSTALL(64, ALLOW));
	OBSERVE_RET("bit 31", INSTALL(1u << 31, ALLOW));
}

CASE(action_avail) {
	static const unsigned actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 1, 0x7fff0001, 0x7ffd0000, 0x10000, ~0u};
	for (size_t i = 0; i < LEN(actions); i++)
		OBSERVE_RET(name("action %#x", actions[i]), syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
	OBSERVE_RET("with flags", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &actions[0]));
	CHECK_ERR(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL), EFAULT);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, b->p), EFAULT);
}

CASE(notif_sizes) {
	struct seccomp_notif_sizes s = {0};
	CHECK_OK(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &s));
	OBSERVE("sizes", "%d %d %d", s.seccomp_notif, s.seccomp_notif_resp, s.seccomp_data);
	OBSERVE_RET("with flags", syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 1, &s));
	CHECK_ERR(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, readonly_page()), EFAULT);
	CHECK_ERR(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, NULL), EFAULT);
}

CASE(privileges) {
	IN_CHILD(NULL) {
		OBSERVE_RET("privileged", INSTALL(0, ALLOW));
		OBSERVE("privileged, then", "%s %s", status_line("Seccomp"), status_line("NoNewPrivs"));
	}
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(INSTALL(0, ALLOW), EACCES);
		struct sock_filter bad[] = {BPF_STMT(0xffff, 0)};
		OBSERVE_RET("nobody, a bad program", install(FILTER, 0, bad, 1));
		OBSERVE_RET("nobody, none", install(FILTER, 0, bad, 0));
		OBSERVE_RET("nobody, no pointer", install(FILTER, 0, NULL, 1));
		OBSERVE_RET("nobody, prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL));
		NNP();
		CHECK_OK(INSTALL(0, ALLOW));
		OBSERVE("nobody, then", "%s", status_line("Seccomp"));
	}
}

CASE(bad_memory) {
	NNP();
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		CHECK_ERR(syscall(SYS_seccomp, FILTER, 0, b->p), EFAULT);
		CHECK_ERR(install(FILTER, 0, b->p, 1), EFAULT);
	}
	CHECK_ERR(syscall(SYS_seccomp, FILTER, 0, NULL), EFAULT);
	CHECK_ERR(install(FILTER, 0, NULL, 1), EINVAL);
	struct sock_filter f[] = {ALLOW};
	OBSERVE_RET("cut off", install(FILTER, 0, guard_copy(f, sizeof f), 2));
	struct sock_fprog p = {1, f};
	OBSERVE_RET("cut off fprog", syscall(SYS_seccomp, FILTER, 0, (char *)guard_copy(&p, 8)));
}

// One program a line: what the checker says.
static void program(const char *what, struct sock_filter *f, size_t n) {
	IN_CHILD(NULL) { OBSERVE_RET(what, install(FILTER, 0, f, n)); }
}
#define PROGRAM(what, ...)                                                                                            \
	do {                                                                                                          \
		struct sock_filter f_[] = {__VA_ARGS__};                                                              \
		program(what, f_, LEN(f_));                                                                           \
	} while (0)
#define S(code, k) BPF_STMT(code, k)

CASE(every_instruction) {
	NNP();
	for (unsigned code = 0; code < 0x200; code++) {
		// An instruction that is not known, or not for seccomp, is EINVAL. None of the others decides anything.
		struct sock_filter f[] = {S(BPF_LDX | BPF_IMM, 1), S(BPF_ST, 1), {code, 0, 0, 1}, ALLOW, ALLOW, ALLOW};
		struct sock_filter z[] = {S(BPF_LDX | BPF_IMM, 1), S(BPF_ST, 0), {code, 0, 0, 0}, ALLOW, ALLOW, ALLOW};
		if (BPF_CLASS(code) == BPF_RET)
			f[1] = z[1] = (struct sock_filter)ALLOW;
		int one = install(FILTER, 0, f, LEN(f)) ? errno : 0;
		int zero = install(FILTER, 0, z, LEN(z)) ? errno : 0;
		if (one != EINVAL || zero != EINVAL)
			OBSERVE(name("code %#x", code), "k 1: %s, k 0: %s", errno_name(one), errno_name(zero));
	}
}

CASE(programs) {
	NNP();
	PROGRAM("no return", S(BPF_LD | BPF_IMM, 1));
	PROGRAM("return in the middle", ALLOW, S(BPF_LD | BPF_IMM, 1));
	PROGRAM("jump to the last", S(BPF_JMP | BPF_JA, 0), ALLOW);
	PROGRAM("jump behind the end", S(BPF_JMP | BPF_JA, 1), ALLOW);
	PROGRAM("jump around", S(BPF_JMP | BPF_JA, 0xffffffff), ALLOW);
	PROGRAM("branch behind the end", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), ALLOW);
	PROGRAM("branch behind the end otherwise", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), ALLOW);
	PROGRAM("branch to the last", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1), ALLOW, ALLOW);
	PROGRAM("memory 15", S(BPF_ST, 15), S(BPF_LD | BPF_MEM, 15), ALLOW);
	PROGRAM("memory 16", S(BPF_ST, 16), ALLOW);
	PROGRAM("memory not written", S(BPF_LD | BPF_MEM, 3), ALLOW);
	PROGRAM("memory written on one path", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), S(BPF_ST, 2), S(BPF_LD | BPF_MEM, 2), ALLOW);
	PROGRAM("memory written on both", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2), S(BPF_ST, 2), S(BPF_JMP | BPF_JA, 1), S(BPF_STX, 2),
		S(BPF_LDX | BPF_MEM, 2), ALLOW);
	PROGRAM("divide by 0", S(BPF_ALU | BPF_DIV | BPF_K, 0), ALLOW);
	PROGRAM("shift by 31", S(BPF_ALU | BPF_LSH | BPF_K, 31), ALLOW);
	PROGRAM("shift by 32", S(BPF_ALU | BPF_LSH | BPF_K, 32), ALLOW);
	PROGRAM("remainder", S(BPF_ALU | BPF_MOD | BPF_K, 3), ALLOW);
	PROGRAM("load 60", LD(60), ALLOW);
	PROGRAM("load 61", LD(61), ALLOW);
	PROGRAM("load 62", LD(62), ALLOW);
	PROGRAM("load 64", LD(64), ALLOW);
	PROGRAM("load half", S(BPF_LD | BPF_H | BPF_ABS, 0), ALLOW);
	PROGRAM("load ancillary", LD(0xfffff000 + SKF_AD_CPU), ALLOW);
	static struct sock_filter big[4097];
	for (size_t i = 0; i < LEN(big); i++)
		big[i] = (struct sock_filter)ALLOW;
	program("4096 instructions", big, 4096);
	program("4097 instructions", big, 4097);
}

CASE(how_many_filters) {
	NNP();
	static struct sock_filter f[4096];
	static const struct { const char *what; struct sock_filter in; size_t len; } kinds[] = {
		{"returns", ALLOW, 4096}, {"loads", S(BPF_LD | BPF_IMM, 0), 4096}, {"divisions", S(BPF_ALU | BPF_DIV | BPF_X, 0), 3000},
		{"branches one way", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0), 4000},
		{"branches the other", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1), 4000},
		{"branches both ways", BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 1, 1), 4000},
		{"tests of bits", BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), 4000},
		{"branches on big constants", BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x80000000, 1, 0), 4000},
		{"short ones", ALLOW, 100},
	};
	for (size_t k = 0; k < LEN(kinds); k++)
		IN_CHILD(NULL) {
			for (size_t i = 0; i < kinds[k].len; i++)
				f[i] = i > 0 && i + 2 < kinds[k].len ? kinds[k].in : (struct sock_filter)ALLOW;
			int n = 0;
			while (n < 5000 && install(FILTER, 0, f, kinds[k].len) == 0)
				n++;
			OBSERVE(kinds[k].what, "%d, then %s, %s", n, errno_name(errno), status_line("Seccomp_filters"));
		}
}

// --- What the actions do ---

CASE(errno_values) {
	NNP();
	static const unsigned data[] = {0, 1, 2, 38, 133, 511, 512, 516, 4094, 4095, 4096, 0xffff};
	for (size_t i = 0; i < LEN(data); i++)
		IN_CHILD(NULL) {
			CHECK_OK(INSTALL(0, NR, IF(SYS_getppid, SECCOMP_RET_ERRNO | data[i]), ALLOW));
			long r;
			__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_getppid) : "rcx", "r11", "memory");
			OBSERVE(name("errno %u", data[i]), "%ld", r);
		}
}

static void on_sys(int sig, siginfo_t *si, void *ctx) {
	ucontext_t *uc = ctx;
	OBSERVE("siginfo", "%s code %d errno %d syscall %d arch %#x", sig_name(sig), si->si_code, si->si_errno, si->si_syscall, si->si_arch);
	OBSERVE("call address is the instruction pointer", "%d", (unsigned long)si->si_call_addr == (unsigned long)uc->uc_mcontext.gregs[REG_RIP]);
	OBSERVE("rax", "%lld", (long long)uc->uc_mcontext.gregs[REG_RAX]);
	OBSERVE("rdi", "%lld", (long long)uc->uc_mcontext.gregs[REG_RDI]);
	uc->uc_mcontext.gregs[REG_RAX] = 4711;
}

CASE(trap) {
	NNP();
	struct sigaction sa = {.sa_sigaction = on_sys, .sa_flags = SA_SIGINFO};
	REQUIRE_OK(sigaction(SIGSYS, &sa, NULL));
	REQUIRE_OK(INSTALL(0, NR, IF(SYS_getpgid, SECCOMP_RET_TRAP | 0x1234), ALLOW));
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_getpgid), "D"(77) : "rcx", "r11", "memory");
	OBSERVE("result as the handler set it", "%ld", r);
}

CASE(trap_unhandled) {
	NNP();
	int st;
	IN_CHILD(&st) {
		INSTALL(0, NR, IF(SYS_getpgid, SECCOMP_RET_TRAP), ALLOW);
		getpgid(0);
	}
	OBSERVE_STATUS("default", st);
	IN_CHILD(&st) {
		sig_block(SIGSYS);
		sig_catch(SIGSYS, 0);
		INSTALL(0, NR, IF(SYS_getpgid, SECCOMP_RET_TRAP), ALLOW);
		getpgid(0);
	}
	OBSERVE_STATUS("caught and blocked", st);
	IN_CHILD(&st) {
		signal(SIGSYS, SIG_IGN);
		INSTALL(0, NR, IF(SYS_getpgid, SECCOMP_RET_TRAP), ALLOW);
		getpgid(0);
	}
	OBSERVE_STATUS("ignored", st);
}

CASE(kills) {
	NNP();
	static const struct { const char *what; unsigned action; } kinds[] = {
		{"KILL_PROCESS", SECCOMP_RET_KILL_PROCESS}, {"KILL_THREAD", SECCOMP_RET_KILL_THREAD}, {"KILL_THREAD with data", 0x1234},
		{"an unknown action", 0x10000}, {"another", 0x7ffd0000}, {"a negative one", 0x90000000}};
	for (size_t i = 0; i < LEN(kinds); i++) {
		int st;
		IN_CHILD(&st) {
			sig_catch(SIGSYS, 0);
			INSTALL(0, NR, IF(SYS_getpgid, kinds[i].action), ALLOW);
			getpgid(0);
		}
		OBSERVE_STATUS(kinds[i].what, st);
	}
}

static void *killed_thread(void *arg) {
	INSTALL(0, NR, IF(SYS_getpgid, *(unsigned *)arg), ALLOW);
	getpgid(0);
	return NULL;
}

CASE(kills_of_threads) {
	NNP();
	static unsigned actions[] = {SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_PROCESS};
	for (int i = 0; i < 2; i++) {
		int st;
		IN_CHILD(&st) {
			thread_join(thread_start(killed_thread, &actions[i]));
			OBSERVE(i ? "process survives" : "thread only", "yes");
			_exit(5);
		}
		OBSERVE_STATUS(i ? "KILL_PROCESS in a thread" : "KILL_THREAD in a thread", st);
	}
}

CASE(trace_log_and_allow) {
	NNP();
	REQUIRE_OK(INSTALL(0, NR, IF(SYS_getpgid, SECCOMP_RET_TRACE | 5), IF(SYS_getsid, SECCOMP_RET_LOG), ALLOW));
	CHECK_ERR(getpgid(0), ENOSYS);
	CHECK_EQ(getsid(0), syscall(SYS_getsid, getpid()));
	CHECK_EQ(getppid() > 0 || getppid() == 0, 1);
}

// --- What filters see ---

CASE(arguments) {
	NNP();
	// Every half of every argument in turn: the error is 1 if it is what was passed.
	static const unsigned long args[6] = {0x1111111122222222, 0x3333333344444444, 0x5555555566666666,
		0x7777777788888888, 0x99999999aaaaaaaa, 0xbbbbbbbbcccccccc};
	for (int i = 0; i < 12; i++)
		IN_CHILD(NULL) {
			unsigned want = args[i / 2] >> (i % 2 * 32);
			CHECK_OK(INSTALL(0, NR, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 3), LD(16 + 4 * i),
				BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, want, 0, 1), RET(SECCOMP_RET_ERRNO | 1), ALLOW));
			CHECK_ERR(syscall(SYS_getppid, args[0], args[1], args[2], args[3], args[4], args[5]), EPERM);
		}
}

CASE(arch_and_number) {
	NNP();
	REQUIRE_OK(INSTALL(0, LD(offsetof(struct seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		RET(SECCOMP_RET_KILL_PROCESS), NR, IF(1000, SECCOMP_RET_ERRNO | 3), IF(0x40000000 | SYS_getppid, SECCOMP_RET_ERRNO | 4),
		IF(-1, SECCOMP_RET_ERRNO | 5), ALLOW));
	OBSERVE_RET("no such call", syscall(1000));
	OBSERVE_RET("no such call either", syscall(1001));
	OBSERVE_RET("x32", syscall(0x40000000 | SYS_getppid));
	OBSERVE_RET("x32 otherwise", syscall(0x40000000 | SYS_getpgid));
	OBSERVE_RET("minus one", syscall(-1));
	OBSERVE_RET("upper half", syscall(0x100000000 | SYS_getpgid, 1000000));
}

// getppid from one place, again and again: its address is known, and the
// place may come to be handled some faster way.
static long ask(void **after) {
	long r;
	__asm__ volatile("mov %2, %%eax\n\tsyscall\n1:\tlea 1b(%%rip), %%rcx\n\tmov %%rcx, %1"
			 : "=&a"(r), "=m"(*after)
			 : "i"(SYS_getppid)
			 : "rcx", "r11", "memory");
	return r;
}

CASE(instruction_pointer) {
	NNP();
	void *after = NULL;
	for (int i = 0; i < 20; i++)
		ask(&after);
	unsigned long ip = (unsigned long)after;
	REQUIRE_OK(INSTALL(0, NR, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 5), LD(8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)ip, 0, 3), LD(12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(ip >> 32), 0, 1), RET(SECCOMP_RET_ERRNO | 77), ALLOW));
	long got = 0;
	for (int i = 0; i < 20; i++)
		got += ask(&after) == -77;
	OBSERVE("calls from the known place", "%ld of 20", got);
	CHECK(getppid() >= 0);
}

// What seems to cost nothing must be asked about all the same.
CASE(cheap_calls) {
	NNP();
	static const int nrs[] = {SYS_getpid, SYS_gettid, SYS_getuid, SYS_getppid, SYS_futex, SYS_sched_yield, SYS_clock_gettime,
		SYS_gettimeofday, SYS_time, SYS_getcpu, SYS_brk, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_rt_sigprocmask, SYS_arch_prctl,
		SYS_membarrier, SYS_rseq, SYS_set_robust_list, SYS_read, SYS_fork, SYS_vfork, SYS_clone, SYS_clone3, SYS_execve, SYS_nanosleep};
	for (size_t i = 0; i < LEN(nrs); i++)
		IN_CHILD(NULL) {
			static unsigned word;
			for (int warm = 0; warm < 8; warm++) {
				syscall(SYS_futex, &word, 1 | 128, 1, NULL, NULL, 0); // wakes nobody
				syscall(SYS_getpid);
			}
			INSTALL(0, NR, IF(nrs[i], SECCOMP_RET_ERRNO | 99), ALLOW);
			long r = 0;
			int e = 0;
			for (int n = 0; n < 8; n++) {
				r += syscall(nrs[i], &word, 1 | 128, 1, 0, 0, 0);
				e += errno;
			}
			OBSERVE(name("call %d", nrs[i]), "%ld %d", r, e);
		}
}

// int $0x80 is another architecture, with numbers of its own.
CASE(the_32_bit_entry) {
	NNP();
	int st;
	IN_CHILD(&st) {
		CHECK_OK(INSTALL(0, LD(offsetof(struct seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 5), NR,
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 64, 0, 3), LD(16), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x1234, 0, 1),
			RET(SECCOMP_RET_ERRNO | 7), ALLOW));
		long r;
		__asm__ volatile("int $0x80" : "=a"(r) : "a"(64), "b"(0x1234), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
		OBSERVE("int 0x80", "%d", (int)r);
	}
	OBSERVE_STATUS("end", st);
}

// The machine computes as the manual says: each program returns an errno.
CASE(arithmetic) {
	NNP();
#define A(k) S(BPF_LD | BPF_IMM, k)
#define X(k) S(BPF_LDX | BPF_IMM, k)
#define ALU(op, k) S(BPF_ALU | op | BPF_K, k)
#define ALUX(op) S(BPF_ALU | op | BPF_X, 0)
#define RESULT ALU(BPF_AND, 0xfff), ALU(BPF_OR, SECCOMP_RET_ERRNO), S(BPF_RET | BPF_A, 0)
#define COMPUTE(what, ...)                                                                                            \
	IN_CHILD(NULL) {                                                                                              \
		CHECK_OK(INSTALL(0, NR, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0), ALLOW, __VA_ARGS__)); \
		OBSERVE_RET(what, syscall(SYS_getppid));                                                              \
	}
	COMPUTE("add", A(5), ALU(BPF_ADD, 7), RESULT);
	COMPUTE("sub wraps", A(5), ALU(BPF_SUB, 7), RESULT);
	COMPUTE("mul x", A(5), X(7), ALUX(BPF_MUL), RESULT);
	COMPUTE("div", A(0xffffffff), ALU(BPF_DIV, 0x100000), RESULT);
	COMPUTE("xor", A(5), ALU(BPF_XOR, 7), RESULT);
	COMPUTE("neg", A(5), S(BPF_ALU | BPF_NEG, 0), RESULT);
	COMPUTE("lsh", A(5), ALU(BPF_LSH, 4), RESULT);
	COMPUTE("rsh", A(0x80000000), ALU(BPF_RSH, 22), RESULT);
	COMPUTE("lsh x by 33", A(5), X(33), ALUX(BPF_LSH), RESULT);
	COMPUTE("len", S(BPF_LD | BPF_W | BPF_LEN, 0), RESULT);
	COMPUTE("len in x", S(BPF_LDX | BPF_W | BPF_LEN, 0), S(BPF_MISC | BPF_TXA, 0), RESULT);
	COMPUTE("tax", A(9), S(BPF_MISC | BPF_TAX, 0), A(0), S(BPF_MISC | BPF_TXA, 0), RESULT);
	COMPUTE("memory", A(9), S(BPF_ST, 3), A(0), S(BPF_LDX | BPF_MEM, 3), S(BPF_STX, 4), S(BPF_LD | BPF_MEM, 4), RESULT);
	COMPUTE("unsigned", A(0xfffffff0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 5, 0, 1), A(1), RESULT);
	COMPUTE("jge x", A(7), X(7), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_X, 0, 0, 1), A(3), RESULT);
	COMPUTE("jset", A(6), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1), A(3), RESULT);
	COMPUTE("jset not", A(4), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1), A(3), RESULT);
	int st;
	IN_CHILD(&st) {
		INSTALL(0, NR, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0), ALLOW, A(5), X(0), ALUX(BPF_DIV), ALLOW);
		getppid();
	}
	OBSERVE_STATUS("divide by x of 0", st);
}

// --- Several filters, and who has them ---

CASE(precedence) {
	NNP();
	static const struct { const char *what; unsigned action; } kinds[] = {
		{"allow", SECCOMP_RET_ALLOW}, {"log", SECCOMP_RET_LOG}, {"trace", SECCOMP_RET_TRACE}, {"errno 1", SECCOMP_RET_ERRNO | 1},
		{"errno 2", SECCOMP_RET_ERRNO | 2}, {"trap", SECCOMP_RET_TRAP}, {"thread", SECCOMP_RET_KILL_THREAD}, {"process", SECCOMP_RET_KILL_PROCESS}};
	for (size_t i = 0; i < LEN(kinds); i++)
		for (size_t j = 0; j < LEN(kinds); j++) {
			int st, got = 0;
			IN_CHILD(&st) {
				sig_catch(SIGSYS, 0);
				INSTALL(0, NR, IF(SYS_getpgid, kinds[i].action), ALLOW);
				INSTALL(0, NR, IF(SYS_getpgid, kinds[j].action), ALLOW);
				got = getpgid(0) >= 0 ? 50 : errno;
				_exit(sig_count[SIGSYS] ? 51 : got);
			}
			OBSERVE_STATUS(name("%s then %s", kinds[i].what, kinds[j].what), st);
		}
}

CASE(inheritance) {
	NNP();
	REQUIRE_OK(INSTALL(0, NR, IF(SYS_getpgid, SECCOMP_RET_ERRNO | 42), ALLOW));
	REQUIRE_OK(INSTALL(0, NR, IF(SYS_getsid, SECCOMP_RET_ERRNO | 43), ALLOW));
	IN_CHILD(NULL) {
		OBSERVE_RET("forked", getpgid(0));
		OBSERVE("forked, status", "%s %s %s", status_line("Seccomp"), status_line("Seccomp_filters"), status_line("NoNewPrivs"));
		CHECK_OK(INSTALL(0, NR, IF(SYS_getppid, SECCOMP_RET_ERRNO | 44), ALLOW));
		OBSERVE_RET("forked, one more", syscall(SYS_getppid));
	}
	CHECK(getppid() >= 0);
	OBSERVE("own", "%s", status_line("Seccomp_filters"));
	int p[2];
	REQUIRE_OK(pipe(p));
	IN_CHILD(NULL) {
		dup2(p[1], 1);
		execl("/bin/sh", "sh", "-c", "while read a b; do case $a in Seccomp*|NoNew*) echo $a $b;; esac; done < /proc/self/status", NULL);
	}
	char buf[200] = "";
	CHECK(read(p[0], buf, sizeof buf - 1) > 0);
	close(p[1]);
	for (size_t n = strlen(buf); (long)n < 199 && read(p[0], buf + n, 199 - n) > 0; n = strlen(buf))
		;
	OBSERVE("executed", "%s", buf);
}

// --- Strict mode ---

CASE(strict) {
	int st;
	IN_CHILD(&st) {
		CHECK_OK(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
		OBSERVE("writes", "yes");
		syscall(SYS_exit, 3);
	}
	OBSERVE_STATUS("exit", st);
	IN_CHILD(&st) {
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		syscall(SYS_exit_group, 3);
	}
	OBSERVE_STATUS("exit_group", st);
	IN_CHILD(&st) {
		sig_catch(SIGKILL + 3, 0);
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		syscall(SYS_getpid);
		syscall(SYS_exit, 3);
	}
	OBSERVE_STATUS("getpid", st);
	IN_CHILD(&st) {
		NNP();
		INSTALL(0, ALLOW);
		int e = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) ? errno : 0;
		OBSERVE("strict behind a filter", "%s", errno_name(e));
	}
	OBSERVE_STATUS("mixed", st);
}

CASE(prctl_forms) {
	OBSERVE_RET("get", prctl(PR_GET_SECCOMP));
	for (int mode = 0; mode < 5; mode++)
		if (mode != SECCOMP_MODE_STRICT)
			OBSERVE_RET(name("set %d, no program", mode), prctl(PR_SET_SECCOMP, mode, NULL));
	NNP();
	struct sock_filter f[] = {ALLOW};
	struct sock_fprog p = {1, f};
	CHECK_OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p));
	OBSERVE_RET("get, then", prctl(PR_GET_SECCOMP));
}
