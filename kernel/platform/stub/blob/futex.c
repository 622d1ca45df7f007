// SPDX-License-Identifier: Apache-2.0
// The stub's futex calls: what the application asks for is done on the host at
// once, without the kernel process, where nothing forbids it; a wait ends when
// the thread is kicked.
#include "stub.h"

// Commands of futex(2) that only wait and wake, by bits: WAIT, WAKE, REQUEUE,
// CMP_REQUEUE, WAKE_OP, WAIT_BITSET and WAKE_BITSET. The words of the others
// hold thread ids, which only the kernel process knows.
#define FUTEX_WAIT 0
#define FUTEX_WAIT_BITSET 9
#define FUTEX_ORDINARY 0x63b
#define FUTEX_TWO_WORDS 0x38
#define FUTEX_PRIVATE_FLAG 128
#define FUTEX_CLOCK_REALTIME 256
#define futex_cmd(op) ((u32)(op) & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

static void mask_kick(u32 how)
{
	u64 set = 1ul << (SIGKICK - 1);
	host(SYS_rt_sigprocmask, how, (u64)&set, 0, 8, 0, 0);
}

// deadline makes a deadline of the relative timeout of a FUTEX_WAIT, once for
// an application's call: one that is interrupted goes on to the same. It
// answers 0 for what is no timeout, and the host will say why.
static int deadline(struct Slot *s, u64 timeout)
{
	u64 t[2], now[2];
	if (s->DeadlineSet)
		return 1;
	if (get8(&t[0], (void *)timeout) || get8(&t[1], (void *)(timeout + 8)) || t[0] >> 63 || t[1] >= 1000000000)
		return 0;
	host(SYS_clock_gettime, 1, (u64)now, 0, 0, 0, 0);
	if (t[0] > 1ul << 32)
		t[0] = 1ul << 32;
	s->DeadlineSec = now[0] + t[0] + (now[1] + t[1] >= 1000000000);
	s->DeadlineNsec = (now[1] + t[1]) % 1000000000;
	s->DeadlineSet = 1;
	return 1;
}

// futex makes a futex call on the host. A kick ends one that waits: -EINTR.
long futex(struct Slot *s, u32 nr, u64 *a)
{
	u32 cmd = futex_cmd(a[1]);
	u64 b = a[1], timeout = a[3], f = a[5];
	if (nr == SYS_futex_wake || nr == SYS_futex_requeue || (nr == SYS_futex && cmd != FUTEX_WAIT && cmd != FUTEX_WAIT_BITSET))
		return host(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (nr == SYS_futex && cmd == FUTEX_WAIT && timeout && !(b & FUTEX_CLOCK_REALTIME) && deadline(s, timeout)) {
		b = FUTEX_WAIT_BITSET | (b & FUTEX_PRIVATE_FLAG);
		timeout = (u64)&s->DeadlineSec;
		f = 0xffffffff;
	}
	// A signal handler blocks kicks; the wait lets them in.
	u64 handler = s->FPState;
	if (handler)
		mask_kick(1);
	__atomic_store_n(&s->Waiting, 1, __ATOMIC_RELEASE);
	long r = host_wait(nr, a[0], b, a[2], timeout, a[4], f, &s->Pending);
	__atomic_store_n(&s->Waiting, 0, __ATOMIC_RELEASE);
	s->Waits += r >= 0 || r == -EINTR || r == -ETIMEDOUT; // else it did not sleep
	if (handler)
		mask_kick(0);
	return r;
}

// futex_here makes the call at hand, if that is a futex call that needs nobody
// else. It answers 0 if the kernel process is to see it: also to find out why
// the wait was interrupted.
int futex_here(struct Slot *s)
{
	struct SlotRegs *r = &s->Regs;
	u32 nr = r->OrigRax, cmd = futex_cmd(r->Rsi), let = LetFutex1;
	u64 a[6] = {r->Rdi, r->Rsi, r->Rdx, r->R10, r->R8, r->R9};
	switch (nr) {
	case SYS_futex:
		s->DeadlineSet = 0;
		if (cmd > 31 || !(FUTEX_ORDINARY >> cmd & 1) || a[0] >= TextBase || ((FUTEX_TWO_WORDS >> cmd & 1) && a[4] >= TextBase))
			return 0;
		break;
	case SYS_futex_waitv:
	case SYS_futex_wake:
	case SYS_futex_wait:
	case SYS_futex_requeue:
		let = LetFutex2;
		break;
	default:
		return 0;
	}
	if (!(load(&s->LetFutex) & let) || load(&s->Pending))
		return 0;
	long res = futex(s, nr, a);
	if (res == -EINTR || (res == -ENOSYS && nr != SYS_futex))
		return 0;
	r->Rax = res;
	return 1;
}
