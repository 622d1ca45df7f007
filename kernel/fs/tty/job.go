// SPDX-License-Identifier: Apache-2.0

// Job control: package task knows sessions, their terminals and foreground
// groups; here is when it is asked (credentials(7), tcsetpgrp(3)).

package tty

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Jobs is what terminals ask of all tasks; *task.Kernel answers.
type Jobs interface {
	SignalForeground(tty task.Terminal, signo int)
	HangUpTerminal(tty task.Terminal)
	Foreground(tty task.Terminal) int32
	TerminalSession(tty task.Terminal) int32
}

// Caller is what terminals ask of the task that uses one; *task.Task answers.
type Caller interface {
	Terminal() task.Terminal
	SetTerminal(tty task.Terminal, steal bool) error
	DropTerminal(tty task.Terminal) error
	SetForeground(tty task.Terminal, pgid int32) error
	JobControlCheck(tty task.Terminal, signo int) error
}

// callerOf is the task behind ctx and the kernel that it belongs to; nil
// without a task.
func callerOf(ctx vfs.Ctx) (Caller, Jobs) {
	switch c := ctx.(type) {
	case *task.Task:
		return c, c.Kernel()
	case interface {
		Caller
		Jobs() Jobs
	}:
		return c, c.Jobs()
	}
	return nil, nil
}

// signalLocked is a signal for the foreground group, sent when the lock is
// dropped.
func (t *TTY) signalLocked(signo int) {
	if t.jobs != nil {
		t.due = append(t.due, signo)
	}
}

// Controlling is the controlling terminal of the caller: nil if none.
func Controlling(ctx vfs.Ctx) *TTY {
	c, _ := callerOf(ctx)
	if c == nil {
		return nil
	}
	t, _ := c.Terminal().(*TTY)
	return t
}

// checkBackground refuses what a background group may not do.
func (t *TTY) checkBackground(ctx vfs.Ctx, signo int) error {
	c, _ := callerOf(ctx)
	if c == nil {
		return nil
	}
	return c.JobControlCheck(t, signo)
}

// Acquire makes t the controlling terminal of the session that the caller
// leads.
func (t *TTY) Acquire(ctx vfs.Ctx, steal bool) error {
	c, jobs := callerOf(ctx)
	if c == nil {
		return unix.EPERM
	}
	if err := c.SetTerminal(t, steal); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.jobs = jobs
	return nil
}

// ioctlAcquire is TIOCSCTTY.
func (t *TTY) ioctlAcquire(ctx vfs.Ctx, f *vfs.File, arg uint64) error {
	admin := ctx.Creds().Capable(unix.CAP_SYS_ADMIN)
	if !f.Readable() && !admin {
		return unix.EPERM
	}
	return t.Acquire(ctx, arg == 1 && admin)
}

// AcquireOnOpen makes t the caller's controlling terminal if it leads a session
// that has none, as open(2) without O_NOCTTY does.
func (t *TTY) AcquireOnOpen(ctx vfs.Ctx, flags uint32) {
	if flags&unix.O_NOCTTY == 0 && flags&unix.O_ACCMODE != unix.O_WRONLY {
		if c, _ := callerOf(ctx); c != nil && c.Terminal() == nil {
			_ = t.Acquire(ctx, false)
		}
	}
}

// giveUp is TIOCNOTTY.
func (t *TTY) giveUp(ctx vfs.Ctx) error {
	c, _ := callerOf(ctx)
	if c == nil {
		return unix.ENOTTY
	}
	return c.DropTerminal(t)
}

// setForeground is TIOCSPGRP.
func (t *TTY) setForeground(ctx vfs.Ctx, pgid int32) error {
	switch err := t.checkBackground(ctx, int(unix.SIGTTOU)); err {
	case nil:
	case unix.EIO:
		return unix.ENOTTY
	default:
		return err
	}
	c, _ := callerOf(ctx)
	if c == nil {
		return unix.ENOTTY
	}
	return c.SetForeground(t, pgid)
}

// session is what TIOCGSID and TIOCGPGRP say; 0: none.
func (t *TTY) session(ctx vfs.Ctx) (sid, pgid int32) {
	t.mu.Lock()
	jobs := t.jobs
	t.mu.Unlock()
	if jobs == nil {
		return 0, 0
	}
	sid, pgid = jobs.TerminalSession(t), jobs.Foreground(t)
	if c, ok := ctx.(*task.Task); ok {
		return c.ShowPid(sid), c.ShowPid(pgid)
	}
	return sid, pgid
}

// ForegroundGroup is the process group that O_ASYNC tells if nobody said whom to; 0: the process that set it.
func (f *file) ForegroundGroup() int32 {
	t := f.tty
	t.mu.Lock()
	jobs := t.jobs
	t.mu.Unlock()
	if jobs == nil {
		return 0
	}
	return jobs.Foreground(t)
}

// ForegroundGroup is that of the other side, which is nobody's.
func (m *master) ForegroundGroup() int32 { return 0 }
