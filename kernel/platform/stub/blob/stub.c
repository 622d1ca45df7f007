// SPDX-License-Identifier: Apache-2.0
// The stub: what runs in an application's host process besides the
// application. It hands system calls and faults to the kernel process through
// the thread's slot, and does on its order what only this process can do.
//
// It is freestanding, uses general registers only (the application's vector
// state stays in place), and trusts nothing but its own text: the application
// can scribble over all the rest, and hurts only itself by it.
#include "stub.h"
#include "../capture_gen.h"

static const struct {
	char *at, *to;
} fixups[] = {
	{fix_copy, fixed_copy}, {fix_path, fixed_path}, {fix_get4, fixed_path}, {fix_get8, fixed_path},
	{fix_put4, fixed_path}, {fix_put8, fixed_path}, {fix_cmpxchg, fixed_efault}, {fix_stamp, fixed_stamp},
	{fix_ds, fixed_ds}, {fix_es, fixed_es}, {fix_fs, fixed_fs}, {fix_gs, fixed_gs},
};

// The one socket that descriptors come in by.
static int sock = 3;

enum { R8, R9, R10, R11, R12, R13, R14, R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP, RIP, EFL, SEGS, ERR, TRAPNO, OLDMASK, CR2, NGREG };

struct ucontext {
	u64 flags, link, stack[3];
	u64 g[NGREG];
	char *fpstate;
	u64 reserved[8];
	u64 sigmask;
};

struct siginfo {
	int signo, err, code, pad;
	u64 addr;
	int syscall;
	u32 arch;
};

#define window(s) ((char *)(s) + WindowOffset)

static struct Slot *slot_of(u64 index) { return (struct Slot *)(RegionBase + index * SlotStride); }
static u64 fast_stack_of(u64 index) { return PrivBase + index * PrivStride + FastStackSize; }
static u64 index_of(struct Slot *s) { return ((u64)s - RegionBase) / SlotStride; }

// slot_here finds the slot by the stack it runs on: it needs no register that
// the application could have changed.
static struct Slot *slot_here(void)
{
	return slot_of(((u64)__builtin_frame_address(0) - PrivBase) / PrivStride);
}

// cpu is the core that this runs on, as the vDSO's getcpu has it: the limit of a
// segment that the host has for that.
static u16 cpu(void)
{
	u32 limit = 0;
	__asm__("lsl %1, %0" : "+r"(limit) : "r"(0x7b) : "cc");
	return limit & 0x7fff;
}

static u16 kernel_cpu(struct Slot *s) { return __atomic_load_n(&s->KernelCPU, __ATOMIC_ACQUIRE); }

// long_wait tells whether the task waits for something, and that takes long: what came soon the last time is expected to again.
static int long_wait(struct Slot *s) { return kernel_cpu(s) == IdleCPU && !s->Brief; }

// look looks for the kernel's answer, with pauses and yields between. It tells whether to go on to sleep: there is none
// yet.
static int look(struct Slot *s, u16 here)
{
	int tired = s->Slept >= Tired && ++s->Looks % Retry;
	for (u32 i = tired ? TiredPauses : s->SpinPause; i > 0 && kernel_cpu(s) != here; i--) {
		if (load(&s->State) != StatePosted)
			return 0;
		if (long_wait(s))
			return 1;
		__builtin_ia32_pause();
	}
	if (tired)
		return load(&s->State) == StatePosted;
	u64 start = stamp(), now = start;
	for (u32 i = 0; i < s->SpinYield && now - start < LookTicks; i++) {
		if (i >= SameYields && kernel_cpu(s) == cpu())
			return 1;
		if (load(&s->State) != StatePosted)
			return 0;
		if (long_wait(s))
			return 1;
		u64 before = now;
		host(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
		now = stamp();
		if (now - before > SlowYield)
			return 1;
	}
	return 1;
}

static void wait_for_kernel(struct Slot *s, u16 here)
{
	if (!look(s, here)) {
		s->Slept = 0;
		return;
	}
	u64 start = stamp();
	int idle = kernel_cpu(s) == IdleCPU;
	__atomic_store_n(&s->StubSleeps, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&s->State, __ATOMIC_SEQ_CST) == StatePosted)
		host(SYS_futex, (u64)&s->State, 0, StatePosted, 0, 0, 0);
	__atomic_store_n(&s->StubSleeps, 0, __ATOMIC_SEQ_CST);
	int brief = stamp() - start <= ShortWait;
	if (idle)
		s->Brief = brief;
	else
		s->Slept = brief ? 0 : s->Slept + 1;
}

// post hands the slot to the kernel process and waits until it is handed back. The kernel process looks at the first lines
// meanwhile: what it will want to know is written to them here, at once.
static void post(struct Slot *s, u32 reason, u32 captures)
{
	struct SlotRegs *r = &s->Regs;
	u16 here = cpu();
	if (reason == ReasonSyscall) {
		s->Rax = r->OrigRax;
		s->Args[0] = r->Rdi, s->Args[1] = r->Rsi, s->Args[2] = r->Rdx;
		s->Args[3] = r->R10, s->Args[4] = r->R8, s->Args[5] = r->R9;
		s->NCaptures = captures;
	}
	s->Reason = reason | (s->Fast ? ReasonFast : 0);
	s->StubCPU = here;
	__atomic_exchange_n(&s->State, StatePosted, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&s->KernelSleeps, __ATOMIC_SEQ_CST))
		host(SYS_futex, (u64)&s->State, 1, 1, 0, 0, 0);
	wait_for_kernel(s, here);
}

static u64 arg(struct Slot *s, u32 i)
{
	switch (i) {
	case 0: return s->Regs.Rdi;
	case 1: return s->Regs.Rsi;
	case 2: return s->Regs.Rdx;
	case 3: return s->Regs.R10;
	case 4: return s->Regs.R8;
	default: return s->Regs.R9;
	}
}

// capture copies what the kernel will want to read. A fault only means that
// the kernel finds out by itself. It tells how many pieces there are.
static u32 capture(struct Slot *s)
{
	u32 nr = s->Regs.OrigRax;
	u32 n = 0, off = 0;
	if (nr < sizeof capture_table / sizeof *capture_table) {
		const struct capture *c = &capture_table[nr];
		for (u32 i = 0; i < c->n; i++) {
			u64 addr = arg(s, c->c[i].arg), len = c->c[i].size;
			if (!addr)
				continue;
			if (c->c[i].kind == CAP_PATH) {
				long got = copy_path(window(s) + off, (void *)addr, 4096);
				if (got < 0)
					continue;
				len = got;
			} else {
				if (c->c[i].kind == CAP_BUF) {
					u64 count = arg(s, c->c[i].lenarg);
					if (count > WindowSize)
						continue;
					len *= count;
				}
				if (len == 0 || len > CaptureSize - off)
					continue;
				if (copy_user(window(s) + off, (void *)addr, len))
					continue;
			}
			s->Captures[n].Addr = addr;
			s->Captures[n].Len = len;
			s->Captures[n].Off = off;
			n++;
			off += (len + 15) & ~15u;
		}
	}
	return n;
}

// copy_outs puts the results where the application wants them.
static void copy_outs(struct Slot *s)
{
	u32 n = s->NCopyOuts;
	for (u32 i = 0; i < n && i < MaxCopyOuts; i++) {
		struct CopyOut c = i ? s->CopyOuts[i] : *(struct CopyOut *)s->Args;
		u64 left;
		if (c.Off > SlotStride || c.Len > SlotStride - c.Off)
			continue;
		left = copy_user((void *)c.Addr, (char *)s + c.Off, c.Len);
		if (!left)
			continue;
		s->Regs.Rax = c.Partial && left < c.Len ? c.Len - left : (u64)-14;
		return;
	}
}

static long peek(struct Slot *s, u64 addr, u64 len, u64 off)
{
	char *w = window(s) + off;
	if (off > WindowSize || len > WindowSize - off)
		return -22;
	if (len == 4 && !(addr & 3))
		return get4(w, (void *)addr) ? 4 : 0;
	if (len == 8 && !(addr & 7))
		return get8(w, (void *)addr) ? 8 : 0;
	return copy_user(w, (void *)addr, len);
}

static long poke(struct Slot *s, u64 addr, u64 len, u64 off)
{
	char *w = window(s) + off;
	if (off > WindowSize || len > WindowSize - off)
		return -22;
	if (len == 4 && !(addr & 3))
		return put4((void *)addr, w) ? 4 : 0;
	if (len == 8 && !(addr & 7))
		return put8((void *)addr, w) ? 8 : 0;
	return copy_user((void *)addr, w, len);
}

struct fds {
	int fd[MaxFDs];
	u32 n;
};

static long receive(struct fds *f)
{
	char byte;
	struct { void *base; u64 len; } iov = {&byte, 1};
	struct { u64 len; int level, type; int fd[MaxFDs]; } control;
	struct { void *name; u32 namelen; void *iov; u64 iovlen; void *control; u64 controllen; int flags; } msg = {
		0, 0, &iov, 1, &control, sizeof control, 0};
	f->n = 0;
	long r = host(SYS_recvmsg, sock, (u64)&msg, 0, 0, 0, 0);
	if (r < 0)
		return r;
	if (msg.controllen < 20 || control.type != 1)
		return -61;
	f->n = (control.len - 16) / 4;
	if (f->n > MaxFDs)
		f->n = MaxFDs;
	for (u32 i = 0; i < f->n; i++)
		f->fd[i] = control.fd[i];
	return f->n;
}

static void close_all(struct fds *f)
{
	for (u32 i = 0; i < f->n; i++)
		host(SYS_close, f->fd[i], 0, 0, 0, 0, 0);
	f->n = 0;
}

#define MAP_FIXED_SHARED 0x11

// map_pool maps the jump table and the trampolines, read-only to the application.
static long map_pool(int fd)
{
	long r = host(SYS_mmap, TableBase, TableSize, 1, MAP_FIXED_SHARED, fd, 0);
	if (r < 0)
		return r;
	return host(SYS_mmap, TrampBase, TrampSize, 5, MAP_FIXED_SHARED, fd, TableSize);
}

// fork_process: descriptors are the child's region, its socket, and perhaps
// its pool. Returns the child's pid, or 0 in the child, which stands in its own
// region. Between the clone and the mapping the child writes to private memory only.
static long fork_process(struct fds *f, u64 index)
{
	struct Slot *s = slot_of(index);
	if (f->n < 2)
		return -22;
	u64 region = RegionBase + index / RegionSlots * RegionSize;
	long pid = host(SYS_clone, FORK_FLAGS, 0, 0, (u64)&s->Tid, 0, 0);
	if (pid)
		return pid;
	host(SYS_munmap, RegionBase, (u64)RegionSize * MaxRegions, 0, 0, 0, 0);
	long r = host(SYS_mmap, region, RegionSize, 3, MAP_FIXED_SHARED, f->fd[0], 0);
	if (r >= 0 && f->n > 2)
		r = map_pool(f->fd[2]);
	if (r < 0)
		host(SYS_exit_group, 1, 0, 0, 0, 0, 0);
	host(SYS_close, sock, 0, 0, 0, 0, 0);
	host(SYS_close, f->fd[0], 0, 0, 0, 0, 0);
	if (f->n > 2)
		host(SYS_close, f->fd[2], 0, 0, 0, 0, 0);
	sock = f->fd[1];
	f->n = 0;
	host(SYS_prctl, 1, 9, 0, 0, 0, 0); // die with the kernel process
	return 0;
}

static long start_thread(u64 index)
{
	struct Slot *s = slot_of(index);
	if (index >= (u64)RegionSlots * MaxRegions)
		return -22;
	return clone_thread(THREAD_FLAGS, fast_stack_of(index), &s->Tid, s);
}

// patch rewrites eight bytes of application text, which lie in one cache line or
// are looked at by this thread alone.
static long patch(u64 addr, u64 bytes, u64 prot)
{
	u64 page = addr & ~4095ul, len = ((addr + 7) & ~4095ul) - page + 4096;
	long r = host(SYS_mprotect, page, len, prot | 3, 0, 0, 0);
	if (r < 0)
		return r;
	if (put8((void *)addr, &bytes))
		r = -14;
	host(SYS_mprotect, page, len, prot, 0, 0, 0);
	return r;
}

static long move_fpstate(struct Slot *s, u64 len, int write)
{
	char *fp = (char *)s->FPState;
	if (!fp)
		return -61;
	if (len > s->FPSize || len > WindowSize)
		return -22;
	u64 left = write ? copy_user(fp, window(s), len) : copy_user(window(s), fp, len);
	return left ? -14 : (long)len;
}

// set_segments loads the selectors of data segments. This code needs neither fs
// nor gs: the fast way in, which does, is not used by who has a gs of its own.
static void set_segments(u64 *a)
{
	set_ds(a[0] & 0xffff), set_es(a[0] >> 16 & 0xffff);
	if (a[1] & SetFS) {
		set_fs(a[0] >> 32 & 0xffff);
		if (a[1] & SetBases)
			set_fs_base(a[2]);
	}
	if (a[1] & SetGS) {
		set_gs(a[0] >> 48);
		if (a[1] & SetBases)
			set_gs_base(a[3]);
	}
}

// one performs one operation; *child becomes 1 in the child of a fork.
static long one(struct Slot *s, struct SlotOp *o, struct fds *f, int *child)
{
	u64 *a = o->Args;
	u64 fd = a[4];
	long r;
	switch (o->Nr) {
	case OpPeek: return peek(s, a[0], a[1], a[2]);
	case OpPoke: return poke(s, a[0], a[1], a[2]);
	case OpCmpxchg: return cmpxchg4((void *)a[0], a[1], a[2]);
	case OpRecvFDs: return receive(f);
	case OpCloseFDs: close_all(f); return 0;
	case OpFork:
		r = fork_process(f, a[0]);
		*child = r == 0;
		return r;
	case OpThread: return start_thread(a[0]);
	case OpPatch: return patch(a[0], a[1], a[2]);
	case OpFPRead: return move_fpstate(s, a[0], 0);
	case OpFPWrite: return move_fpstate(s, a[0], 1);
	case OpSegments: return segments();
	case OpSetSegments: set_segments(a); return 0;
	case SYS_futex:
	case SYS_futex_waitv:
	case SYS_futex_wake:
	case SYS_futex_wait:
	case SYS_futex_requeue:
		return futex(s, o->Nr, a);
	case SYS_mmap:
		if (fd >= FDMark && fd < FDMark + MaxFDs) {
			if (fd - FDMark >= f->n)
				return -9;
			fd = f->fd[fd - FDMark];
		}
		break;
	}
	return host(o->Nr, a[0], a[1], a[2], a[3], fd, a[5]);
}

// perform works the operation list off, up to the first that fails. It
// returns 1 in a forked child.
static int perform(struct Slot *s)
{
	struct fds f = {.n = 0};
	int child = 0;
	u32 n = s->NOps, i;
	for (i = 0; i < n && i < MaxOps; i++) {
		struct SlotOp o = s->Ops[i];
		long r = one(s, &o, &f, &child);
		if (child)
			return 1;
		s->Ops[i].Result = r;
		if (r < 0 && r > -4096) {
			i++;
			break;
		}
	}
	s->OpsDone = i;
	close_all(&f);
	return 0;
}

enum { RESUME = 0, FULL = 1, TRAP = 2 };

// serve posts and does what the kernel process says until it says to go on.
static int serve(struct Slot *s, u32 reason, u32 captures)
{
	for (;;) {
		post(s, reason, captures);
		switch (s->Cmd) {
		case CmdOps:
			reason = perform(s) ? ReasonHello : ReasonOps;
			break;
		case CmdExit:
			host(SYS_exit, 0, 0, 0, 0, 0, 0);
			break;
		case CmdTrap:
			if (!s->FPState)
				return TRAP;
			reason = ReasonOps;
			break;
		case CmdFull:
			copy_outs(s);
			return FULL;
		default:
			s->Regs.Rax = s->Rax;
			copy_outs(s);
			return RESUME;
		}
	}
}

int fast_syscall(struct Slot *s)
{
	s->Fast = 1;
	s->FPState = 0;
	if (futex_here(s))
		return RESUME;
	return serve(s, ReasonSyscall, capture(s));
}

int fast_kick(struct Slot *s)
{
	s->Fast = 1;
	s->FPState = 0;
	return serve(s, ReasonKick, 0);
}

static void save(struct Slot *s, struct ucontext *uc)
{
	u64 *g = uc->g;
	struct SlotRegs *r = &s->Regs;
	r->R15 = g[R15], r->R14 = g[R14], r->R13 = g[R13], r->R12 = g[R12], r->Rbp = g[RBP], r->Rbx = g[RBX];
	r->R11 = g[R11], r->R10 = g[R10], r->R9 = g[R9], r->R8 = g[R8], r->Rax = g[RAX], r->Rcx = g[RCX];
	r->Rdx = g[RDX], r->Rsi = g[RSI], r->Rdi = g[RDI], r->OrigRax = -1ul, r->Rip = g[RIP];
	r->Cs = g[SEGS] & 0xffff, r->Eflags = g[EFL], r->Rsp = g[RSP], r->Ss = g[SEGS] >> 48;
	s->Fast = 0;
}

static void frame_of(struct Slot *s, struct ucontext *uc)
{
	char *fp = uc->fpstate;
	s->FPSize = 512;
	if (*(u32 *)(fp + 464) == 0x46505853)
		s->FPSize = *(u32 *)(fp + 468);
	s->FPState = (u64)fp;
}

static void restore(struct Slot *s, struct ucontext *uc)
{
	u64 *g = uc->g;
	struct SlotRegs *r = &s->Regs;
	g[R15] = r->R15, g[R14] = r->R14, g[R13] = r->R13, g[R12] = r->R12, g[RBP] = r->Rbp, g[RBX] = r->Rbx;
	g[R11] = r->R11, g[R10] = r->R10, g[R9] = r->R9, g[R8] = r->R8, g[RAX] = r->Rax, g[RCX] = r->Rcx;
	g[RDX] = r->Rdx, g[RSI] = r->Rsi, g[RDI] = r->Rdi, g[RIP] = r->Rip;
	g[EFL] = r->Eflags, g[RSP] = r->Rsp;
	g[SEGS] = (r->Cs & 0xffff) | (r->Ss & 0xffff) << 48;
	uc->sigmask = 0;
}

// go_on ends a handler: back to the application with its registers.
static void go_on(struct Slot *s, struct ucontext *uc, int how, int from_trap)
{
	if (how == FULL || from_trap)
		restore(s, uc);
	else
		uc->g[RAX] = s->Regs.Rax;
	uc->sigmask = 0;
}

static int in_stub(u64 rip) { return rip >= (u64)stub_header && rip < (u64)stub_text_end; }

// trapped_call makes a call that came in by a signal. Half of the futex calls
// go to the kernel process: it patches a site that traps often.
static void trapped_call(struct Slot *s, struct ucontext *uc)
{
	if (s->Regs.OrigRax == SYS_futex) {
		s->DeadlineSet = 0;
		if ((s->FutexTraps++ & 4) && futex_here(s)) {
			go_on(s, uc, RESUME, 0);
			return;
		}
	}
	go_on(s, uc, serve(s, ReasonSyscall, capture(s)), 0);
}

static void on_syscall(struct siginfo *si, struct ucontext *uc)
{
	struct Slot *s = slot_here();
	frame_of(s, uc);
	if (uc->g[RIP] == (u64)full_trap_end) {
		s->Fast = 0;
		if (s->Cmd == CmdTrap)
			serve(s, ReasonOps, 0);
		// A kick's signal may have come, and been left to the flag, before
		// this handler blocked it; from here on it waits for the return.
		while (__atomic_load_n(&s->Pending, __ATOMIC_SEQ_CST))
			serve(s, ReasonKick, 0);
		go_on(s, uc, FULL, 1);
		return;
	}
	save(s, uc);
	s->Regs.OrigRax = si->arch == 0xc000003e ? uc->g[RAX] : 0xffffffff;
	trapped_call(s, uc);
}

// fixed repairs a fault in the stub's own accesses to application memory, or
// in a fast entry without its gs. It tells whether it did.
static int fixed(struct ucontext *uc)
{
	u64 rip = uc->g[RIP];
	for (u32 i = 0; i < sizeof fixups / sizeof *fixups; i++) {
		if (rip == (u64)fixups[i].at) {
			uc->g[RIP] = (u64)fixups[i].to;
			return 1;
		}
	}
	return 0;
}

static void on_fault(int sig, struct siginfo *si, struct ucontext *uc)
{
	struct Slot *s = slot_here();
	if (in_stub(uc->g[RIP])) {
		if (fixed(uc))
			return;
		if (uc->g[RIP] != (u64)fast_entry)
			host(SYS_exit_group, 139, 0, 0, 0, 0, 0);
		// The application has a gs of its own: this entry is a trap after all.
		frame_of(s, uc);
		uc->g[RIP] = uc->g[RCX];
		save(s, uc);
		s->Regs.OrigRax = uc->g[RAX];
		trapped_call(s, uc);
		return;
	}
	frame_of(s, uc);
	save(s, uc);
	s->Signo = sig;
	s->Code = si->code;
	s->FaultAddr = si->addr;
	s->TrapNo = uc->g[TRAPNO];
	s->ErrCode = uc->g[ERR];
	s->CR2 = uc->g[CR2];
	go_on(s, uc, serve(s, ReasonFault, 0), 0);
}

static void on_kick(struct ucontext *uc)
{
	struct Slot *s = slot_here();
	u64 rip = uc->g[RIP];
	if (rip >= (u64)return_check && rip < (u64)return_end) {
		uc->g[RIP] = (u64)return_check;
		return;
	}
	if (rip >= (u64)wait_check && rip < (u64)wait_end) {
		uc->g[RIP] = (u64)wait_abort;
		return;
	}
	if (in_stub(rip))
		return; // it comes by the check, or by the kernel, yet
	frame_of(s, uc);
	save(s, uc);
	go_on(s, uc, serve(s, ReasonKick, 0), 0);
}

static void handler(int sig, struct siginfo *si, struct ucontext *uc)
{
	if (sig == 31 && si->code == 1)
		on_syscall(si, uc);
	else if (sig == SIGKICK)
		on_kick(uc);
	else
		on_fault(sig, si, uc);
}

// enter makes the calling thread the one of slot s.
static void enter(struct Slot *s)
{
	u64 i = index_of(s);
	struct { u64 sp; int flags; u64 size; } ss = {fast_stack_of(i), 0, PrivStride - FastStackSize};
	s->Self = (u64)s;
	s->FastStack = fast_stack_of(i) - 64;
	host(SYS_sigaltstack, (u64)&ss, 0, 0, 0, 0, 0);
	host(SYS_arch_prctl, ARCH_SET_GS, (u64)s, 0, 0, 0, 0);
}

void thread_main(struct Slot *s)
{
	enter(s);
	s->Fast = 1;
	s->FPState = 0;
	serve(s, ReasonHello, 0);
}

// zygote_map runs on the stack that the host made: region 0, its stacks, the
// pool; descriptors 3 (socket), 4 (region) and 5 (pool).
void zygote_map(void)
{
	long r = host(SYS_mmap, RegionBase, RegionSize, 3, MAP_FIXED_SHARED, 4, 0);
	if (r >= 0)
		r = host(SYS_mmap, PrivBase, PrivSize, 3, 0x4032, -1ul, 0);
	if (r >= 0)
		r = map_pool(5);
	if (r < 0)
		host(SYS_exit_group, 101, 0, 0, 0, 0, 0);
	host(SYS_close, 4, 0, 0, 0, 0, 0);
	host(SYS_close, 5, 0, 0, 0, 0, 0);
}

// zygote_main gives up what can be given up and then serves; the filter's
// program stands in the window of slot 0.
void zygote_main(void)
{
	static const int signals[] = {31, 11, 7, 8, 4, 5, SIGKICK};
	struct Slot *s = slot_of(0);
	struct { u64 handler, flags, restorer, mask; } sa = {
		(u64)handler, 0x4 | 0x08000000 | 0x04000000 | 0x40000000, (u64)stub_sigreturn, 1ul << (SIGKICK - 1)};
	struct { unsigned short len; u64 filter; } prog = {*(unsigned short *)window(s), (u64)window(s) + 16};
	u32 cap[2] = {0x20080522, 0}, none[6] = {0};
	enter(s);
	for (u32 i = 0; i < sizeof signals / sizeof *signals; i++)
		host(SYS_rt_sigaction, signals[i], (u64)&sa, 0, 8, 0, 0);
	host(SYS_prctl, 1, 9, 0, 0, 0, 0);
	if (host(SYS_prctl, 38, 1, 0, 0, 0, 0) < 0 || host(SYS_capset, (u64)cap, (u64)none, 0, 0, 0, 0) < 0)
		host(SYS_exit_group, 102, 0, 0, 0, 0, 0);
	if (host(SYS_prctl, 22, 2, (u64)&prog, 0, 0, 0) < 0)
		host(SYS_exit_group, 103, 0, 0, 0, 0, 0);
	s->Fast = 1;
	s->FPState = 0;
	serve(s, ReasonHello, 0);
}
