// SPDX-License-Identifier: Apache-2.0

// This file is job control's stops: all threads of a group stop, the parent
// is told once, and SIGCONT (or death) lets them go.

package task

import (
	"github.com/ditto-kernel/ditto/kernel/abi"
)

// groupStop is how far a stop or a continuation of a group is.
type groupStop struct {
	pending   int   // threads that have still to stop
	signo     int32 // what stopped it
	stopped   bool  // all have
	waitable  bool  // and no wait has told so
	continued bool  // SIGCONT came, and no wait has told so
	announce  int32 // CLD_STOPPED or CLD_CONTINUED, that the parent is to be told
	conts     uint32
}

// defaultStop starts a stop of the group, unless it is one that a terminal
// asked for and nobody could end. The lock is given up to look at that. conts
// counts the SIGCONTs that came before the signal was taken.
func (t *Task) defaultStop(signo int, conts uint32) {
	g := t.group
	if signo != abi.SIGSTOP {
		g.sighand.mu.Unlock()
		orphaned := t.kernel.orphaned(g)
		g.sighand.mu.Lock()
		if orphaned {
			return
		}
	}
	if t.killed() || g.stop.conts != conts {
		return
	}
	if !g.stop.stopped {
		g.stop.signo = int32(signo)
	}
	g.stop.pending = 0
	g.stop.continued = false
	for _, other := range g.threads {
		if other.exiting || other.stopped {
			continue
		}
		other.stopping, other.counted = true, true
		other.pt.stopSig = int32(signo)
		g.stop.pending++
		if other == t {
			continue
		}
		if other.pt.seized {
			other.trapNotify()
		} else {
			other.kick(workSignal)
		}
	}
}

// joinStop stops the thread until it is continued or has to die. Caller holds
// SigHand.mu, which is given up meanwhile.
func (t *Task) joinStop() {
	h := t.group.sighand
	last := t.leaveStop()
	t.stopped = true
	h.mu.Unlock()
	if last {
		t.group.notifyStop(abi.CLD_STOPPED)
	}
	for h.mu.Lock(); t.stopped; h.mu.Lock() {
		h.mu.Unlock()
		t.sleepUninterruptible()
		if t.work.Load()&workCall != 0 {
			t.runCalls()
		}
	}
}

// leaveStop counts the thread as stopped (or gone); it tells whether the
// group is stopped by that.
func (t *Task) leaveStop() bool {
	s := &t.group.stop
	counted := t.stopping && t.counted
	t.stopping, t.counted = false, false
	if !counted {
		return false
	}
	if s.pending--; s.pending > 0 || s.stopped {
		return false
	}
	s.stopped, s.waitable = true, true
	return true
}

// continueStopped is what SIGCONT does by being sent.
func (g *ThreadGroup) continueStopped() {
	s := &g.stop
	s.conts++
	for _, t := range g.threads {
		t.stopping, t.counted = false, false
		t.stopped = false
		if t.pt.seized {
			t.trapNotify()
		}
	}
	switch {
	case s.stopped:
		s.announce = abi.CLD_CONTINUED
	case s.pending > 0:
		s.announce = abi.CLD_STOPPED
	default:
		return
	}
	s.stopped, s.waitable, s.continued, s.pending = false, false, true, 0
	for _, t := range g.threads {
		if !t.exiting {
			t.kick(workSignal)
		}
	}
}

// announceContinued tells the parent of what SIGCONT ended.
func (t *Task) announceContinued() {
	g := t.group
	why := g.stop.announce
	g.stop.announce = 0
	g.sighand.mu.Unlock()
	g.notifyStop(why)
	g.tellTracerContinued(why)
	g.sighand.mu.Lock()
}

// tellTracerContinued is notifyStop for the tracer, if that is another process.
func (g *ThreadGroup) tellTracerContinued(why int32) {
	k := g.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	if !g.reparentedTracer() {
		return
	}
	info := g.leader.childInfo(why)
	info.SetStatus(abi.SIGCONT)
	g.leader.pt.tracer.group.tellChild(&info)
}

// notifyStop sends SIGCHLD for a stop or a continuation, and wakes who waits.
func (g *ThreadGroup) notifyStop(why int32) {
	k := g.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	if g.parent == nil {
		return
	}
	info := g.childInfo(why)
	info.SetStatus(abi.SIGCONT)
	if why == abi.CLD_STOPPED {
		info.SetStatus(g.stopSignal())
	}
	g.parent.group.tellChild(&info)
}

// stopSignal is the signal that stopped the group, if it has not ended since.
func (g *ThreadGroup) stopSignal() int32 {
	g.sighand.mu.Lock()
	defer g.sighand.mu.Unlock()
	return g.stop.signo
}

// childInfo is the siginfo of SIGCHLD. Caller holds Kernel.mu.
func (g *ThreadGroup) childInfo(code int32) abi.SigInfo {
	info := abi.SigInfo{Signo: int32(abi.SIGCHLD), Code: code}
	info.SetPid(g.kernel.showPid(g.ID(), g.parent.PidNS()))
	info.SetUID(g.leader.uidSeenBy(g.parent))
	u := g.usage()
	info.SetUtime(Ticks(u.User))
	info.SetStime(Ticks(u.System))
	return info
}
