// SPDX-License-Identifier: Apache-2.0

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// Terminal is a terminal as job control sees it: something that can be the
// controlling terminal of one session. It must be comparable.
type Terminal interface {
	// HangUp is called when the session leader that owns the terminal exits.
	HangUp()
}

// SetTerminal makes tty the controlling terminal of the session that t leads
// (TIOCSCTTY): EPERM if t leads none, or has another one, or tty belongs to
// another session, unless steal says that it may be taken away.
func (t *Task) SetTerminal(tty Terminal, steal bool) error {
	k, g := t.kernel, t.group
	k.mu.Lock()
	defer k.mu.Unlock()
	s := g.session
	if s.id == g.ID() && s.tty == tty {
		return nil
	}
	if s.id != g.ID() || s.tty != nil {
		return unix.EPERM
	}
	if other := k.ttys[tty]; other != nil {
		if !steal {
			return unix.EPERM
		}
		other.tty, other.foreground = nil, nil
	}
	s.tty, s.foreground = tty, g.pgrp
	k.ttys[tty] = s
	return nil
}

// Terminal is the controlling terminal of the task's session, or nil.
func (t *Task) Terminal() Terminal {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	return t.group.session.tty
}

// TerminalSession is the session that tty controls (TIOCGSID), 0 if none.
func (k *Kernel) TerminalSession(tty Terminal) int32 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if s := k.ttys[tty]; s != nil {
		return s.id
	}
	return 0
}

// Foreground is the foreground process group of the terminal, 0 if none.
func (k *Kernel) Foreground(tty Terminal) int32 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if s := k.ttys[tty]; s != nil && s.foreground != nil {
		return s.foreground.id
	}
	return 0
}

// SetForeground is TIOCSPGRP for t: ENOTTY if tty is not its controlling
// terminal, ESRCH or EPERM if the group is none of its session's.
func (t *Task) SetForeground(tty Terminal, pgid int32) error {
	k := t.kernel
	k.mu.Lock()
	defer k.mu.Unlock()
	s := t.group.session
	if s.tty != tty {
		return unix.ENOTTY
	}
	if pgid < 0 {
		return unix.EINVAL
	}
	e := t.PidNS().pids[pgid]
	if e == nil {
		return unix.ESRCH
	}
	if e.pgrp == nil || e.pgrp.session != s {
		return unix.EPERM
	}
	s.foreground = e.pgrp
	return nil
}

// SignalForeground sends a signal of the terminal's (SIGINT, SIGWINCH, ...) to
// its foreground job.
func (k *Kernel) SignalForeground(tty Terminal, signo int) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if s := k.ttys[tty]; s != nil && s.foreground != nil {
		info := KernelInfo(signo)
		s.foreground.signal(&info)
	}
}

// JobControlCheck is what a background job meets that uses its terminal, with
// SIGTTIN for reading and SIGTTOU for writing or changing: nil if t may go on,
// EIO, or a restart code once the signal was sent (tty_check_change,
// job_control).
func (t *Task) JobControlCheck(tty Terminal, signo int) error {
	k, g := t.kernel, t.group
	k.mu.RLock()
	defer k.mu.RUnlock()
	s := g.session
	if s.tty != tty || s.foreground == nil || s.foreground == g.pgrp {
		return nil
	}
	ignored := t.blocked.Has(signo) || t.actionIgnores(signo)
	switch {
	case ignored && signo == int(abi.SIGTTIN):
		return unix.EIO
	case ignored:
		return nil
	case k.pgrpOrphaned(g.pgrp, nil):
		return unix.EIO
	}
	info := KernelInfo(signo)
	g.pgrp.signal(&info)
	t.work.Or(workSignal)
	return abi.ERESTARTSYS
}

func (t *Task) actionIgnores(signo int) bool {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.actions[signo].Handler == SigIgn
}

// leaveTerminal is the end of a session leader: its terminal hangs up, and
// the foreground job is told (disassociate_ctty).
func (t *Task) leaveTerminal() {
	k := t.kernel
	k.mu.Lock()
	s := t.group.session
	if s.id != t.group.ID() || s.tty == nil {
		k.mu.Unlock()
		return
	}
	tty, fg := s.tty, s.foreground
	s.tty, s.foreground = nil, nil
	delete(k.ttys, tty)
	if fg != nil {
		hup, cont := KernelInfo(abi.SIGHUP), KernelInfo(abi.SIGCONT)
		fg.signal(&hup)
		fg.signal(&cont)
	}
	k.mu.Unlock()
	tty.HangUp()
}

// DropTerminal is TIOCNOTTY: a leader's session loses its terminal.
func (t *Task) DropTerminal(tty Terminal) error {
	t.kernel.mu.RLock()
	mine := t.group.session.tty == tty
	t.kernel.mu.RUnlock()
	if !mine {
		return unix.ENOTTY
	}
	t.leaveTerminal()
	return nil
}

// HangUpTerminal tells the session of a terminal that its far end is gone: the
// leader and the foreground job get SIGHUP and SIGCONT, and the session has no
// terminal any more (tty_signal_session_leader).
func (k *Kernel) HangUpTerminal(tty Terminal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.ttys[tty]
	if s == nil {
		return
	}
	leader, fg := k.lookupGroup(s.id), s.foreground
	s.tty, s.foreground = nil, nil
	delete(k.ttys, tty)
	hup, cont := KernelInfo(abi.SIGHUP), KernelInfo(abi.SIGCONT)
	if fg != nil {
		fg.signal(&hup)
		fg.signal(&cont)
	}
	if leader != nil && (fg == nil || leader.pgrp != fg) {
		_ = leader.send(nil, &hup)
		_ = leader.send(nil, &cont)
	}
}
