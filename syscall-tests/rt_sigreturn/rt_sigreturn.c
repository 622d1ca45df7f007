// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigreturn: does everything come back that the frame holds (registers, flags, vectors, mask), does what the
// handler changes in the frame take effect, and what does the frame say about each fault?
#include "../harness/signals.h"

#include <cpuid.h>
#include <setjmp.h>
#include <sys/uio.h>

static void nothing(int sig, siginfo_t *info, void *ctx) { (void)sig, (void)info, (void)ctx; }

// Overwrites every vector register and what else a careless restore would lose.
static void dirty(int sig, siginfo_t *info, void *ctx) {
	(void)sig, (void)info, (void)ctx;
	unsigned mxcsr = 0x1f80 | 0x6000;
	__asm__ volatile("pcmpeqd %%xmm0,%%xmm0\n movdqa %%xmm0,%%xmm1\n movdqa %%xmm0,%%xmm7\n movdqa %%xmm0,%%xmm8\n movdqa %%xmm0,%%xmm15\n"
			 "ldmxcsr %0\n fninit\n fldz\n fldz\n"
			 :
			 : "m"(mxcsr)
			 : "xmm0", "xmm1", "xmm7", "xmm8", "xmm15", "memory");
}

CASE(vector_registers_come_back) {
	uint64_t in[4][2] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}}, out[4][2] = {{0}};
	unsigned mxcsr = 0x1f80 | 0x2000, got = 0;
	long pid = getpid(), tid = tid_self();
	handle_with(SIGUSR1, dirty, 0, 0);
	__asm__ volatile("ldmxcsr %[m]\n movdqu (%[in]),%%xmm1\n movdqu 16(%[in]),%%xmm7\n movdqu 32(%[in]),%%xmm8\n movdqu 48(%[in]),%%xmm15\n"
			 "mov $234,%%eax\n syscall\n"
			 "movdqu %%xmm1,(%[out])\n movdqu %%xmm7,16(%[out])\n movdqu %%xmm8,32(%[out])\n movdqu %%xmm15,48(%[out])\n stmxcsr %[g]\n"
			 : [g] "=m"(got)
			 : [m] "m"(mxcsr), [in] "r"(in), [out] "r"(out), "D"(pid), "S"(tid), "d"((long)SIGUSR1)
			 : "rax", "rcx", "r11", "xmm1", "xmm7", "xmm8", "xmm15", "memory");
	CHECK(memcmp(in, out, sizeof in) == 0);
	OBSERVE_BYTES("registers", out, sizeof out);
	OBSERVE("mxcsr", "%#x", got);
	unsigned dflt = 0x1f80;
	__asm__ volatile("ldmxcsr %0" : : "m"(dflt));
}

static bool have_avx(void) { return __builtin_cpu_supports("avx"); }

__attribute__((target("avx"))) static void dirty_ymm(int sig, siginfo_t *info, void *ctx) {
	(void)sig, (void)info, (void)ctx;
	__asm__ volatile("vzeroall" : : : "memory");
}

CASE(upper_halves_come_back) {
	uint64_t in[4] = {11, 22, 33, 44}, out[4] = {0};
	long pid = getpid(), tid = tid_self();
	if (!have_avx())
		SKIP("no AVX");
	handle_with(SIGUSR1, dirty_ymm, 0, 0);
	__asm__ volatile("vmovdqu (%[in]),%%ymm9\n mov $234,%%eax\n syscall\n vmovdqu %%ymm9,(%[out])\n vzeroupper\n"
			 :
			 : [in] "r"(in), [out] "r"(out), "D"(pid), "S"(tid), "d"((long)SIGUSR1)
			 : "rax", "rcx", "r11", "xmm9", "memory");
	CHECK(memcmp(in, out, sizeof in) == 0);
	OBSERVE("ymm9", "%lu %lu %lu %lu", out[0], out[1], out[2], out[3]);
}

CASE(x87_comes_back) {
	double pi = 0;
	short cw = 0, want = 0x27f;
	long pid = getpid(), tid = tid_self();
	handle_with(SIGUSR1, dirty, 0, 0);
	__asm__ volatile("fninit\n fldcw %[w]\n fldpi\n mov $234,%%eax\n syscall\n fstcw %[c]\n fstpl %[p]\n fninit\n"
			 : [p] "=m"(pi), [c] "=m"(cw)
			 : [w] "m"(want), "D"(pid), "S"(tid), "d"((long)SIGUSR1)
			 : "rax", "rcx", "r11", "st", "memory");
	OBSERVE("st0 and control word", "%.10f %#x", pi, cw);
	CHECK(pi > 3.14159 && pi < 3.1416);
}

// The 128 bytes below the stack pointer belong to the interrupted function, and the general registers too.
CASE(red_zone_and_registers_survive) {
	uint64_t red[2] = {0}, regs[4] = {0}, rax = 0;
	long pid = getpid(), tid = tid_self();
	handle_with(SIGUSR1, nothing, 0, 0);
	__asm__ volatile("movq $0x1111,-8(%%rsp)\n movq $0x2222,-128(%%rsp)\n mov $0xb0b,%%ebx\n mov $0x8,%%r8d\n mov $0x12,%%r12d\n mov $0x15,%%r15d\n"
			 "mov $234,%%eax\n syscall\n"
			 "mov -8(%%rsp),%%rcx\n mov %%rcx,(%[red])\n mov -128(%%rsp),%%rcx\n mov %%rcx,8(%[red])\n"
			 "mov %%rbx,(%[regs])\n mov %%r8,8(%[regs])\n mov %%r12,16(%[regs])\n mov %%r15,24(%[regs])\n mov %%rax,%[rax]\n"
			 : [rax] "=m"(rax)
			 : [red] "r"(red), [regs] "r"(regs), "D"(pid), "S"(tid), "d"((long)SIGUSR1)
			 : "rax", "rbx", "rcx", "r8", "r11", "r12", "r15", "memory");
	CHECK(red[0] == 0x1111 && red[1] == 0x2222);
	OBSERVE("red zone", "%#lx %#lx", red[0], red[1]);
	OBSERVE("registers", "%#lx %#lx %#lx %#lx rax %ld", regs[0], regs[1], regs[2], regs[3], (long)rax);
}

// The same for a signal that arrives while no call is made: a loop that watches its registers until the handler has run.
static volatile int arrived;
static void arrive(int sig, siginfo_t *info, void *ctx) {
	dirty(sig, info, ctx);
	arrived = 1;
}

CASE(interrupted_in_a_computation) {
	uint64_t bad = 0, red = 0, in[2] = {0x0123456789abcdef, 0xfedcba9876543210}, out[2] = {0};
	handle_with(SIGUSR1, arrive, 0, 0);
	pid_t me = getpid(), child = harness_fork();
	if (child == 0) {
		kill(me, SIGUSR1);
		_exit(0);
	}
	__asm__ volatile("movdqu (%[in]),%%xmm8\n movq $0x7777,-64(%%rsp)\n mov $0x1234,%%r12d\n"
			 "1: cmp $0x1234,%%r12\n jne 2f\n cmpl $0,%[arr]\n je 1b\n jmp 3f\n2: movq $1,%[bad]\n"
			 "3: mov -64(%%rsp),%%rcx\n mov %%rcx,%[red]\n movdqu %%xmm8,(%[out])\n"
			 : [bad] "+m"(bad), [red] "=m"(red)
			 : [in] "r"(in), [out] "r"(out), [arr] "m"(arrived)
			 : "rcx", "r12", "xmm8", "memory", "cc");
	OBSERVE("seen", "%d %#lx %d", (int)bad, red, memcmp(in, out, 16));
	CHECK(!bad && red == 0x7777 && memcmp(in, out, 16) == 0);
	wait_for(child);
}

static volatile greg_t frame_err, frame_trap, frame_cr2, frame_rip, frame_efl;
static volatile siginfo_t fault;
static sigjmp_buf back;

static void on_fault(int sig, siginfo_t *info, void *ctx) {
	ucontext_t *uc = ctx;
	(void)sig;
	memcpy((void *)&fault, info, sizeof fault);
	frame_err = uc->uc_mcontext.gregs[REG_ERR];
	frame_trap = uc->uc_mcontext.gregs[REG_TRAPNO];
	frame_cr2 = uc->uc_mcontext.gregs[REG_CR2];
	frame_rip = uc->uc_mcontext.gregs[REG_RIP];
	frame_efl = uc->uc_mcontext.gregs[REG_EFL];
	siglongjmp(back, 1);
}

static void catch_faults(void) {
	static const int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
	for (int i = 0; i < 5; i++)
		handle_with(sigs[i], on_fault, 0, 0);
}

#define FAULT(what, base, body)                                                                                        \
	do {                                                                                                          \
		memset((void *)&fault, 0, sizeof fault);                                                              \
		if (sigsetjmp(back, 1) == 0) {                                                                        \
			body;                                                                                         \
			OBSERVE(what, "no fault");                                                                    \
		} else {                                                                                              \
			OBSERVE(what, "%s %s addr %s trap %lld err %#llx", sig_name(fault.si_signo),                  \
				code_text(fault.si_signo, fault.si_code),                                             \
				(char *)fault.si_addr == (char *)frame_rip ? "rip" : addr_name(fault.si_addr, base),   \
				(long long)frame_trap, (long long)frame_err);                                         \
		}                                                                                                     \
	} while (0)

CASE(memory_faults) {
	char *ro = readonly_page(), *none = guard_end(0), *rw = writable_page();
	catch_faults();
	FAULT("read unmapped", bad_ptr(), *(volatile char *)bad_ptr());
	OBSERVE("cr2", "%d", frame_cr2 == (greg_t)(intptr_t)fault.si_addr);
	FAULT("write unmapped", bad_ptr(), ((volatile char *)bad_ptr())[5] = 1);
	FAULT("read NULL", NULL, *(volatile char *)0);
	FAULT("read low", (void *)16, *(volatile char *)16);
	FAULT("write readonly", ro, ((volatile char *)ro)[7] = 1);
	FAULT("read PROT_NONE", none, *(volatile char *)none);
	FAULT("read across a page end", none, *(volatile long *)(none - 4));
	FAULT("noncanonical", NULL, *(volatile char *)0x8000000000000000);
	FAULT("kernel half", (void *)0xffff888000000000, *(volatile char *)0xffff888000000000);
	FAULT("execute data", rw, ((void (*)(void))rw)());
	FAULT("execute unmapped", bad_ptr(), ((void (*)(void))bad_ptr())());
	FAULT("privileged instruction", NULL, __asm__ volatile("hlt"));
	FAULT("after mprotect", rw, {
		*rw = 1;
		mprotect(rw, page_size(), PROT_READ);
		*(volatile char *)rw = 2;
	});
}

CASE(file_faults) {
	int fd = make_file("f", "hello");
	catch_faults();
	char *p = mmap(NULL, 3 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(p != MAP_FAILED);
	FAULT("last page of the file", p, (void)*(volatile char *)(p + 100));
	FAULT("beyond the end", p, *(volatile char *)(p + page_size()));
	FAULT("write beyond the end", p, *(volatile char *)(p + 2 * page_size() + 3) = 1);
	REQUIRE_OK(ftruncate(fd, 0));
	FAULT("truncated", p, *(volatile char *)p);
	char *q = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, fd, 0);
	REQUIRE(q != MAP_FAILED);
	FAULT("private, of an empty file", q, *(volatile char *)q);
	OBSERVE_RET("write from there", write(fd, q, 1));
}

static volatile int zero = 0, result;

CASE(computation_faults) {
	catch_faults();
	FAULT("divide by zero", NULL, result = 1 / zero);
	FAULT("divide overflow", NULL, __asm__ volatile("mov $0x80000000,%%eax\n mov $-1,%%ecx\n cltd\n idivl %%ecx" : : : "eax", "ecx", "edx"));
	FAULT("sse divide", NULL, {
		unsigned m = 0x1f80 & ~0x200;
		volatile double z = 0;
		__asm__ volatile("ldmxcsr %0" : : "m"(m));
		z = 1 / z;
	});
	unsigned m = 0x1f80;
	__asm__ volatile("ldmxcsr %0" : : "m"(m));
	FAULT("x87 divide", NULL, {
		short cw = 0x37b;
		__asm__ volatile("fninit\n fldcw %0\n fld1\n fldz\n fdivrp\n fwait\n" : : "m"(cw) : "st", "st(1)");
	});
	__asm__ volatile("fninit");
	FAULT("undefined instruction", NULL, __asm__ volatile("ud2"));
	FAULT("breakpoint", NULL, __asm__ volatile("int3"));
	FAULT("int 4", NULL, __asm__ volatile("int $4"));
	FAULT("icebp", NULL, __asm__ volatile(".byte 0xf1"));
	FAULT("single step", NULL, __asm__ volatile("sub $128,%rsp\n pushf\n orl $0x100,(%rsp)\n popf\n nop\n nop\n"));
	FAULT("int 0x90", NULL, __asm__ volatile("int $0x90"));
}

static void skip_ud2(int sig, siginfo_t *info, void *ctx) {
	ucontext_t *uc = ctx;
	(void)sig, (void)info;
	uc->uc_mcontext.gregs[REG_RIP] += 2;
	uc->uc_mcontext.gregs[REG_RAX] = 0x5ca1ab1e;
	uc->uc_mcontext.gregs[REG_EFL] |= 1; // carry
	sigaddset(&uc->uc_sigmask, SIGHUP);
	uc->uc_mcontext.fpregs->_xmm[3].element[0] = 0xfeed;
}

CASE(what_the_handler_changes_takes_effect) {
	unsigned long rax;
	unsigned xmm;
	unsigned char carry;
	handle_with(SIGILL, skip_ud2, 0, 0);
	__asm__ volatile("xor %%eax,%%eax\n pxor %%xmm3,%%xmm3\n clc\n ud2\n setc %1\n movd %%xmm3,%2\n"
			 : "=&a"(rax), "=m"(carry), "=m"(xmm)
			 :
			 : "xmm3", "cc", "memory");
	OBSERVE("rax, carry, xmm3", "%#lx %d %#x", rax, carry, xmm);
	OBSERVE("mask", "%s", set_text(kmask_now()));
	CHECK_EQ(rax, 0x5ca1ab1e);
}

static volatile ucontext_t seen;
static volatile uintptr_t handler_sp, frame_sp;
static volatile unsigned fp_magic1, fp_size, fp_xsize, fp_magic2;

static void look(int sig, siginfo_t *info, void *ctx) {
	ucontext_t *uc = ctx;
	(void)sig, (void)info;
	memcpy((void *)&seen, uc, sizeof(ucontext_t) - sizeof seen.__fpregs_mem - sizeof seen.__ssp);
	handler_sp = (uintptr_t)__builtin_frame_address(0);
	unsigned *sw = (unsigned *)((char *)uc->uc_mcontext.fpregs + 464);
	fp_magic1 = sw[0];
	fp_size = sw[1];
	fp_xsize = sw[4];
	memcpy((void *)&fp_magic2, (char *)uc->uc_mcontext.fpregs + fp_size - 4, 4);
	frame_sp = (uintptr_t)uc;
}

CASE(shape_of_the_frame) {
	kmask(SIG_SETMASK, BIT(SIGUSR2));
	handle_with(SIGUSR1, look, 0, 0);
	raise(SIGUSR1);
	OBSERVE("flags", "%#lx", seen.uc_flags);
	OBSERVE("link", "%s", addr_name(seen.uc_link, NULL));
	OBSERVE("mask", "%s", set_text(*(uint64_t *)&seen.uc_sigmask));
	OBSERVE("alternate stack", "%d %zu", seen.uc_stack.ss_flags, seen.uc_stack.ss_size);
	OBSERVE("segments", "%#llx", (long long)seen.uc_mcontext.gregs[REG_CSGSFS]);
	OBSERVE("fpregs aligned", "%d", (int)((uintptr_t)seen.uc_mcontext.fpregs % 64));
	OBSERVE("magic", "%#x %#x", fp_magic1, fp_magic2);
	OBSERVE("sizes agree", "%d", fp_size == fp_xsize + 4);
	OBSERVE("stack aligned as after a call", "%d", (int)(handler_sp % 16));
	uintptr_t sp = seen.uc_mcontext.gregs[REG_RSP];
	CHECK(sp - 128 > frame_sp);
}

// A frame that is not there, or that holds what no process may have, is a SIGSEGV; the kernel never takes over bits
// like IOPL from it.
CASE(bad_frames) {
	int st;
	IN_CHILD(&st) __asm__ volatile("mov %0,%%rsp\n mov $15,%%eax\n syscall" : : "r"(bad_ptr()) : "rax", "memory");
	OBSERVE_STATUS("stack nowhere", st);
	IN_CHILD(&st) {
		// A zeroed frame: a null instruction pointer.
		char *stack = (char *)writable_page() + 1024;
		__asm__ volatile("mov %0,%%rsp\n mov $15,%%eax\n syscall" : : "r"(stack) : "rax", "memory");
	}
	OBSERVE_STATUS("zeroed frame", st);
}

static void bad_mask_and_flags(int sig, siginfo_t *info, void *ctx) {
	ucontext_t *uc = ctx;
	(void)sig, (void)info;
	memset(&uc->uc_sigmask, 0xff, 8);
	uc->uc_mcontext.gregs[REG_EFL] |= 0x3000 | 0x400; // IOPL is not a process's to set, the direction is
}

CASE(what_a_frame_cannot_change) {
	unsigned long flags;
	handle_with(SIGUSR1, bad_mask_and_flags, 0, 0);
	syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
	__asm__ volatile("pushf\n pop %0\n cld" : "=r"(flags));
	OBSERVE("flags", "%#lx", flags & 0x3400);
	OBSERVE("mask", "%#llx", (unsigned long long)kmask_now());
}
