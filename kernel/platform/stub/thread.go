// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// thread implements platform.Thread: one slot, one host thread.
type thread struct {
	sp    *space
	index int
	slot  slot
	tid   int
	hello bool // the host thread has yet to say hello

	regs    platform.Regs
	fetched bool // regs holds this event's registers
	changed bool // regs must be loaded in full
	rax     uint64
	fast    bool // came in without a signal frame
	framed  bool // has a frame now (fast and then trapped)
	fsBase  uint64
	gsBase  uint64 // the application's; 0 until it sets one
	fpSave  []byte // the state that a new thread starts with

	captures [MaxCaptures]Capture
	ncap     int
	outs     [MaxCopyOuts]CopyOut
	inline   [InlineSize]byte // data of the first, if its Off is InlineOffset
	copyOuts int              // pending ones
	parking  chan struct{}    // see waiters
	used     uint32           // window bytes that captures and copy-outs take
	counted  bool             // in tuning.running
	stubCPU  uint16           // where the stub was when it posted
	let      atomic.Uint32    // what the slot's LetFutex says
	leaving  bool             // Leaving was called; space.mu
	slept    uint32           // how often await slept in a row, and how often it looked
	looks    uint32           // while it was tired of that

	// running is true from before the application is let go until it has
	// come back. See Run and Kick.
	running atomic.Bool

	kickMu sync.Mutex // guards gone and the slot's mapping against Kick and died
	gone   bool
}

var _ platform.Thread = (*thread)(nil)

// AddressSpace implements platform.Thread.
func (t *thread) AddressSpace() platform.AddressSpace { return t.sp }

// Run implements platform.Thread. Why no kick is lost: whoever kicks makes
// its reason true, then looks at running. Run sets running, then asks
// interrupted. In any order of the two, either interrupted sees the reason or
// the kicker sees running, and then sets Pending and sends the signal; the
// stub looks at Pending last thing before the application goes on, and the
// signal finds it anywhere after that.
func (t *thread) Run(ev *platform.Event, interrupted func() bool) {
	*ev = platform.Event{}
	if t.sp.dead.Load() || t.ready() != nil {
		t.isDead(ev)
		return
	}
	t.unkick()
	t.running.Store(true)
	if interrupted() {
		t.running.Store(false)
		return
	}
	for {
		t.counted = true
		t.sp.p.tuning.running.Add(1)
		t.reply()
		ok := t.exchange()
		if t.counted {
			t.counted = false
			t.sp.p.tuning.running.Add(-1)
		}
		if !ok {
			t.running.Store(false)
			t.isDead(ev)
			return
		}
		if t.event(ev) {
			break
		}
		t.unkick()
		if interrupted() {
			break
		}
	}
	t.running.Store(false)
}

func (t *thread) isDead(ev *platform.Event) {
	if ev.Kind = platform.EventDead; t.sp.crashed.Load() {
		ev.Signo = int32(unix.SIGSEGV)
	}
}

// unkick forgets a kick. It writes only if there was one: see Slot.
func (t *thread) unkick() {
	if atomic.LoadUint32(&t.slot.Pending) != 0 {
		atomic.StoreUint32(&t.slot.Pending, 0)
	}
}

// reply writes what the stub needs to go on. The word is handed over at once after: see Slot.
func (t *thread) reply() {
	s := t.slot
	cmd := uint8(CmdResume)
	if t.changed {
		t.storeRegs()
		cmd = CmdFull
	}
	if t.copyOuts > 0 {
		copy(s.CopyOuts[1:], t.outs[1:t.copyOuts])
		s.setFirst(&t.outs[0])
		if t.outs[0].Off == InlineOffset {
			copy(s.inline(), t.inline[:t.outs[0].Len])
		}
	}
	s.NCopyOuts, s.Cmd, s.Rax = uint8(t.copyOuts), cmd, t.rax
	t.changed, t.fetched, t.copyOuts = false, false, 0
}

// event reads why the stub posted. It returns false if the platform has dealt
// with it (a thread caught in the middle of a patched site).
func (t *thread) event(ev *platform.Event) bool {
	s := t.slot
	reason := s.Reason
	t.fast = reason&ReasonFast != 0
	t.framed = !t.fast
	t.ncap, t.used = 0, 0
	switch reason &^ ReasonFast {
	case ReasonSyscall:
		t.rax = s.Rax
		ev.Kind = platform.EventSyscall
		ev.Nr = uint64(uint32(t.rax))
		ev.Args = s.Args
		t.readCaptures()
		if !t.fast {
			t.rax = s.Regs.Rax // differs for calls by the 32-bit entry
			t.noteTrap()
		}
	case ReasonFault:
		return t.fault(ev)
	case ReasonKick:
		ev.Kind = platform.EventKick
		t.rax = s.Regs.Rax
	default:
		t.sp.Kill() // no stub says that
		ev.Kind = platform.EventDead
	}
	return true
}

func (t *thread) fault(ev *platform.Event) bool {
	s := t.slot
	t.rax = s.Regs.Rax
	signo, code := int32(s.Signo), int32(s.Code)
	if signo == int32(unix.SIGTRAP) && code == trapBreakpoint && t.steps() {
		code = trapTrace
	}
	switch unix.Signal(signo) {
	case unix.SIGILL, unix.SIGSEGV, unix.SIGTRAP:
		if t.repair() || signo == int32(unix.SIGTRAP) && code == trapTrace && t.sp.betweenSteps(s.Regs.Rip) ||
			signo == int32(unix.SIGILL) && t.retry(s.Regs.Rip) {
			return false
		}
	case unix.SIGBUS, unix.SIGFPE:
	default:
		t.sp.Kill()
		ev.Kind = platform.EventDead
		return true
	}
	ev.Kind = platform.EventFault
	ev.Signo, ev.Code = signo, code
	ev.Addr, ev.TrapNo, ev.ErrCode, ev.CR2 = s.FaultAddr, s.TrapNo, s.ErrCode, s.CR2
	return true
}

const (
	trapBreakpoint = 1 // TRAP_BRKPT
	trapTrace      = 2 // TRAP_TRACE: a single step
)

// steps tells whether a debug exception that says nothing of its cause ended a single step. Virtual machines have been seen
// to lose the bit that says so (DR6.BS), when much goes on; beside steps only an instruction of one byte (int1) has none.
func (t *thread) steps() bool {
	const debugException, flagTF, int1 = 1, 0x100, 0xf1
	r := &t.slot.Regs
	if t.slot.TrapNo != debugException || r.Eflags&flagTF == 0 {
		return false
	}
	var before [1]byte
	n, _ := t.sp.ReadAt(r.Rip-1, before[:])
	return n == 0 || before[0] != int1
}

func (t *thread) readCaptures() {
	n := min(t.slot.NCaptures, MaxCaptures)
	for _, c := range t.slot.Captures[:n] {
		if c.Off > WindowSize || c.Len > WindowSize-c.Off {
			continue
		}
		t.captures[t.ncap] = c
		t.ncap++
		t.used = max(t.used, (c.Off+c.Len+15)&^15)
	}
}

// Kick implements platform.Thread.
func (t *thread) Kick() {
	if !t.running.Load() {
		return
	}
	t.kickMu.Lock()
	defer t.kickMu.Unlock()
	if t.gone || t.sp.dead.Load() {
		return
	}
	atomic.StoreUint32(&t.slot.Pending, 1)
	unix.Tgkill(t.sp.pid, t.tid, unix.Signal(KickSignal))
}

// died wakes the goroutine that waits for the stub.
func (t *thread) died() {
	t.kickMu.Lock()
	defer t.kickMu.Unlock()
	if t.gone {
		return
	}
	atomic.StoreUint32(&t.slot.State, StateDead)
	futexWake(&t.slot.State)
}

// SetResult implements platform.Thread.
func (t *thread) SetResult(rax uint64) {
	t.rax = rax
	if t.fetched {
		t.regs.Rax = rax
	}
}

// Regs implements platform.Thread.
func (t *thread) Regs() *platform.Regs {
	if !t.fetched {
		t.loadRegs()
	}
	return &t.regs
}

// RegsChanged implements platform.Thread.
func (t *thread) RegsChanged() {
	if !t.fetched {
		t.loadRegs()
	}
	t.changed = true
}

// The selectors of 64-bit code, which is all that comes in by the fast way.
const arch64CS, arch64SS = 0x33, 0x2b

func (t *thread) loadRegs() {
	r := &t.slot.Regs
	t.regs = platform.Regs{
		R15: r.R15, R14: r.R14, R13: r.R13, R12: r.R12, Rbp: r.Rbp, Rbx: r.Rbx,
		R11: r.R11, R10: r.R10, R9: r.R9, R8: r.R8, Rax: t.rax, Rcx: r.Rcx,
		Rdx: r.Rdx, Rsi: r.Rsi, Rdi: r.Rdi, Orig_rax: r.OrigRax, Rip: r.Rip,
		Eflags: r.Eflags, Rsp: r.Rsp, Cs: r.Cs & 0xffff, Ss: r.Ss & 0xffff, Fs_base: t.fsBase, Gs_base: t.gsBase,
	}
	if t.fast {
		t.regs.Rcx, t.regs.R11 = t.regs.Rip, t.regs.Eflags
		t.regs.Cs, t.regs.Ss = arch64CS, arch64SS
	}
	t.regs.Rip = t.sp.logical(t.regs.Rip)
	t.fetched = true
}

func (t *thread) storeRegs() {
	r := &t.regs
	if r.Cs == 0 { // of a thread that nobody gave any
		r.Cs, r.Ss = arch64CS, arch64SS
	}
	t.slot.Regs = SlotRegs{
		R15: r.R15, R14: r.R14, R13: r.R13, R12: r.R12, Rbp: r.Rbp, Rbx: r.Rbx,
		R11: r.R11, R10: r.R10, R9: r.R9, R8: r.R8, Rax: r.Rax, Rcx: r.Rcx,
		Rdx: r.Rdx, Rsi: r.Rsi, Rdi: r.Rdi, OrigRax: r.Orig_rax,
		Rip: t.sp.physical(r.Rip), Cs: r.Cs, Eflags: r.Eflags, Rsp: r.Rsp, Ss: r.Ss,
	}
}

// Idle implements platform.Thread.
func (t *thread) Idle() { t.slot.KernelCPU = IdleCPU }

// Exit implements platform.Thread.
func (t *thread) Exit() {
	if !t.sp.dead.Load() && t.ready() == nil {
		t.slot.Cmd = CmdExit
		t.release()
	}
	t.kickMu.Lock()
	t.gone = true
	t.kickMu.Unlock()
	t.sp.leave(t)
}

// SetAffinity implements platform.Thread.
func (t *thread) SetAffinity(mask []uint64) error {
	var set unix.CPUSet
	for i := range 64 * len(mask) {
		if mask[i/64]>>(i%64)&1 != 0 {
			set.Set(i)
		}
	}
	t.kickMu.Lock()
	defer t.kickMu.Unlock()
	if t.gone || t.sp.dead.Load() {
		return unix.ESRCH
	}
	return unix.SchedSetaffinity(t.tid, &set)
}

// SetNice sets the host thread's nice value. Any goroutine. ESRCH; EACCES for
// more than the host lets this user have.
func (t *thread) SetNice(nice int) error {
	t.kickMu.Lock()
	defer t.kickMu.Unlock()
	if t.gone || t.sp.dead.Load() {
		return unix.ESRCH
	}
	return unix.Setpriority(unix.PRIO_PROCESS, t.tid, nice)
}

// SetPolicy sets the host thread's policy: SCHED_OTHER, SCHED_BATCH or SCHED_IDLE.
// Any goroutine. ESRCH; EPERM for what the host does not let this user have.
func (t *thread) SetPolicy(policy int) error {
	t.kickMu.Lock()
	defer t.kickMu.Unlock()
	if t.gone || t.sp.dead.Load() {
		return unix.ESRCH
	}
	var priority int32
	_, _, e := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, uintptr(t.tid), uintptr(policy), uintptr(unsafe.Pointer(&priority)))
	if e != 0 {
		return e
	}
	return nil
}

// SetIOPrio sets the host thread's priority of I/O (ioprio_set(2)), which what it
// does to mapped files has. Any goroutine. ESRCH; EPERM for what the host does not let this user have.
func (t *thread) SetIOPrio(prio uint16) error {
	const whoProcess = 1
	t.kickMu.Lock()
	defer t.kickMu.Unlock()
	if t.gone || t.sp.dead.Load() {
		return unix.ESRCH
	}
	if _, _, e := unix.RawSyscall(unix.SYS_IOPRIO_SET, whoProcess, uintptr(t.tid), uintptr(prio)); e != 0 {
		return e
	}
	return nil
}

// allowNiceBack lets the stubs' threads go back to the ordinary nice value,
// where this process has the right to give it.
func allowNiceBack() {
	const ordinary = 20 // 20 - RLIMIT_NICE's value is the lowest nice value
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NICE, &l) == nil && l.Cur < ordinary {
		_ = unix.Setrlimit(unix.RLIMIT_NICE, &unix.Rlimit{Cur: ordinary, Max: max(l.Max, ordinary)})
	}
}

// CPUTime implements platform.Thread. The host tells one process the time of
// another as a whole, never that of its threads (clock_getcpuclockid(3)), so
// all of it counts as the first thread's: a process is charged right, and so
// is its thread as long as there is one.
func (t *thread) CPUTime() (user, system time.Duration) {
	if t.tid != t.sp.pid || t.sp.dead.Load() {
		return 0, 0
	}
	// The clock id of a process: ~pid<<3 | CPUCLOCK_SCHED.
	var ts unix.Timespec
	if unix.ClockGettime(int32(^t.sp.pid<<3|2), &ts) != nil {
		return 0, 0
	}
	return time.Duration(ts.Nano()), 0
}
