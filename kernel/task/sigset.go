// SPDX-License-Identifier: Apache-2.0

package task

import (
	"math/bits"
	"sync/atomic"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// SigSet is a set of signals, bit n-1 being signal n, as sigset_t has it.
type SigSet uint64

// Numbers of signals.
const (
	NSig     = 64
	SigRTMin = 32 // the kernel's; libc keeps the first two for itself
)

// SigBit is the set of one signal.
func SigBit(signo int) SigSet { return 1 << (signo - 1) }

// Has tells whether the signal is in the set.
func (s SigSet) Has(signo int) bool { return s>>(signo-1)&1 != 0 }

// lowest is the signal with the lowest number in a set that isn't empty.
func (s SigSet) lowest() int { return bits.TrailingZeros64(uint64(s)) + 1 }

func sigs(list ...int) (s SigSet) {
	for _, signo := range list {
		s |= SigBit(signo)
	}
	return s
}

// What signals do by default, and which can't be changed (signal(7)).
var (
	sigKernelOnly = sigs(abi.SIGKILL, abi.SIGSTOP)
	sigStops      = sigs(abi.SIGSTOP, abi.SIGTSTP, abi.SIGTTIN, abi.SIGTTOU)
	sigIgnored    = sigs(abi.SIGCONT, abi.SIGCHLD, abi.SIGWINCH, abi.SIGURG)
	sigCores      = sigs(abi.SIGQUIT, abi.SIGILL, abi.SIGTRAP, abi.SIGABRT, abi.SIGFPE, abi.SIGSEGV,
		abi.SIGBUS, abi.SIGSYS, abi.SIGXCPU, abi.SIGXFSZ)
	// sigSynchronous come from what the application itself just did, and are
	// taken first.
	sigSynchronous = sigs(abi.SIGSEGV, abi.SIGBUS, abi.SIGILL, abi.SIGTRAP, abi.SIGFPE, abi.SIGSYS)
)

// fatalByDefault tells whether the default action ends the process.
func fatalByDefault(signo int) bool { return (sigStops|sigIgnored)&SigBit(signo) == 0 }

// sigEntry is one queued signal.
type sigEntry struct {
	info   abi.SigInfo
	charge *atomic.Int64 // the user's count, while queued
	taken  Taken
}

// Taken is asked when a signal is taken from its queue: it may complete what
// the signal says, or answer false to make it never have been. It runs under
// the lock of the signal handlers and must not lock anything.
type Taken func(info *abi.SigInfo) bool

// pendingSignals is the signals that wait for a task or a group (struct
// sigpending). A signal may be in the set without an entry: its sender had no
// room left.
type pendingSignals struct {
	set   SigSet
	queue []sigEntry
}

func (p *pendingSignals) add(e sigEntry) {
	p.set |= SigBit(int(e.info.Signo))
	p.queue = append(p.queue, e)
}

// take removes the first signal signo, which is in the set. False: its sender
// says that it isn't any more.
func (p *pendingSignals) take(signo int, info *abi.SigInfo) bool {
	found, more := -1, false
	for i := range p.queue {
		if p.queue[i].info.Signo != int32(signo) {
			continue
		}
		if found >= 0 {
			more = true
			break
		}
		found = i
	}
	if !more {
		p.set &^= SigBit(signo)
	}
	if found < 0 {
		*info = abi.SigInfo{Signo: int32(signo), Code: abi.SI_USER}
		return true
	}
	e := p.queue[found]
	*info = e.info
	e.release()
	p.queue = append(p.queue[:found], p.queue[found+1:]...)
	return e.taken == nil || e.taken(info)
}

// flush drops all signals of a set.
func (p *pendingSignals) flush(which SigSet) {
	if p.set&which == 0 {
		return
	}
	p.set &^= which
	kept := p.queue[:0]
	for _, e := range p.queue {
		if which.Has(int(e.info.Signo)) {
			e.release()
		} else {
			kept = append(kept, e)
		}
	}
	p.queue = kept
}

func (e *sigEntry) release() {
	if e.charge != nil {
		e.charge.Add(-1)
	}
}

// next is the signal to take first, not being blocked; 0 if there is none.
func (p *pendingSignals) next(blocked SigSet) int {
	ready := p.set &^ blocked
	if ready == 0 {
		return 0
	}
	if s := ready & sigSynchronous; s != 0 {
		return s.lowest()
	}
	return ready.lowest()
}
