// SPDX-License-Identifier: Apache-2.0

// This file has process groups and sessions, and job control's rules about
// orphaned groups and terminals (credentials(7), setpgid(2), setsid(2)).

package task

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// ProcessGroup is a job. Kernel.mu guards it.
type ProcessGroup struct {
	id      int32
	session *Session
	groups  []*ThreadGroup
}

// Session is the jobs of one login. Kernel.mu guards it.
type Session struct {
	id         int32
	pgrps      int
	tty        Terminal
	foreground *ProcessGroup
}

// groups are all thread groups, in the order of their ids. Caller holds k.mu.
func (k *Kernel) groups() []*ThreadGroup {
	var l []*ThreadGroup
	for pid, e := range k.pids {
		if e.task != nil && pid == e.task.group.ID() {
			l = append(l, e.task.group)
		}
	}
	slices.SortFunc(l, func(a, b *ThreadGroup) int { return int(a.ID() - b.ID()) })
	return l
}

// newSession makes g the leader of a session and a process group of its own.
// Caller holds Kernel.mu.
func (k *Kernel) newSession(g *ThreadGroup) {
	s := &Session{id: g.ID()}
	k.pids[s.id].session = s
	g.session = s
	k.joinPgrp(g, k.newPgrp(s, s.id))
}

func (k *Kernel) newPgrp(s *Session, id int32) *ProcessGroup {
	p := &ProcessGroup{id: id, session: s}
	s.pgrps++
	k.pids[id].pgrp = p
	return p
}

func (k *Kernel) joinPgrp(g *ThreadGroup, p *ProcessGroup) {
	g.pgrp = p
	g.session = p.session
	p.groups = append(p.groups, g)
}

// leavePgrp takes g out of its process group, which ends with its last member.
func (k *Kernel) leavePgrp(g *ThreadGroup) {
	p := g.pgrp
	if i := slices.Index(p.groups, g); i >= 0 {
		p.groups = slices.Delete(p.groups, i, i+1)
	}
	if len(p.groups) > 0 {
		return
	}
	if e := k.pids[p.id]; e != nil {
		e.pgrp = nil
		k.freePid(p.id)
	}
	s := p.session
	if s.foreground == p {
		s.foreground = nil
	}
	if s.pgrps--; s.pgrps > 0 {
		return
	}
	if e := k.pids[s.id]; e != nil {
		e.session = nil
		k.freePid(s.id)
	}
	if s.tty != nil {
		delete(k.ttys, s.tty)
	}
}

// Setsid is setsid(2).
func (t *Task) Setsid() (int32, error) {
	k, g := t.kernel, t.group
	k.mu.Lock()
	defer k.mu.Unlock()
	if g.session.id == g.ID() || k.pids[g.ID()].pgrp != nil {
		return 0, unix.EPERM
	}
	k.leavePgrp(g)
	k.newSession(g)
	return g.ID(), nil
}

// Setpgid is setpgid(2), in Linux's order of checks.
func (t *Task) Setpgid(pid, pgid int32) error {
	k, self := t.kernel, t.group
	if pid == 0 {
		pid = self.ID()
	}
	if pgid == 0 {
		pgid = pid
	}
	if pgid < 0 {
		return unix.EINVAL
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	target := k.lookup(pid)
	if target == nil {
		return unix.ESRCH
	}
	if !target.IsLeader() {
		return unix.EINVAL
	}
	g := target.group
	if g.parent != nil && g.parent.group == self {
		switch {
		case g.session != self.session:
			return unix.EPERM
		case g.hasExeced:
			return unix.EACCES
		}
	} else if g != self {
		return unix.ESRCH
	}
	if g.session.id == g.ID() {
		return unix.EPERM
	}
	var p *ProcessGroup
	if pgid != pid {
		e := k.pids[pgid]
		if e == nil || e.pgrp == nil || e.pgrp.session != self.session {
			return unix.EPERM
		}
		p = e.pgrp
	} else if e := k.pids[pgid]; e.pgrp != nil {
		p = e.pgrp
	} else {
		p = k.newPgrp(g.session, pgid)
	}
	if p != g.pgrp {
		k.leavePgrp(g)
		k.joinPgrp(g, p)
	}
	return nil
}

// orphaned tells whether nobody could continue the job that g belongs to.
func (k *Kernel) orphaned(g *ThreadGroup) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.pgrpOrphaned(g.pgrp, nil)
}

// pgrpOrphaned is will_become_orphaned_pgrp: no member, but for the one to
// ignore, has a parent in another group of the same session.
func (k *Kernel) pgrpOrphaned(p *ProcessGroup, ignored *ThreadGroup) bool {
	for _, g := range p.groups {
		if g == ignored || g.zombie || g.parent == nil || g.parent == k.initTask {
			continue
		}
		if pg := g.parent.group; pg.pgrp != p && pg.session == g.session {
			return false
		}
	}
	return true
}

// killOrphaned sends SIGHUP and SIGCONT to a job that has stopped members and
// is orphaned by g's death, or by g's loss of its parent (if given).
func (k *Kernel) killOrphaned(g, parent *ThreadGroup) {
	ignored := g
	if parent == nil {
		if g.parent == nil {
			return
		}
		parent = g.parent.group
	} else {
		ignored = nil
	}
	p := g.pgrp
	if parent.pgrp == p || parent.session != g.session || !k.pgrpOrphaned(p, ignored) || !p.hasStopped() {
		return
	}
	hup, cont := KernelInfo(abi.SIGHUP), KernelInfo(abi.SIGCONT)
	p.signal(&hup)
	p.signal(&cont)
}

func (p *ProcessGroup) hasStopped() bool {
	return slices.ContainsFunc(p.groups, func(g *ThreadGroup) bool {
		g.sighand.mu.Lock()
		defer g.sighand.mu.Unlock()
		return g.stop.stopped
	})
}

// signal sends to every member. Caller holds Kernel.mu.
func (p *ProcessGroup) signal(info *abi.SigInfo) {
	for _, g := range p.groups {
		_ = g.send(nil, info)
	}
}
