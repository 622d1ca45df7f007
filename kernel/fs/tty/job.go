// SPDX-License-Identifier: Apache-2.0

// Job control: controlling terminals, foreground and background groups
// (credentials(7), tcsetpgrp(3)).

package tty

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Jobs is what terminals ask of all tasks. Ids are those of the sandbox's
// first pid namespace. Safe for concurrent use.
type Jobs interface {
	// SignalGroup sends a signal of the kernel's to every process of a group;
	// a negative id is the leader of that session alone.
	SignalGroup(pgid int32, signo int)
	// GroupSession is the session that a group belongs to; false: no such group.
	GroupSession(pgid int32) (sid int32, ok bool)
}

// Caller is what terminals ask of the task that uses one, beside vfs.Ctx.
type Caller interface {
	Jobs() Jobs
	SessionID() int32
	GroupID() int32
	// SessionLeader tells whether the caller's process leads its session.
	SessionLeader() bool
	// GroupOrphaned tells whether nobody could continue the caller's group.
	GroupOrphaned() bool
	// SignalIgnored tells whether the caller blocks or ignores a signal.
	SignalIgnored(signo int) bool
}

type jobState struct {
	jobs      Jobs
	sid, pgid int32 // 0: none
}

// due is a signal to be sent once the terminal's lock is dropped.
type due struct {
	pgid  int32
	signo int
}

// signalLocked is a signal for the foreground group.
func (t *TTY) signalLocked(signo int) {
	if t.job.pgid != 0 {
		t.due = append(t.due, due{t.job.pgid, signo})
	}
}

// controllers knows the controlling terminal of each session.
type controllers struct {
	mu    sync.Mutex
	bySID map[sessionKey]*TTY
}

// sessionKey: several kernels may live in one process (in tests).
type sessionKey struct {
	jobs Jobs
	sid  int32
}

var controlling = controllers{bySID: map[sessionKey]*TTY{}}

func (c *controllers) of(caller Caller) *TTY {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bySID[sessionKey{caller.Jobs(), caller.SessionID()}]
}

func (c *controllers) set(jobs Jobs, sid int32, t *TTY) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bySID[sessionKey{jobs, sid}] = t
}

func (c *controllers) clear(sid int32, t *TTY) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.bySID, sessionKey{t.job.jobs, sid})
}

// Controlling is the controlling terminal of the caller: nil if none.
func Controlling(ctx vfs.Ctx) *TTY {
	c, ok := ctx.(Caller)
	if !ok {
		return nil
	}
	return controlling.of(c)
}

// SetController makes t the controlling terminal of a session, with a
// foreground group: how a sandbox's first process gets its terminal.
func (t *TTY) SetController(jobs Jobs, sid, pgid int32) {
	t.mu.Lock()
	defer t.unlock()
	t.job = jobState{jobs, sid, pgid}
	controlling.set(jobs, sid, t)
}

// Session is the session that t controls and its foreground group (0: none).
func (t *TTY) Session() (sid, pgid int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.job.sid, t.job.pgid
}

// SessionEnded is to be called when the leader of a session exits or gives its
// terminal up: the foreground group gets SIGHUP and SIGCONT, and a leader that
// exits hangs the terminal up.
func SessionEnded(jobs Jobs, sid int32, exits bool) {
	controlling.mu.Lock()
	t := controlling.bySID[sessionKey{jobs, sid}]
	controlling.mu.Unlock()
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.unlock()
	if pgid := t.job.pgid; pgid != 0 {
		t.due = append(t.due, due{pgid, int(unix.SIGHUP)}, due{pgid, int(unix.SIGCONT)})
	}
	controlling.clear(sid, t)
	t.job.sid, t.job.pgid = 0, 0
	if exits && t.pty != nil {
		t.hangUpLocked()
	}
}

// checkBackground refuses what a background group may not do (tty_check_change
// and job_control): EIO, or a signal that stops the group, and the call again.
func (t *TTY) checkBackground(ctx vfs.Ctx, signo int) error {
	c, ok := ctx.(Caller)
	if !ok || controlling.of(c) != t {
		return nil
	}
	_, fg := t.Session()
	pgid := c.GroupID()
	switch {
	case fg == 0 || fg == pgid:
		return nil
	case c.SignalIgnored(signo):
		if signo == int(unix.SIGTTIN) {
			return unix.EIO
		}
		return nil
	case c.GroupOrphaned():
		return unix.EIO
	}
	c.Jobs().SignalGroup(pgid, signo)
	return restart
}

// acquire is TIOCSCTTY.
func (t *TTY) acquire(ctx vfs.Ctx, f *vfs.File, steal bool) error {
	c, ok := ctx.(Caller)
	if !ok {
		return unix.EPERM
	}
	sid := c.SessionID()
	owner, _ := t.Session()
	admin := ctx.Creds().Capable(unix.CAP_SYS_ADMIN)
	switch {
	case c.SessionLeader() && owner == sid:
		return nil
	case !c.SessionLeader() || controlling.of(c) != nil:
		return unix.EPERM
	case owner != 0 && !(steal && admin):
		return unix.EPERM
	case !f.Readable() && !admin:
		return unix.EPERM
	}
	if owner != 0 {
		controlling.clear(owner, t)
	}
	t.SetController(c.Jobs(), sid, c.GroupID())
	return nil
}

// AcquireOnOpen makes t the caller's controlling terminal if it leads a session
// that has none, as open(2) without O_NOCTTY does.
func (t *TTY) AcquireOnOpen(ctx vfs.Ctx, flags uint32) {
	c, ok := ctx.(Caller)
	if !ok || flags&unix.O_NOCTTY != 0 || flags&unix.O_ACCMODE == unix.O_WRONLY || !c.SessionLeader() {
		return
	}
	if sid, _ := t.Session(); sid == 0 && controlling.of(c) == nil {
		t.SetController(c.Jobs(), c.SessionID(), c.GroupID())
	}
}

// giveUp is TIOCNOTTY. Only the leader's giving up is known here: another
// process of the session keeps the terminal.
func (t *TTY) giveUp(ctx vfs.Ctx) error {
	c, ok := ctx.(Caller)
	if !ok || controlling.of(c) != t {
		return unix.ENOTTY
	}
	if c.SessionLeader() {
		SessionEnded(c.Jobs(), c.SessionID(), false)
	}
	return nil
}

// setForeground is TIOCSPGRP, on the side of the terminal that has the session.
func (t *TTY) setForeground(ctx vfs.Ctx, pgid int32) error {
	switch err := t.checkBackground(ctx, int(unix.SIGTTOU)); err {
	case nil:
	case unix.EIO:
		return unix.ENOTTY
	default:
		return err
	}
	c, ok := ctx.(Caller)
	if !ok || controlling.of(c) != t {
		return unix.ENOTTY
	}
	if pgid < 0 {
		return unix.EINVAL
	}
	sid, ok := c.Jobs().GroupSession(pgid)
	switch {
	case !ok:
		return unix.ESRCH
	case sid != c.SessionID():
		return unix.EPERM
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.job.pgid = pgid
	return nil
}
