// SPDX-License-Identifier: Apache-2.0

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// ParentDeathSignal is prctl(PR_GET_PDEATHSIG); 0 for none.
func (t *Task) ParentDeathSignal() int32 { return t.pdeathsig.Load() }

// SetParentDeathSignal is prctl(PR_SET_PDEATHSIG).
func (t *Task) SetParentDeathSignal(signo int32) { t.pdeathsig.Store(signo) }

// firstTimerSlack is how late timers of pid 1 may be, in ns.
const firstTimerSlack = 50000

// TimerSlack is prctl(PR_GET_TIMERSLACK).
func (t *Task) TimerSlack() uint64 { return t.timerSlack }

// SetTimerSlack is prctl(PR_SET_TIMERSLACK); 0 asks for the default, which is
// what the task that made this one had then.
func (t *Task) SetTimerSlack(ns uint64) {
	if ns == 0 {
		ns = t.defaultSlack
	}
	t.timerSlack = ns
}

// Speculation performs PR_GET_SPECULATION_CTRL or PR_SET_SPECULATION_CTRL (option), on
// the host's thread.
func (t *Task) Speculation(option, which, value uint64) (uint64, error) {
	op := platform.Op{Nr: unix.SYS_PRCTL, Args: [6]uint64{option, which, value}}
	if err := t.thread.Do(&op); err != nil {
		return 0, err
	}
	if err := op.Err(); err != nil {
		return 0, err
	}
	if option == unix.PR_SET_SPECULATION_CTRL && which < uint64(len(t.speculation)) {
		t.speculation[which] = value
	}
	return uint64(op.Result), nil
}

// MemoryFailure performs PR_MCE_KILL or PR_MCE_KILL_GET (option), on the host's thread.
func (t *Task) MemoryFailure(option, change, policy uint64) (uint64, error) {
	op := platform.Op{Nr: unix.SYS_PRCTL, Args: [6]uint64{option, change, policy}}
	if err := t.thread.Do(&op); err != nil {
		return 0, err
	}
	if err := op.Err(); err != nil {
		return 0, err
	}
	if option == unix.PR_MCE_KILL {
		t.memoryFailure = [2]uint64{change, policy}
	}
	return uint64(op.Result), nil
}

// The modes of PR_SET_TSC.
const (
	TSCEnable = 1 // PR_TSC_ENABLE
	TSCFaults = 2 // PR_TSC_SIGSEGV
)

// TSC is what reading the time-stamp counter does: TSCEnable or TSCFaults.
func (t *Task) TSC() uint32 {
	if t.tscFaults {
		return TSCFaults
	}
	return TSCEnable
}

// SetTSC changes it, on the host's thread; threads and children that are made
// of that have it from there, a new program is told (respeculate).
func (t *Task) SetTSC(mode uint32) error {
	op := platform.Op{Nr: unix.SYS_PRCTL, Args: [6]uint64{unix.PR_SET_TSC, uint64(mode)}}
	if err := t.thread.Do(&op); err != nil {
		return err
	}
	if err := op.Err(); err != nil {
		return err
	}
	t.tscFaults = mode == TSCFaults
	return nil
}

// IOFlusher is prctl(PR_GET_IO_FLUSHER).
func (t *Task) IOFlusher() bool { return t.ioFlusher }

// SetIOFlusher is prctl(PR_SET_IO_FLUSHER).
func (t *Task) SetIOFlusher(on bool) { t.ioFlusher = on }

// respeculate tells the host's thread of a new program what was set before.
func (t *Task) respeculate() {
	if set := t.memoryFailure; set[0] == unix.PR_MCE_KILL_SET {
		_, _ = t.MemoryFailure(unix.PR_MCE_KILL, set[0], set[1])
	}
	if t.tscFaults {
		_ = t.SetTSC(TSCFaults)
	}
	const noExec = 16 // PR_SPEC_DISABLE_NOEXEC
	for which, value := range t.speculation {
		if value == noExec {
			t.speculation[which] = 0
		} else if value != 0 {
			_, _ = t.Speculation(unix.PR_SET_SPECULATION_CTRL, uint64(which), value)
		}
	}
}

// Parts of personality(2) that an exec, or one that changes ids, takes away.
const (
	readImpliesExec = 0x0400000
	clearOnSetID    = readImpliesExec | 0x0040000 | 0x0200000 | 0x0100000 // ADDR_NO_RANDOMIZE, ADDR_COMPAT_LAYOUT, MMAP_PAGE_ZERO
)

// Personality is personality(2)'s persona.
func (t *Task) Personality() uint32 { return t.personality }

// SetPersonality sets it and returns the one before.
func (t *Task) SetPersonality(p uint32) uint32 {
	old := t.personality
	t.personality = p
	return old
}

// MemPolicy is set_mempolicy(2)'s policy; nil: the default.
func (t *Task) MemPolicy() *mm.Policy { return t.memPolicy }

// SetMemPolicy sets it, for the task and those that it makes.
func (t *Task) SetMemPolicy(p *mm.Policy) { t.memPolicy = p }

// ClearChildTID is what set_tid_address was given last.
func (t *Task) ClearChildTID() user.Addr { return t.clearChildTID }

// Counts are the task's own counts.
func (t *Task) Counts() Counts { return t.counts }

// Subreaper tells whether orphans below the group go to it.
func (g *ThreadGroup) Subreaper() bool {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.subreaper
}

// SetSubreaper is prctl(PR_SET_CHILD_SUBREAPER).
func (g *ThreadGroup) SetSubreaper(on bool) {
	g.kernel.mu.Lock()
	defer g.kernel.mu.Unlock()
	g.subreaper = on
}

// SigHandOf is the signal actions of the task, for comparison only.
func (t *Task) SigHandOf() *SigHand {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	return t.group.sighand
}

// Alone tells whether the task is its group's only thread, shares its signal
// actions with no other group, and its memory with no other task.
func (t *Task) Alone() (threads, sighand, mm bool) {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(t.group.threads) == 1, h.refs == 1, t.mm.Users() == 1
}

// Tasks are all threads that match, which is called with Kernel.mu held.
func (k *Kernel) Tasks(match func(*Task) bool) []*Task {
	return k.TasksOrDead(func(t *Task) bool { return !t.dead && match(t) })
}

// TasksOrDead is Tasks, and has those that are dead and were not waited for.
func (k *Kernel) TasksOrDead(match func(*Task) bool) []*Task {
	k.mu.RLock()
	defer k.mu.RUnlock()
	var l []*Task
	for _, g := range k.groups() {
		for _, t := range g.threads {
			if match(t) {
				l = append(l, t)
			}
		}
	}
	return l
}

// InPgrp tells whether the task belongs to the process group; for Tasks.
func (t *Task) InPgrp(id int32) bool { return t.group.pgrp.id == id }
