// SPDX-License-Identifier: Apache-2.0

// This file is how a signal is sent: who may be told, what becomes of it at
// once, and which thread has to look (kernel/signal.c, send_signal_locked).

package task

import (
	"cmp"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Values of SigAction.Handler that are no address.
const (
	SigDfl = 0
	SigIgn = 1
)

// Flags of SigAction.
const (
	SA_NOCLDSTOP = 0x1
	SA_NOCLDWAIT = 0x2
	SA_SIGINFO   = 0x4
	SA_RESTORER  = 0x04000000
	SA_ONSTACK   = 0x08000000
	SA_RESTART   = 0x10000000
	SA_NODEFER   = 0x40000000
	SA_RESETHAND = 0x80000000
)

// SigAction is what a signal does (struct sigaction, in the kernel's order).
type SigAction struct {
	Handler, Flags, Restorer uint64
	Mask                     SigSet
}

// SigHand is the signal actions of a group, which groups cloned with
// CLONE_SIGHAND share, and the lock of all that concerns its signals.
type SigHand struct {
	mu      sync.Mutex
	actions [NSig + 1]SigAction
	refs    int        // groups
	queue   wait.Queue // a signal was queued (signalfd)
}

func newSigHand() *SigHand { return &SigHand{refs: 1} }

// SignalQueue is notified when a signal was queued for the task or its group.
func (t *Task) SignalQueue() *wait.Queue { return &t.group.sighand.queue }

// KernelInfo is the siginfo of a signal of the kernel's own.
func KernelInfo(signo int) abi.SigInfo {
	return abi.SigInfo{Signo: int32(signo), Code: abi.SI_KERNEL}
}

// UserInfo is the siginfo of a signal that t sends with kill or tkill.
func (t *Task) UserInfo(signo int, code int32) abi.SigInfo {
	info := abi.SigInfo{Signo: int32(signo), Code: code}
	info.SetPid(t.TGID())
	info.SetUID(t.uidSeenBy(t))
	return info
}

// uidSeenBy is the task's real user id as another one's user namespace calls it.
func (t *Task) uidSeenBy(o *Task) uint32 { return o.Creds().NS().ShowUID(t.Creds().RUID) }

// Raise sends the task a signal of the kernel's own.
func (t *Task) Raise(signo int) {
	info := abi.SigInfo{Signo: int32(signo), Code: abi.SI_USER}
	info.SetPid(t.TGID())
	info.SetUID(t.uidSeenBy(t))
	_ = t.SendSignal(&info)
}

// SendSignal sends a signal to this thread. EAGAIN: see send.
func (t *Task) SendSignal(info *abi.SigInfo) error {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	return t.group.send(t, info)
}

// SendTimerSignal sends the signal of a timer, to this thread; taken is
// asked when it is taken. EAGAIN: see send.
func (t *Task) SendTimerSignal(info *abi.SigInfo, taken Taken) error {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	return t.group.sendFor(t, info, taken)
}

// SendTimerSignal is that of Task, to the group.
func (g *ThreadGroup) SendTimerSignal(info *abi.SigInfo, taken Taken) error {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.sendFor(nil, info, taken)
}

// SendSignal sends a signal to the group. EAGAIN: see send.
func (g *ThreadGroup) SendSignal(info *abi.SigInfo) error {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.send(nil, info)
}

// send queues a signal for one thread, or for the group if t is nil. EAGAIN if
// a real-time signal can't be queued within RLIMIT_SIGPENDING. Caller holds
// Kernel.mu.
func (g *ThreadGroup) send(t *Task, info *abi.SigInfo) error { return g.sendFor(t, info, nil) }

func (g *ThreadGroup) sendFor(t *Task, info *abi.SigInfo, taken Taken) error {
	h := g.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return g.queueSignal(t, info, sending{taken: taken})
}

// sendForced is send; with force SIGKILL and SIGSTOP work on an init too.
func (g *ThreadGroup) sendForced(t *Task, info *abi.SigInfo, force bool) error {
	h := g.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return g.queueSignal(t, info, sending{force: force})
}

func (g *ThreadGroup) sendLocked(t *Task, info *abi.SigInfo) error {
	return g.queueSignal(t, info, sending{})
}

// sending is what is special about a signal that is sent.
type sending struct {
	taken Taken // see SendTimerSignal
	force bool  // SIGKILL and SIGSTOP work on an init too
	first *Task // of a group, whom to ask first whether it wants it; nil: the leader
}

func (g *ThreadGroup) queueSignal(t *Task, info *abi.SigInfo, how sending) error {
	signo := int(info.Signo)
	if g.reaped || t != nil && t.exiting {
		return nil
	}
	force := how.force || info.Code == abi.SI_KERNEL || info.Code > 0
	if !g.prepare(t, signo, force) {
		return nil
	}
	p := &g.shared
	if t != nil {
		p = &t.pending
	}
	if signo < SigRTMin && p.set.Has(signo) {
		return nil // one of a kind is enough
	}
	charge, ok := g.chargeSignal(signo, info)
	switch {
	case ok:
		p.add(sigEntry{*info, charge, how.taken})
	case signo >= SigRTMin && info.Code != abi.SI_USER:
		return unix.EAGAIN
	default:
		p.set |= SigBit(signo)
	}
	g.sighand.queue.Notify(wait.Readable)
	g.completeSend(t, how.first, signo)
	return nil
}

// prepare does what a signal does by being sent, whoever handles it: it ends
// stops, and takes back what contradicts it. It tells whether the signal is
// to be queued.
func (g *ThreadGroup) prepare(t *Task, signo int, force bool) bool {
	switch {
	case g.exiting:
		g.endDump(signo)
		return false
	case sigStops.Has(signo):
		g.flushAll(SigBit(abi.SIGCONT))
	case signo == abi.SIGCONT:
		g.flushAll(sigStops)
		g.continueStopped()
	}
	return !g.ignores(t, signo, force)
}

func (g *ThreadGroup) flushAll(which SigSet) {
	g.shared.flush(which)
	for _, t := range g.threads {
		t.pending.flush(which)
	}
}

// ignores tells whether a signal is of no effect, now and later.
func (g *ThreadGroup) ignores(t *Task, signo int, force bool) bool {
	if t == nil {
		t = g.leader
	}
	if (t.blocked | t.waitingOn).Has(signo) || t.pt.tracer != nil && signo != abi.SIGKILL {
		return false
	}
	act := &g.sighand.actions[signo]
	if g.unkillable && act.Handler == SigDfl && !(force && sigKernelOnly.Has(signo)) {
		return true
	}
	return act.ignoring(signo)
}

func (a *SigAction) ignoring(signo int) bool {
	return a.Handler == SigIgn || a.Handler == SigDfl && sigIgnored.Has(signo)
}

// chargeSignal counts a queued signal against its receiver's user. Standard
// signals of the kernel are let through whatever the count.
func (g *ThreadGroup) chargeSignal(signo int, info *abi.SigInfo) (*atomic.Int64, bool) {
	count := g.kernel.sigCount(g.leader.Creds().RUID)
	override := signo < SigRTMin && info.Code >= 0
	if n := count.Add(1); !override && uint64(n) > g.Limit(unix.RLIMIT_SIGPENDING).Cur {
		count.Add(-1)
		return nil, false
	}
	return count, true
}

// ReserveSignal counts a timer's signal against the user, whether it waits or
// not: EAGAIN. The counter is to be lowered by one when the timer goes.
func (g *ThreadGroup) ReserveSignal() (*atomic.Int64, error) {
	count := g.kernel.sigCount(g.leader.Creds().RUID)
	if n := count.Add(1); uint64(n) > g.Limit(unix.RLIMIT_SIGPENDING).Cur {
		count.Add(-1)
		return nil, unix.EAGAIN
	}
	return count, nil
}

// sigCount is how many signals are queued for the tasks of a user.
func (k *Kernel) sigCount(uid cred.UID) *atomic.Int64 {
	k.sigCountsMu.Lock()
	defer k.sigCountsMu.Unlock()
	c := k.sigCounts[uid]
	if c == nil {
		c = new(atomic.Int64)
		k.sigCounts[uid] = c
	}
	return c
}

// completeSend picks the thread that handles a queued signal, and starts the
// death of the group at once if that is what the signal will do.
func (g *ThreadGroup) completeSend(t, first *Task, signo int) {
	group := t == nil
	if group {
		t = cmp.Or(first, g.leader)
	}
	asked := t
	if !t.wants(signo) {
		if !group {
			return
		}
		if t = g.findTarget(signo); t == nil {
			return // all block it: whoever unblocks it first will look
		}
	}
	if (signo == abi.SIGKILL || asked.pt.tracer == nil) && g.killedBy(t, signo) {
		g.startExit(int32(signo))
		return
	}
	if signo == abi.SIGKILL {
		t.kick(workSignal | workKill)
		return
	}
	t.kick(workSignal)
}

// wants tells whether the thread would take the signal now.
func (t *Task) wants(signo int) bool {
	switch {
	case t.exiting:
		return false
	case signo == abi.SIGKILL:
		return true
	case t.waitingOn.Has(signo):
		return true
	}
	return !t.blocked.Has(signo) && !t.stopped && !t.pt.traced
}

// findTarget looks for a thread that wants the signal, from the one behind
// the last that was found.
func (g *ThreadGroup) findTarget(signo int) *Task {
	for i := range g.threads {
		n := (g.lastTarget + i) % len(g.threads)
		if t := g.threads[n]; t.wants(signo) {
			g.lastTarget = n
			return t
		}
	}
	return nil
}

// killedBy tells whether the signal will end the group by default, without
// leaving a core.
func (g *ThreadGroup) killedBy(t *Task, signo int) bool {
	if g.exiting || !fatalByDefault(signo) || sigCores.Has(signo) {
		return false
	}
	if g.sighand.actions[signo].Handler != SigDfl || (t.blocked | t.waitingOn).Has(signo) {
		return signo == abi.SIGKILL
	}
	return signo == abi.SIGKILL || !g.unkillable
}

// startExit makes every thread of the group exit. Caller holds SigHand.mu.
func (g *ThreadGroup) startExit(status int32) {
	if g.exiting {
		g.endDump(int(status))
		return
	}
	g.exiting = true
	g.exitStatus = status
	g.stop = groupStop{}
	for _, t := range g.threads {
		t.endStops()
		if !t.exiting {
			t.kick(workSignal | workKill)
		}
	}
}

// recalc sets workSignal if there is something to look at, and takes it back
// otherwise. Caller holds SigHand.mu and is the task itself.
func (t *Task) recalc() {
	g := t.group
	if g.exiting || t.stopping || t.pt.trapStop || t.pt.trapNotify || g.stop.announce != 0 || (t.pending.set|g.shared.set)&^t.blocked != 0 ||
		g.execer != nil && g.execer != t {
		t.work.Or(workSignal)
	} else {
		t.work.And(^uint32(workSignal))
	}
}

// Blocked is the signals that the task blocks.
func (t *Task) Blocked() SigSet { return t.blocked }

// SetBlocked changes which signals the task blocks; SIGKILL and SIGSTOP can't be.
func (t *Task) SetBlocked(set SigSet) {
	set &^= sigKernelOnly
	if set == t.blocked {
		return
	}
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	t.setBlocked(set)
}

// setBlocked also finds another thread for what the group has pending and
// this one no longer wants (retarget_shared_pending).
func (t *Task) setBlocked(set SigSet) {
	if newly := set &^ t.blocked & t.group.shared.set; newly != 0 && len(t.group.threads) > 1 {
		t.retarget(newly)
	}
	t.blocked = set
	t.recalc()
}

// retarget lets other threads look at shared signals that t won't take.
func (t *Task) retarget(which SigSet) {
	for _, other := range t.group.threads {
		if which == 0 {
			return
		}
		if other == t || other.exiting || which&^other.blocked == 0 {
			continue
		}
		which &= other.blocked
		other.kick(workSignal)
	}
}

// PendingSignals is what rt_sigpending answers: what is pending and blocked.
func (t *Task) PendingSignals() SigSet {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return (t.pending.set | t.group.shared.set) & t.blocked
}

// DequeueSignal takes a pending signal of the set, whether blocked or not:
// rt_sigtimedwait and signalfd.
func (t *Task) DequeueSignal(set SigSet, info *abi.SigInfo) bool {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	ok := t.dequeue(^set, info)
	t.recalc()
	return ok
}

// HasSignal tells whether DequeueSignal would find one. Any goroutine that
// keeps the task from being released.
func (t *Task) HasSignal(set SigSet) bool {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return (t.pending.set|t.group.shared.set)&set != 0
}

// dequeue takes the next signal that is not blocked; its own before the group's.
func (t *Task) dequeue(blocked SigSet, info *abi.SigInfo) bool {
	for i, p := range [2]*pendingSignals{&t.pending, &t.group.shared} {
		for signo := p.next(blocked); signo != 0; signo = p.next(blocked) {
			if p.take(signo, info) {
				t.pt.fromGroup = i == 1
				return true
			}
		}
	}
	return false
}

// Action is what a signal does.
func (t *Task) Action(signo int) SigAction {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.actions[signo]
}

// SetAction changes what a signal does and returns what it did before. What
// is pending and becomes ignored is dropped.
func (t *Task) SetAction(signo int, act SigAction) SigAction {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.actions[signo]
	act.Mask &^= sigKernelOnly
	h.actions[signo] = act
	if act.ignoring(signo) {
		t.group.flushAll(SigBit(signo))
	}
	return old
}

// ForceSignal is for a handler that answers its own task with a signal.
func (t *Task) ForceSignal(info *abi.SigInfo) { t.forceSignal(info) }

// forceSignal sends the task a signal that it can't block nor ignore.
func (t *Task) forceSignal(info *abi.SigInfo) {
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	act := &h.actions[info.Signo]
	blocked := t.blocked.Has(int(info.Signo))
	if blocked || act.Handler == SigIgn {
		act.Handler = SigDfl
		if blocked {
			t.blocked &^= SigBit(int(info.Signo))
		}
	}
	if act.Handler == SigDfl && t.pt.tracer == nil {
		t.group.unkillable = false
	}
	_ = t.group.sendLocked(t, info)
	t.recalc()
}
