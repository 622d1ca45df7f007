// SPDX-License-Identifier: Apache-2.0

// This file is about signals of timers that count a group's processor time. Linux
// notices that such a timer is due in a thread that runs, and that one takes the signal
// if it wants it: so a profiler sees the threads in proportion to what they use.

package task

import (
	"slices"
	"time"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// maxProfiled bounds the threads whose time is looked at when a timer goes off: in a larger
// group the signal goes to whoever is next.
const maxProfiled = 64

// cpuShare is what a thread used, and how much of that no timer's signal has told of.
type cpuShare struct{ seen, untold time.Duration }

// SendCPUSignal sends the signal of a timer of processor time to the group; taken is
// as with SendTimerSignal. EAGAIN: see send. Any goroutine.
func (g *ThreadGroup) SendCPUSignal(info *abi.SigInfo, taken Taken) error {
	used := g.used()
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	g.sighand.mu.Lock()
	defer g.sighand.mu.Unlock()
	return g.queueSignal(nil, info, sending{taken: taken, first: g.mostUntold(used)})
}

// used is what each thread has used so far.
func (g *ThreadGroup) used() map[*Task]time.Duration {
	g.kernel.mu.RLock()
	threads := slices.Clone(g.threads)
	g.kernel.mu.RUnlock()
	if len(threads) > maxProfiled {
		return nil
	}
	used := make(map[*Task]time.Duration, len(threads))
	for _, t := range threads {
		u := t.UsageNow()
		used[t] = u.User + u.System
	}
	return used
}

// mostUntold is the thread that used most since the group's signals last fell on it, with
// all that was used since the last signal taken as told by this one. Caller holds Kernel.mu and
// SigHand.mu.
func (g *ThreadGroup) mostUntold(used map[*Task]time.Duration) *Task {
	var most *Task
	var all time.Duration
	for _, t := range g.threads {
		now, ok := used[t]
		if !ok || t.exiting {
			continue
		}
		grown := max(now-t.share.seen, 0)
		t.share.seen = now
		t.share.untold += grown
		all += grown
		if most == nil || t.share.untold > most.share.untold {
			most = t
		}
	}
	if most != nil {
		most.share.untold -= all
	}
	return most
}
