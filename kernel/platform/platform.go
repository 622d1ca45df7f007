// SPDX-License-Identifier: Apache-2.0

// Package platform is how application code runs: address spaces, the threads
// in them, and the events that bring a thread back to the kernel. It knows
// nothing of tasks, files or signals' meaning. platform/stub implements it
// with host processes; platform/fake in memory, for tests.
package platform

import (
	"time"

	"golang.org/x/sys/unix"
)

// Platform makes address spaces. Its methods are safe for concurrent use.
type Platform interface {
	// NewAddressSpace returns an empty address space (but for the vDSO) and
	// its first thread, stopped. ENOMEM, EAGAIN when the host has no more.
	NewAddressSpace() (AddressSpace, Thread, error)
	// Layout is what every address space of this platform has.
	Layout() Layout
	// Settle waits until the address spaces that were killed so far, or whose
	// threads are leaving, have given
	// back what they mapped. To be killed is otherwise quicker than to be gone.
	Settle()
	// Close ends every address space.
	Close() error
}

// Layout says what of an address space is the application's.
type Layout struct {
	// The application may map [Min, Max).
	Min, Max uint64
	// Ranges inside it that are taken: the stub's own.
	Reserved []Range
	// The vDSO as mapped in a fresh address space (0: none), the address of
	// its ELF header, and the pages of data that stand before it.
	VDSO, VDSOSize uint64
	VVAR, VVARSize uint64
}

// Range is [Start, End).
type Range struct{ Start, End uint64 }

// AddressSpace is the application memory of one or more threads.
type AddressSpace interface {
	// ReadAt and WriteAt access the memory from outside, whatever its threads
	// do, honouring no protection but presence for a thread's own copy rules:
	// they return the bytes moved before a fault, and EFAULT if that is fewer
	// than len(p). Memory without PROT_READ or PROT_WRITE faults.
	ReadAt(addr uint64, p []byte) (int, error)
	WriteAt(addr uint64, p []byte) (int, error)
	// Kill ends the address space with all of its threads. A thread that runs
	// returns from Run with a Dead event. Safe to call more than once.
	Kill()
}

// EventKind says why a thread came back.
type EventKind uint8

const (
	// EventNone: the thread did not run (a kick was pending).
	EventNone EventKind = iota
	// EventSyscall: the application made a system call.
	EventSyscall
	// EventFault: a synchronous host signal (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP).
	EventFault
	// EventKick: Kick was called.
	EventKick
	// EventDead: the host process is gone; the thread can't run again. Signo is
	// SIGSEGV if a fault ended it that the application could not be told of.
	EventDead
)

// Event is why a thread came back. All of it is untrusted but checked for form.
type Event struct {
	Kind EventKind
	// Syscall. The instruction is two bytes long and Regs().Rip is behind it.
	Nr   uint64
	Args [6]uint64
	// Fault: siginfo's fields, and the processor's words for sigcontext.
	Signo, Code          int32
	Addr                 uint64
	TrapNo, ErrCode, CR2 uint64
}

// Regs are the general registers, as struct user_regs_struct has them.
type Regs = unix.PtraceRegs

// Segments are selectors of data segments, which 64-bit code has little use for.
type Segments struct{ DS, ES, FS, GS uint16 }

// Thread is one application thread. All methods but Kick and CPUTime are for
// the one goroutine that owns the thread, while the thread is stopped.
type Thread interface {
	AddressSpace() AddressSpace

	// Run lets the application go on until the next event. It fills in ev.
	// interrupted is looked at after the thread counts as running: if it
	// returns true, Run returns EventNone without running the application.
	// So what is made true before Kick is called is never missed.
	Run(ev *Event, interrupted func() bool)
	// Kick brings the thread back if it runs application code. Any goroutine
	// may call it, also for a thread that is stopped or dead.
	Kick()

	// SetResult sets rax for the return from the current system call.
	SetResult(rax uint64)
	// Result is what SetResult was given last, or rax as it came.
	Regs() *Regs
	// Expose makes of a stopped thread what a debugger shall see: results that
	// WriteMemoryLast put off are in memory (EFAULT if they could not be), the
	// program's text is its own again, and what the platform took of a system
	// call's arguments is forgotten, since they may change. It stays so for
	// the text of the address space.
	Expose() error
	// RegsChanged says that *Regs() was changed (other than through
	// SetResult) and must be loaded in full before the thread goes on.
	RegsChanged()
	// FPState is the xsave area of the thread, in the form of a signal frame
	// (with fx_sw_reserved filled in by the host).
	FPState() ([]byte, error)
	SetFPState(p []byte) error

	// ReadMemory and WriteMemory copy from and to the application's memory as
	// the thread itself would: EFAULT and the bytes before the fault.
	ReadMemory(addr uint64, p []byte) (int, error)
	// Captured reads what came with the event of the memory at addr, perhaps nothing: for data whose length is in the data.
	Captured(addr uint64, p []byte) int
	WriteMemory(addr uint64, p []byte) (int, error)
	// WriteMemoryLast may write when the thread goes on: user.Memory.CopyOutLast.
	WriteMemoryLast(addr uint64, p []byte, partial bool) (int, error)
	// WriteMemoryFrom writes what fill puts into the pieces that it is given, up to n bytes; a piece that it does not fill is
	// the last one. Nothing else may be asked of the thread meanwhile. With last the last piece goes as WriteMemoryLast's do,
	// with partial. It returns the bytes written, or EFAULT or fill's error if that was before the first.
	WriteMemoryFrom(addr uint64, n int, last bool, fill func(p []byte) (int, error)) (int, error)
	// ReadMemoryTo reads n bytes and gives them to drain in pieces, until it takes less than it is given. Nothing else may be asked of
	// the thread meanwhile, and the application may change a piece. It returns the bytes taken, or EFAULT or drain's error if that was before
	// the first.
	ReadMemoryTo(addr uint64, n int, drain func(p []byte) (int, error)) (int, error)
	// CompareAndSwap32 returns the word before; EFAULT.
	CompareAndSwap32(addr uint64, old, new uint32) (uint32, error)

	// Do performs host system calls in the thread, in order, until one fails.
	// Each op's Result is the raw return value (negative errno). The error is
	// ESRCH if the host process died, otherwise nil: look at the results.
	Do(ops ...*Op) error
	// FSBase is a register that costs an op each time: set is immediate.
	SetFSBase(base uint64) error
	// SetGSBase is the same for gs. The application's first use of it costs
	// its address space the fast way in.
	SetGSBase(base uint64) error
	// Segments are the selectors of the data segments, and SetSegments sets
	// them: one that the processor refuses becomes 0. What becomes of the bases of fs
	// and gs is as in Linux: on processors with the instructions for them they stay,
	// on others a segment that is none of the null ones brings its own. ESRCH.
	Segments() (Segments, error)
	SetSegments(s Segments) error
	// Processor is the processor that the thread ran on last, and its node. ESRCH.
	Processor() (cpu, node uint32, err error)
	// Rusage is the host's account of this thread (unix.RUSAGE_THREAD), or of
	// all threads that the address space has had (unix.RUSAGE_SELF). ESRCH if it is gone.
	Rusage(who int) (unix.Rusage, error)
	// Fork makes a copy of the address space with one thread, stopped, that
	// has this thread's registers. EAGAIN, ENOMEM.
	Fork() (AddressSpace, Thread, error)
	// NewThread makes another thread of the same address space, stopped, with
	// this thread's registers.
	NewThread() (Thread, error)
	// LetFutex says whether the thread may make futex calls on the host, without
	// an event: those of futex(2) but for the commands of PI futexes; and
	// futex2, futex_waitv(2) among it. A kick brings it back from them, with
	// the call as its event. It is for a stopped thread and for interrupted.
	LetFutex(futex, futex2 bool)
	// Futex makes one such call in the thread. With interrupted it may wait, and
	// ends with EINTR when the thread is kicked; see Run. However often a
	// FUTEX_WAIT of the application's is made so, its time does not start over.
	// The error is ESRCH if the host process died, otherwise nil.
	Futex(op *Op, interrupted func() bool) error
	// Asleep tells whether the thread waits in such a call, and how many it has
	// waited in. Any goroutine.
	Asleep() (now bool, waits uint64)
	// Leaving says that Exit is soon to come: whoever learns meanwhile of the
	// end of a task may ask for Settle.
	Leaving()
	// Exit ends this thread; the address space goes with its last one.
	Exit()
	// Idle hints that the task will block in the kernel: the stub may sleep.
	Idle()
	// SetAffinity binds the thread to processors of the host (bit n of the words is
	// processor n). Any goroutine. ESRCH, EINVAL.
	SetAffinity(mask []uint64) error
	// CPUTime is the host's account of the time this thread used. Any
	// goroutine, until the thread's Exit.
	CPUTime() (user, system time.Duration)
}

// Op is one host system call for a stub thread: mmap, munmap, mprotect, mremap,
// madvise, mincore, msync, mlock and kin, pkey calls, arch_prctl (fs), rseq,
// membarrier, sched_yield.
type Op struct {
	Nr     uintptr
	Args   [6]uint64
	FD     int // host descriptor sent along for mmap's Args[4]; used if UseFD
	UseFD  bool
	Result int64

	// Of Thread.Futex: a time to stand for that of argument TimeoutArg, which is the
	// application's (0: none does).
	TimeoutArg int
	Timeout    unix.Timespec
}

// Err is the op's error, or nil.
func (o *Op) Err() error {
	if o.Result < 0 && o.Result > -4096 {
		return unix.Errno(-o.Result)
	}
	return nil
}
