// SPDX-License-Identifier: Apache-2.0

// This file is how a process stands still for its core file: the thread that
// took the signal waits until all others are on their way out, each leaves its
// registers, and nobody goes on before the file is written (coredump_wait and
// coredump_task_exit of Linux). What the file has is Kernel.DumpCore's matter.

package task

import (
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Core is what a process leaves for its core file.
type Core struct {
	Info    abi.SigInfo  // of the signal that it dies of
	Threads []CoreThread // the one that took it first

	dumper  *Task
	missing int // threads that are still to come; SigHand.mu
	killed  atomic.Bool
}

// CoreThread is one thread, with the registers that it had.
type CoreThread struct {
	Task             *Task
	Regs             platform.Regs
	FPState          []byte // as a signal frame has it; nil if it can't be had
	Pending, Blocked SigSet
}

// CoreSettings is what /proc/sys/kernel says of core files.
type CoreSettings struct {
	Pattern atomic.Pointer[string] // core_pattern; nil: "core"
	UsesPid atomic.Bool            // core_uses_pid
}

// MinCore is the smallest core file: nothing is written under a lower RLIMIT_CORE.
const MinCore = abi.PageSize

// Killed tells whether SIGKILL came while the file was written.
func (c *Core) Killed() bool { return c.killed.Load() }

// dumpCore ends the group for a signal that leaves a core file. Caller holds
// SigHand.mu, which is given up meanwhile.
func (t *Task) dumpCore(info *abi.SigInfo) {
	g := t.group
	h := g.sighand
	if t.kernel.DumpCore == nil || g.Dumpable() == 0 || g.Limit(unix.RLIMIT_CORE).Cur < MinCore {
		g.startExit(info.Signo)
		return
	}
	c := &Core{Info: *info, dumper: t}
	for _, other := range g.threads {
		if other != t && !other.leaving {
			c.missing++
		}
	}
	g.core = c
	g.startExit(info.Signo)
	h.mu.Unlock()
	mine := t.coreThread()
	h.mu.Lock()
	for c.missing > 0 {
		h.mu.Unlock()
		t.sleepUninterruptible()
		h.mu.Lock()
	}
	mine.Pending = t.pending.set
	c.Threads = slices.Insert(c.Threads, 0, mine)
	h.mu.Unlock()
	dumped := t.kernel.DumpCore(t, c)
	h.mu.Lock()
	g.core = nil
	if dumped && !c.Killed() {
		g.exitStatus |= coreDumped
	}
	for i := range c.Threads {
		c.Threads[i].Task.Wake()
	}
}

// coreDumped is WCOREFLAG of a wait status.
const coreDumped = 0x80

// endDump lets SIGKILL end the writing of a core file. Caller holds SigHand.mu.
func (g *ThreadGroup) endDump(signo int) {
	if g.core != nil && signo == abi.SIGKILL {
		g.core.killed.Store(true)
	}
}

// coreThread is the thread as it stands.
func (t *Task) coreThread() CoreThread {
	t.show()
	c := CoreThread{Task: t, Regs: t.allRegs(), Blocked: t.blocked}
	if fp, err := t.thread.FPState(); err == nil {
		c.FPState = fp
	}
	return c
}

// leave is the first that a thread does when it exits: it waits for its
// process's core file, if one is made.
func (t *Task) leave() {
	g := t.group
	h := g.sighand
	h.mu.Lock()
	t.leaving = true
	c := g.core
	h.mu.Unlock()
	if c == nil {
		return
	}
	mine := t.coreThread()
	h.mu.Lock()
	mine.Pending = t.pending.set
	c.Threads = append(c.Threads, mine)
	c.missing--
	c.dumper.Wake()
	for g.core == c {
		h.mu.Unlock()
		t.sleepUninterruptible()
		h.mu.Lock()
	}
	h.mu.Unlock()
}
