// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// ptrace: a tracee's memory and registers, read and changed.
#include "../harness/tracees.h"

// --- Memory --------------------------------------------------------------------------------------------------------------

static long word = 0x1122334455667788;
static const char constant[16] = "read-only";

CASE(peek_and_poke) {
	char *none = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *ro = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(none, "hidden"), strcpy(ro, "fixed"), strcpy(two + 4092, "across");
	CHECK_OK(mprotect(none, 4096, PROT_NONE));
	CHECK_OK(mprotect(ro, 4096, PROT_READ));
	CHECK_OK(mprotect(two + 4096, 4096, PROT_NONE));
	int fd = make_file("shared", "0123456789abcdef");
	char *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, open("shared", O_RDONLY), 0);
	char *writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *hole = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK_OK(munmap(hole + 4096, 4096));
	pid_t pid = traced(pauses);
	long v = 0;
	OBSERVE("data", "%#lx", peek(pid, &word));
	OBSERVE("unaligned", "%#lx", peek(pid, (char *)&word + 0) >> 8);
	OBSERVE_RET("poke", PT(PTRACE_POKEDATA, pid, &word, 0x99));
	OBSERVE("poked", "%#lx, here %#lx", peek(pid, &word), word);
	v = peek(pid, none);
	OBSERVE("PROT_NONE", "%.8s", (char *)&v);
	OBSERVE_RET("poke PROT_NONE", PT(PTRACE_POKEDATA, pid, none, 0x4141414141));
	v = peek(pid, none);
	OBSERVE("poked PROT_NONE", "%.8s", (char *)&v);
	OBSERVE_RET("poke PROT_READ", PT(PTRACE_POKEDATA, pid, ro, 0x42424242));
	v = peek(pid, ro);
	OBSERVE("poked PROT_READ", "%.8s", (char *)&v);
	v = peek(pid, two + 4092);
	OBSERVE("across protections", "%.8s", (char *)&v);
	OBSERVE_RET("poke across protections", PT(PTRACE_POKETEXT, pid, two + 4092, 0x4747474746464646));
	v = peek(pid, two + 4092);
	OBSERVE("poked across", "%.8s", (char *)&v);
	OBSERVE_RET("poke .rodata", PT(PTRACE_POKEDATA, pid, constant, 0x43434343));
	v = peek(pid, constant);
	OBSERVE("poked .rodata", "%.8s, here %.8s", (char *)&v, constant);
	OBSERVE_RET("poke a read-only shared file", PT(PTRACE_POKEDATA, pid, shared, 0x44444444));
	OBSERVE_RET("poke a shared file", PT(PTRACE_POKEDATA, pid, writable, 0x4545454545454545));
	OBSERVE("the file has it", "%s", read_file("shared"));
	OBSERVE_RET("peek nothing", PT(PTRACE_PEEKDATA, pid, bad_ptr(), &v));
	OBSERVE_RET("poke nothing", PT(PTRACE_POKEDATA, pid, bad_ptr(), 1));
	OBSERVE_RET("peek into a hole", PT(PTRACE_PEEKDATA, pid, hole + 4092, &v));
	OBSERVE_RET("peek the kernel's half", PT(PTRACE_PEEKDATA, pid, 0xffffffff81000000, &v));
	OBSERVE_RET("peek to nowhere", PT(PTRACE_PEEKDATA, pid, &word, bad_ptr()));
	end(pid);
}

int answer(void);
__asm__(".pushsection .text\n.globl answer\nanswer:\nmov $1,%eax\nret\n.popsection\n");
static void calls(void) { _exit(answer()); }

CASE(poke_text) {
	pid_t pid = traced(calls);
	long old = peek(pid, (void *)answer);
	OBSERVE("text", "%#lx", old & 0xffffffffffff);
	CHECK_OK(PT(PTRACE_POKETEXT, pid, answer, (old & ~0xffl) | 0xcc));
	OBSERVE("breakpoint", "%s", go(PTRACE_CONT, pid, 0));
	siginfo_t si = siginfo_of(pid);
	OBSERVE("siginfo", "%s code %d addr %p", sig_name(si.si_signo), si.si_code, si.si_addr);
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("rip", "answer+%lld", (long long)(r.rip - (unsigned long)answer));
	CHECK_OK(PT(PTRACE_POKETEXT, pid, answer, (old & ~0xff00l) | 42 << 8));
	r.rip--;
	set_regs(pid, &r);
	OBSERVE("patched", "%s", go(PTRACE_CONT, pid, 0));
}

// /proc/PID/mem is the other way in, with the same rights, for a tracee that runs too.
CASE(proc_mem) {
	char *ro = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(ro, "fixed");
	CHECK_OK(mprotect(ro, 4096, PROT_NONE));
	pid_t pid = traced(calls);
	char path[64], buf[8] = "";
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int fd = open(path, O_RDWR);
	OBSERVE_RET("read PROT_NONE", pread(fd, buf, 6, (off_t)ro));
	OBSERVE("bytes", "%s", buf);
	OBSERVE_RET("write PROT_NONE", pwrite(fd, "other", 6, (off_t)ro));
	OBSERVE_RET("read it again", pread(fd, buf, 6, (off_t)ro));
	OBSERVE("bytes again", "%s", buf);
	OBSERVE_RET("write text", pwrite(fd, "\x2b", 1, (off_t)answer + 1));
	OBSERVE_RET("write nowhere", pwrite(fd, "\x2b", 1, (off_t)bad_ptr()));
	OBSERVE("runs it", "%s", go(PTRACE_CONT, pid, 0));
	pid = harness_fork();
	if (pid == 0)
		pauses();
	REQUIRE(wait_blocked(pid, pid));
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	OBSERVE_RET("write text of one that sleeps", pwrite(fd, "\x2b", 1, (off_t)answer + 1));
	OBSERVE_RET("read it of one that sleeps", pread(fd, buf, 1, (off_t)answer + 1));
	OBSERVE("byte", "%#x", buf[0]);
	end(pid);
}

// --- Registers -----------------------------------------------------------------------------------------------------------

// marks makes a call with a value in each register, and exits with what rbx is then.
static void marks(void) {
	__asm__ volatile("mov $0x1111111111111111,%%rbx\n mov $0x2222,%%rdi\n mov $0x3333,%%rsi\n mov $0x4444,%%rdx\n"
			 "mov $0x5555,%%r10\n mov $0x6666,%%r8\n mov $0x7777,%%r9\n mov $0x8888,%%r12\n mov $0x9999,%%r13\n"
			 "mov $0xaaaa,%%r14\n mov $0xbbbb,%%r15\n mov $0xcccc,%%r11\n int3\n mov %%rbx,%%rdi\n mov $231,%%eax\n syscall\n" ::
				 : "memory", "rbx", "rdi", "rsi", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rax", "rcx");
}

CASE(general_registers) {
	pid_t pid = traced(marks);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	struct user_regs_struct r = regs_of(pid);
	OBSERVE("values", "%llx %llx %llx %llx %llx %llx %llx %llx %llx %llx %llx %llx", r.rbx, r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9, r.r12, r.r13, r.r14, r.r15, r.r11);
	OBSERVE("orig_rax", "%lld", (long long)r.orig_rax);
	struct user_regs_struct s = r;
	s.rbx = 42;
	s.cs = 0;
	OBSERVE_RET("cs 0", PT(PTRACE_SETREGS, pid, 0, &s));
	s = r, s.ss = 0x28;
	OBSERVE_RET("ss of ring 0", PT(PTRACE_SETREGS, pid, 0, &s));
	s = r, s.fs_base = 1ul << 63;
	OBSERVE_RET("fs_base of the kernel", PT(PTRACE_SETREGS, pid, 0, &s));
	s = r, s.eflags = ~0ul & ~0x100ul;
	OBSERVE_RET("all flags", PT(PTRACE_SETREGS, pid, 0, &s));
	OBSERVE("flags that stick", "%llx", regs_of(pid).eflags);
	OBSERVE_RET("from nowhere", PT(PTRACE_SETREGS, pid, 0, bad_ptr()));
	OBSERVE_RET("to nowhere", PT(PTRACE_GETREGS, pid, 0, bad_ptr()));
	r.rbx = 43;
	set_regs(pid, &r);
	OBSERVE("uses what was set", "%s", go(PTRACE_CONT, pid, 0));
}

CASE(user_area) {
	pid_t pid = traced(marks);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	unsigned long v = 0;
	OBSERVE_RET("rbx", PT(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rbx), &v));
	OBSERVE("rbx is", "%#lx", v);
	OBSERVE_RET("poke rbx", PT(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rbx), 17));
	static const unsigned offs[] = {1, 4, offsetof(struct user, u_fpvalid), offsetof(struct user, i387), offsetof(struct user, u_comm),
		offsetof(struct user, magic), offsetof(struct user, u_debugreg[0]), offsetof(struct user, u_debugreg[4]),
		offsetof(struct user, u_debugreg[6]), offsetof(struct user, u_debugreg[7]), sizeof(struct user), sizeof(struct user) + 8};
	for (unsigned i = 0; i < sizeof offs / sizeof *offs; i++) {
		v = 0xdead;
		OBSERVE_RET(name("peek at %u", offs[i]), PT(PTRACE_PEEKUSER, pid, offs[i], &v));
		OBSERVE(name("value at %u", offs[i]), "%#lx", v);
	}
	OBSERVE_RET("peek at -8", PT(PTRACE_PEEKUSER, pid, -8, &v));
	OBSERVE_RET("poke at 1", PT(PTRACE_POKEUSER, pid, 1, 0));
	OBSERVE_RET("poke u_comm", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_comm), 0));
	OBSERVE_RET("poke the end", PT(PTRACE_POKEUSER, pid, sizeof(struct user), 0));
	OBSERVE_RET("poke cs", PT(PTRACE_POKEUSER, pid, offsetof(struct user, regs.cs), 0));
	OBSERVE_RET("poke debug register 4", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[4]), 0));
	OBSERVE_RET("poke debug register 0 with an address of the kernel", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), 1ul << 63));
	OBSERVE_RET("poke debug register 7 with 0", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0));
	OBSERVE("uses rbx", "%s", go(PTRACE_CONT, pid, 0));
}

// A data breakpoint, as debuggers set them.
CASE(hardware_watchpoint) {
	pid_t pid = traced(faults);
	OBSERVE_RET("address", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), &word));
	OBSERVE_RET("enable", PT(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 1 | 0xd0000));
	end(pid);
}

// vectors has known values in xmm0, ymm1 and the x87 stack, and exits with the low byte of xmm0.
static void vectors(void) {
	static const unsigned char a[16] = "0123456789abcdef";
	unsigned b = 0;
	__asm__ volatile("movdqu %1,%%xmm0\n fldpi\n int3\n movd %%xmm0,%0\n fstp %%st(0)\n" : "=r"(b) : "m"(a) : "xmm0");
	_exit(b & 0xff);
}

CASE(floating_point) {
	pid_t pid = traced(vectors);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	struct user_fpregs_struct f;
	memset(&f, 0x55, sizeof f);
	OBSERVE_RET("get", PT(PTRACE_GETFPREGS, pid, 0, &f));
	OBSERVE("control", "%#x %#x mxcsr %#x", f.cwd, f.swd, f.mxcsr);
	OBSERVE_BYTES("xmm0", f.xmm_space, 16);
	OBSERVE_BYTES("st0", f.st_space, 10);
	OBSERVE_BYTES("padding", f.padding, sizeof f.padding);
	OBSERVE_RET("to nowhere", PT(PTRACE_GETFPREGS, pid, 0, bad_ptr()));
	OBSERVE_RET("from nowhere", PT(PTRACE_SETFPREGS, pid, 0, bad_ptr()));
	struct user_fpregs_struct g = f;
	g.mxcsr = 0xffffffff;
	OBSERVE_RET("bad mxcsr", PT(PTRACE_SETFPREGS, pid, 0, &g));
	((char *)f.xmm_space)[0] = 77;
	OBSERVE_RET("set", PT(PTRACE_SETFPREGS, pid, 0, &f));
	OBSERVE("uses it", "%s", go(PTRACE_CONT, pid, 0));
}

CASE(register_sets) {
	pid_t pid = traced(vectors);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	static char buf[1 << 16], again[1 << 16];
	struct iovec iov = {buf, sizeof buf};
	struct user_regs_struct r = regs_of(pid);
	OBSERVE_RET("general", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	OBSERVE("general, size", "%zu", iov.iov_len);
	CHECK(!memcmp(buf, &r, sizeof r));
	iov = (struct iovec){buf, 24};
	OBSERVE_RET("three registers", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	OBSERVE("three, size", "%zu", iov.iov_len);
	iov = (struct iovec){buf, 0};
	OBSERVE_RET("none", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	iov = (struct iovec){buf, 20};
	OBSERVE_RET("not a multiple", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	static const int types[] = {0, 3, NT_PRXFPREG, NT_PPC_VMX, 0x200, 0x203, 0x7fff, -1};
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		iov = (struct iovec){buf, 64};
		OBSERVE_RET(name("set %#x", types[i]), PT(PTRACE_GETREGSET, pid, types[i], &iov));
	}
	OBSERVE_RET("no iovec", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, bad_ptr()));
	iov = (struct iovec){bad_ptr(), 64};
	OBSERVE_RET("to nowhere", PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	OBSERVE_RET("from nowhere", PT(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov));
	iov = (struct iovec){buf, sizeof buf};
	OBSERVE_RET("legacy", PT(PTRACE_GETREGSET, pid, NT_PRFPREG, &iov));
	OBSERVE("legacy, size", "%zu", iov.iov_len);
	iov.iov_len = 8;
	OBSERVE_RET("set legacy, short", PT(PTRACE_SETREGSET, pid, NT_PRFPREG, &iov));
	iov = (struct iovec){buf, sizeof buf};
	if (PT(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov))
		SKIP("no xsave");
	size_t size = iov.iov_len;
	uint64_t *w = (uint64_t *)buf;
	CHECK((w[58] & 7) == 7 || (w[58] & 7) == 3); // the features of the processor
	OBSERVE("features", "%#lx", w[58] & 7);
	OBSERVE_BYTES("xmm0", buf + 160, 16);
	OBSERVE("rest of the reserved", "%lx %lx %lx %lx %lx", w[59], w[60], w[61], w[62], w[63]);
	OBSERVE("x87 and SSE in use", "%lx", w[64] & 3);
	OBSERVE("rest of the header", "%lx %lx", w[65], w[66]);
	buf[160] = 99;
	iov = (struct iovec){buf, size - 8};
	OBSERVE_RET("set, short", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[64] |= 1ul << 62;
	iov.iov_len = size;
	OBSERVE_RET("unknown feature", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[64] &= ~(1ul << 62), w[65] = 1;
	OBSERVE_RET("compacted", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[65] = 0, w[66] = 1;
	OBSERVE_RET("reserved", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	w[66] = 0;
	OBSERVE_RET("set", PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	struct iovec iov2 = {again, sizeof again};
	CHECK_OK(PT(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov2));
	CHECK_EQ(iov2.iov_len, size);
	CHECK(!memcmp(buf, again, size));
	uint64_t rip = 0;
	iov = (struct iovec){&r, 8};
	OBSERVE_RET("set one general register", PT(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov));
	CHECK_OK(PT(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), &rip));
	CHECK_EQ(rip, r.rip);
	OBSERVE("uses it", "%s", go(PTRACE_CONT, pid, 0));
}

static void fs_base(void) {
	unsigned long fs = 0;
	syscall(SYS_arch_prctl, 0x1003, &fs);
	__asm__ volatile("mov %0,%%rbx\n int3\n" ::"r"(fs) : "rbx");
}

CASE(bases) {
	pid_t pid = traced(fs_base);
	CHECK_STR(go(PTRACE_CONT, pid, 0), "SIGTRAP");
	struct user_regs_struct r = regs_of(pid);
	CHECK_EQ(r.fs_base, r.rbx);
	unsigned long fs = 0, gs = 1;
	OBSERVE_RET("get fs", PT(PTRACE_ARCH_PRCTL, pid, &fs, 0x1003));
	CHECK_EQ(fs, r.rbx);
	OBSERVE_RET("get gs", PT(PTRACE_ARCH_PRCTL, pid, &gs, 0x1004));
	OBSERVE("gs", "%#lx", gs);
	OBSERVE_RET("set fs", PT(PTRACE_ARCH_PRCTL, pid, fs, 0x1002));
	OBSERVE_RET("set fs to the kernel's", PT(PTRACE_ARCH_PRCTL, pid, 1ul << 63, 0x1002));
	OBSERVE_RET("unknown", PT(PTRACE_ARCH_PRCTL, pid, fs, 0x77));
	OBSERVE("end", "%s", go(PTRACE_CONT, pid, 0));
}
