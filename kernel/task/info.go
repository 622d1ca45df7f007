// SPDX-License-Identifier: Apache-2.0

// This file is what /proc shows of a task.

package task

// Info is a look at a task from outside.
type Info struct {
	State                  byte // R, S, T, t, Z, X
	Pending, SharedPending SigSet
	Blocked                SigSet
	Ignored, Caught        SigSet
	Queued                 int64 // signals queued for the user
	ExitSignal             int
	ExitCode               int32
	Nice                   int
	OwnTimes, GroupTimes   Usage
	ChildTimes             Usage // of the group's children that were waited for
}

// InfoOf looks at a task. Any goroutine.
func InfoOf(t *Task) Info {
	k, g := t.kernel, t.group
	k.mu.RLock()
	defer k.mu.RUnlock()
	i := Info{
		ExitSignal: g.exitSignal, ChildTimes: g.timesWaited, OwnTimes: t.ownUsage(), GroupTimes: g.usage(),
		State: 'R', Queued: k.sigCount(t.Creds().RUID).Load(),
	}
	if t != g.leader {
		i.ExitSignal = -1
	}
	if s := t.SchedParams(); s != nil {
		i.Nice = int(s.Nice)
	}
	asleep := false
	if t.thread != nil && !t.dead {
		asleep, _ = t.thread.Asleep()
	}
	h := g.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	i.Pending, i.SharedPending, i.Blocked = t.pending.set, g.shared.set, t.blocked
	for n := 1; n <= 64; n++ {
		switch h.actions[n].Handler {
		case SigDfl:
		case SigIgn:
			i.Ignored |= SigBit(n)
		default:
			i.Caught |= SigBit(n)
		}
	}
	switch {
	case t.dead:
		i.State, i.ExitCode = 'Z', t.exitCode
	case t.stopped:
		i.State = 'T'
	case t.pt.traced:
		i.State = 't'
	case t.niced.waits.Load():
	case asleep || t.sleep.state.Load() == sleepParked || t == k.initTask && t.thread == nil:
		i.State = 'S'
	}
	return i
}

// OOMScoreAdj is oom_score_adj; SetOOMScoreAdj changes it. It is recorded, and
// inherited: the host's killer does not know of it.
func (g *ThreadGroup) OOMScoreAdj() int32 { return g.oomScore.Load() }

// SetOOMScoreAdj: see OOMScoreAdj.
func (g *ThreadGroup) SetOOMScoreAdj(n int32) { g.oomScore.Store(n) }
