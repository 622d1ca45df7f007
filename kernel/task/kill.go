// SPDX-License-Identifier: Apache-2.0

package task

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/landlock"
)

// mayKill is check_kill_permission: t may send the signal to the group that
// target belongs to. Caller holds Kernel.mu.
func (t *Task) mayKill(target *Task, signo int) error {
	if signo < 0 || signo > NSig {
		return unix.EINVAL
	}
	if target.group == t.group {
		return nil
	}
	c, o := t.Creds(), target.Creds()
	if !landlock.MayReach(c.Domain, o.Domain, landlock.ScopeSignal) {
		return unix.EPERM
	}
	if c.EUID == o.SUID || c.EUID == o.RUID || c.RUID == o.SUID || c.RUID == o.RUID ||
		c.CapableIn(o.NS(), unix.CAP_KILL) {
		return nil
	}
	if signo == abi.SIGCONT && t.group.session == target.group.session {
		return nil
	}
	return unix.EPERM
}

// sendChecked sends after the permission check; signal 0 only checks. Caller
// holds Kernel.mu.
func (t *Task) sendChecked(target *Task, thread bool, signo int, info *abi.SigInfo) error {
	if err := t.mayKill(target, signo); err != nil || signo == 0 {
		return err
	}
	if ns, to := t.Creds().NS(), target.Creds().NS(); ns != to && info.Code <= 0 {
		// The receiver sees the sender's user as its own namespace calls it.
		own := *info
		own.SetUID(to.ShowUID(ns.ToUID(info.UID())))
		info = &own
	}
	// Whoever has no number there is an ancestor, whom even init obeys.
	force := t.kernel.showPid(t.Pid(), target.PidNS()) == 0
	if force && info.Code <= 0 {
		own := *info
		own.SetPid(0)
		info = &own
	}
	if !thread {
		return target.group.sendForced(nil, info, force)
	}
	return target.group.sendForced(target, info, force)
}

// Kill is kill(2): to a process, a process group (0: the caller's own), or
// everyone that the caller sees but pid 1 and itself (-1).
func (t *Task) Kill(pid int32, signo int, info *abi.SigInfo) error {
	if pid > 0 {
		return t.KillProcess(pid, signo, info)
	}
	if pid == math.MinInt32 {
		return unix.ESRCH
	}
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	if pid == -1 {
		return t.killEveryone(signo, info)
	}
	p := t.group.pgrp
	if pid < 0 {
		e := k.pids[-pid]
		if e == nil || e.pgrp == nil {
			return unix.ESRCH
		}
		p = e.pgrp
	}
	sent, result := false, error(unix.ESRCH)
	for _, g := range p.groups {
		if err := t.sendChecked(g.leader, false, signo, info); err == nil {
			sent = true
		} else {
			result = err
		}
	}
	if sent {
		return nil
	}
	return result
}

func (t *Task) killEveryone(signo int, info *abi.SigInfo) error {
	count, result, ns := 0, error(nil), t.PidNS()
	for _, g := range t.kernel.groups() {
		if t.kernel.showPid(g.ID(), ns) <= 1 || g == t.group {
			continue
		}
		count++
		if err := t.sendChecked(g.leader, false, signo, info); err != unix.EPERM {
			result = err
		}
	}
	if count == 0 {
		return unix.ESRCH
	}
	return result
}

// KillProcess sends to the process that the thread pid belongs to.
func (t *Task) KillProcess(pid int32, signo int, info *abi.SigInfo) error {
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	target := k.lookup(pid)
	if target == nil {
		return unix.ESRCH
	}
	return t.sendChecked(target, false, signo, info)
}

// KillThread sends to one thread, which must belong to tgid (0: any).
func (t *Task) KillThread(tgid, pid int32, signo int, info *abi.SigInfo) error {
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	target := k.lookup(pid)
	if target == nil || tgid != 0 && target.group.ID() != tgid {
		return unix.ESRCH
	}
	return t.sendChecked(target, true, signo, info)
}

// KillGroup sends to a process that the caller has a hold on (pidfd).
func (t *Task) KillGroup(g *ThreadGroup, signo int, info *abi.SigInfo) error {
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	if g.reaped {
		return unix.ESRCH
	}
	return t.sendChecked(g.leader, false, signo, info)
}

// KillPgrp sends to a process group on behalf of nobody (F_SETOWN), where
// allowed, which is given each member's credentials, agrees.
func (k *Kernel) KillPgrp(pgid int32, info *abi.SigInfo, allowed func(*cred.Creds) bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	e := k.pids[pgid]
	if e == nil || e.pgrp == nil {
		return
	}
	for _, g := range e.pgrp.groups {
		if allowed == nil || allowed(g.leader.Creds()) {
			_ = g.send(nil, info)
		}
	}
}
