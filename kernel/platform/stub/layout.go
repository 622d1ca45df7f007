// SPDX-License-Identifier: Apache-2.0

package stub

// What the kernel process and the stub share. This file is the one description of
// it: genlayout writes blob/layout_gen.h from these structs and constants.

//go:generate go run ./genlayout

// Addresses in every stub process. All lie above what an application may map,
// but for the jump table: the operand of a patched site must be a 32-bit
// address whose bytes are no valid opcodes (see patch.go).
const (
	TextBase   = 0x7fff_0000_0000 // the blob
	TrampBase  = 0x7fff_1000_0000 // trampolines of patched sites
	PrivBase   = 0x7fff_2000_0000 // private stacks, PrivStride a slot
	RegionBase = 0x7fff_8000_0000 // regions of slots, RegionSize each
	TableBase  = 0x3f06_0000      // jump table of patched sites

	TableSize   = 0x1_0000
	TrampSize   = 0x4_0000
	PrivStride  = 0x1_0000
	SlotStride  = 0x3_0000
	RegionSlots = 64
	RegionSize  = SlotStride * RegionSlots
	PrivSize    = PrivStride * RegionSlots
	MaxRegions  = 128

	FastStackSize = 0x4000 // the low part of a slot's private memory; the rest is its signal stack

	WindowOffset = 0x2000
	WindowSize   = 0x2_8000

	// How a side waits for the other, in ticks of the processor's clock. SlowYield is a sched_yield that gave the core away:
	// who sleeps gets it back sooner. LookTicks is how long a side looks. It is longer than the host takes to wake an idle
	// core: otherwise two sides that sleep would go on to, each for the time that the other takes to wake. ShortWait is a
	// sleep that was none: with the time to wake up, it took about as long as looking would have.
	SlowYield = 100_000
	LookTicks = 250_000
	ShortWait = 400_000
	// SameYields is how often a side yields to one that shares its core, before it sleeps. To
	// look without yielding is of no use then, and to yield often is not either: two waiters
	// on a core may be given it in turn, and the two that they wait for never.
	SameYields = 3

	// A side that slept longer than that Tired times in a row looks only TiredPauses times before it sleeps, until
	// looking as long as ever, which it does every Retry-th time, pays again.
	Tired       = 4
	TiredPauses = 10
	Retry       = 16

	MaxOps      = 48
	MaxCaptures = 3
	MaxCopyOuts = 8
	MaxFDs      = 16
)

// The reply's first CopyOut stands in Slot.Args, and the data of a small one in the rest of those lines.
const (
	InlineOffset = 56
	InlineSize   = 72
)

// The window's end is for peeks and pokes, and its start for captures and copy-outs; data that come in pieces take all but
// the end.
const (
	ScratchSize = 0x8000
	CaptureSize = 0x1_0000
)

// Values of Slot.State.
const (
	StateRun    = 1 // the stub has the word
	StatePosted = 2 // the kernel has the word
	StateDead   = 3 // the process is gone (written by the kernel)
)

// Values of Slot.Reason: why the stub posted.
const (
	ReasonHello = iota + 1
	ReasonSyscall
	ReasonFault
	ReasonKick
	ReasonOps
)

// ReasonFast, with a reason, is for who came in without a signal frame.
const ReasonFast = 0x80

// IdleCPU as Slot.KernelCPU says that the task blocks: sleep at once.
const IdleCPU = 0xffff

// Values of Slot.Cmd: what the stub does next.
const (
	CmdResume = iota + 1 // back to the application; only rax changed
	CmdFull              // back to the application, with all registers of the slot
	CmdOps               // perform the operation list, then post
	CmdExit              // end the thread
	CmdTrap              // get a signal frame, then post again
)

// Operations that are not host system calls.
const (
	OpPeek        = 0x10000 + iota // (addr, len, window offset): result bytes left uncopied
	OpPoke                         // (addr, len, window offset)
	OpCmpxchg                      // (addr, old, new): result old value, or -EFAULT
	OpRecvFDs                      // receive the descriptors of one message
	OpCloseFDs                     // close them
	OpFork                         // (slot index): result host pid
	OpThread                       // (slot index): result host tid
	OpPatch                        // (addr, 8 bytes, protection after)
	OpFPRead                       // copy the frame's xsave area into the window: result its length
	OpFPWrite                      // (len) the other way
	OpSegments                     // result: ds, es, fs, gs, from the lowest bits up
	OpSetSegments                  // (as OpSegments has them, Set* bits, fs base, gs base)
)

// Bits of OpSetSegments' second argument: which others than ds and es are set.
const (
	SetFS    = 1
	SetGS    = 2
	SetBases = 4 // give them their bases as well, whatever the segments' are
)

// Bits of Slot.LetFutex.
const (
	LetFutex1 = 1 // futex(2), without its PI commands
	LetFutex2 = 2 // futex_waitv(2) and the futex2 calls
)

// FDMark in an mmap's descriptor argument stands for received descriptor n: FDMark+n.
const FDMark = 0x7fff_0000

// Slot is the mailbox of one thread. Everything in it can be scribbled over
// by the application at any time.
//
// A line of the cache that both sides touch takes longer to hand over than the
// kernel to answer a simple call, and longer still if one side writes to it while the
// other looks at it. So all that every call needs stands in the first line (and the
// next, which processors fetch with it), each side writes it in one go, the state
// last, and what is the stub's own stands apart at the end.
type Slot struct {
	State        uint32 // the futex word
	KernelSleeps uint32
	StubSleeps   uint32
	Pending      uint32 // a kick came
	Reason       uint8  // and ReasonFast
	Cmd          uint8
	NCaptures    uint8
	NCopyOuts    uint8
	StubCPU      uint16 // where the stub posted
	KernelCPU    uint16 // where the kernel took the word last, or gave it back; or IdleCPU
	Rax          uint64 // of a call, its number; of the reply, its result
	// Of a call, its arguments and what was captured; of the reply, the first CopyOut, and if that is small its data: see InlineOffset.
	Args     [6]uint64
	Captures [MaxCaptures]Capture

	CopyOuts [MaxCopyOuts]CopyOut // the first one's place is not used

	NOps    uint32
	OpsDone uint32
	Apart   [14]uint32
	Ops     [MaxOps]SlotOp

	Tid       uint32 // cleared by the host when the thread has ended
	SpinPause uint32 // bounds of spinning, by the kernel
	SpinYield uint32
	Fast      uint32 // came in without a signal frame
	LetFutex  uint32 // LetFutex1, LetFutex2: calls that the stub makes on the host by itself
	Slept     uint32 // how often the stub slept for long in a row
	Looks     uint32 // how often it looked while it was tired
	Brief     uint32 // the last task's wait that it knew of was a ShortWait

	Regs SlotRegs

	Self      uint64 // the slot's own address
	FastStack uint64 // top of the fast stack
	Resume    uint64 // where a patched site goes on
	FPState   uint64 // address of the frame's xsave area; 0: no frame
	FPSize    uint64

	Signo, Code     uint32
	FaultAddr       uint64
	TrapNo, ErrCode uint64
	CR2             uint64

	// Of futex calls on the host. The deadline is a struct timespec.
	Waiting                   uint32 // it is in one that waits
	Waits                     uint32 // how many were
	DeadlineSet               uint32
	FutexTraps                uint32
	DeadlineSec, DeadlineNsec uint64
}

// SlotRegs are the registers in the order of struct user_regs_struct.
type SlotRegs struct {
	R15, R14, R13, R12, Rbp, Rbx, R11, R10, R9, R8 uint64
	Rax, Rcx, Rdx, Rsi, Rdi, OrigRax, Rip, Cs      uint64
	Eflags, Rsp, Ss                                uint64
}

// Capture is application memory that the stub copied into the window.
type Capture struct {
	Addr uint64
	Len  uint32
	Off  uint32
}

// CopyOut is memory of the slot, of its window mostly, that the stub copies to the application on return.
type CopyOut struct {
	Addr    uint64
	Len     uint32
	Off     uint32 // from the slot's start
	Partial uint64
}

// SlotOp is one operation.
type SlotOp struct {
	Nr     uint64
	Args   [6]uint64
	Result int64
}
