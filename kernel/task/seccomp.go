// SPDX-License-Identifier: Apache-2.0

// This file is seccomp(2): which calls a task may make, and what becomes of
// those that it may not (kernel/seccomp.c). A task without a filter pays
// nothing for it: its bit in Task.hooks is not set.

package task

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/seccomp"
)

// seccompState is what a task may call. It is replaced, never changed.
type seccompState struct {
	mode   int
	filter *seccomp.Filter // the newest; nil in strict mode
}

var noSeccomp seccompState

func (t *Task) seccompState() *seccompState {
	if s := t.seccomp.Load(); s != nil {
		return s
	}
	return &noSeccomp
}

// Seccomp is the task's mode and the number of its filters. Any goroutine.
func (t *Task) Seccomp() (mode, filters int) {
	s := t.seccompState()
	return s.mode, s.filter.Count()
}

// SetSeccompStrict is SECCOMP_SET_MODE_STRICT: EINVAL. Such a task reads no
// time-stamp counter.
func (t *Task) SetSeccompStrict() error {
	if err := t.assignStrict(); err != nil {
		return err
	}
	_ = t.SetTSC(TSCFaults)
	return nil
}

func (t *Task) assignStrict() error {
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if !t.seccompState().mayBecome(seccomp.ModeStrict) {
		return unix.EINVAL
	}
	t.assignSeccomp(&seccompState{mode: seccomp.ModeStrict})
	return nil
}

// mayBecome is seccomp_may_assign_mode: a mode is for life.
func (s *seccompState) mayBecome(mode int) bool {
	return s.mode == seccomp.ModeDisabled || s.mode == mode
}

func (t *Task) assignSeccomp(s *seccompState) {
	t.seccomp.Store(s)
	hooks := uint32(hookSeccomp)
	if !s.allowsAll(unix.SYS_FUTEX) {
		hooks |= hookFutex
	}
	if !s.allowsAll(unix.SYS_FUTEX_WAITV, unix.SYS_FUTEX_WAKE, unix.SYS_FUTEX_WAIT, unix.SYS_FUTEX_REQUEUE) {
		hooks |= hookFutex2
	}
	t.hooks.Or(hooks)
}

// allowsAll tells whether calls are let through whatever their arguments.
func (s *seccompState) allowsAll(nrs ...uint32) bool {
	for _, nr := range nrs {
		if s.mode == seccomp.ModeStrict || !s.filter.Allows(nr) {
			return false
		}
	}
	return true
}

// InstallSeccomp puts a filter on top of those that the task has. It does not
// ask whether the task may: that is the system call's question, and not one
// for a container's profile, which is installed before the task starts. The
// answers are EINVAL in strict mode, EBUSY for a second listener, ENOMEM for
// too long a chain. With sync all threads of the group get the chain; if one
// can't, its id is answered.
func (t *Task) InstallSeccomp(f *seccomp.Filter, sync bool) (blocker int32, err error) {
	k := t.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	s := t.seccompState()
	switch {
	case !s.mayBecome(seccomp.ModeFilter):
		return 0, unix.EINVAL
	case f.Listener() != nil && s.filter.HasListener():
		return 0, unix.EBUSY
	}
	// Linux reckons the length before it looks at the threads; attaching
	// counts uses, so it comes last.
	if f.TooLong(s.filter) {
		return 0, unix.ENOMEM
	}
	if sync {
		if other := t.outOfSync(s.filter); other != nil {
			return other.TID(), nil
		}
	}
	f.Attach(s.filter)
	t.assignSeccomp(&seccompState{mode: seccomp.ModeFilter, filter: f})
	if sync {
		t.syncSeccomp()
	}
	return 0, nil
}

// outOfSync is a thread of the group with filters of its own, or in strict
// mode (seccomp_can_sync_threads). Caller holds SigHand.mu.
func (t *Task) outOfSync(mine *seccomp.Filter) *Task {
	for _, other := range t.group.threads {
		if other == t || other.exiting {
			continue
		}
		s := other.seccompState()
		if s.mode == seccomp.ModeDisabled || s.mode == seccomp.ModeFilter && mine.Extends(s.filter) {
			continue
		}
		return other
	}
	return nil
}

// syncSeccomp gives the other threads t's filters, and what goes with them.
func (t *Task) syncSeccomp() {
	mine := t.seccompState()
	for _, other := range t.group.threads {
		if other == t || other.exiting {
			continue
		}
		old := other.seccompState().filter
		mine.filter.Use()
		other.assignSeccomp(mine)
		if other.thread != nil {
			other.thread.Kick() // it comes in, and goes on with what its filter allows: see beforeRun
		}
		old.Drop()
		if t.Creds().NoNewPrivs {
			other.giveUpNewPrivs()
		}
	}
}

// giveUpNewPrivs sets no_new_privs from any goroutine. SetCreds looks at the
// flag after it has stored, and this stores after it has set the flag: so one
// of the two finds what the other did.
func (t *Task) giveUpNewPrivs() {
	t.noNewPrivs.Store(true)
	for {
		old := t.creds.Load()
		if old == nil || old.NoNewPrivs {
			return
		}
		c := old.Copy()
		c.NoNewPrivs = true
		if t.creds.CompareAndSwap(old, c) {
			return
		}
	}
}

// inheritSeccomp is for a child of t that nobody knows yet. Caller holds
// SigHand.mu, so that a thread that syncs its filters meets both or neither.
func (c *Task) inheritSeccomp(t *Task) {
	if t.noNewPrivs.Load() {
		c.giveUpNewPrivs()
	}
	s := t.seccomp.Load()
	if s == nil {
		return
	}
	s.filter.Use()
	c.assignSeccomp(s)
}

// dropSeccomp is for a task that exits; nobody syncs with it any more. What it
// was shows until it is waited for.
func (t *Task) dropSeccomp() {
	if s := t.seccomp.Load(); s != nil {
		s.filter.Drop()
	}
}

// askSeccomp asks whether the call at hand may be made. If not, skip is true
// and the rest is its result.
func (t *Task) askSeccomp() (ret uint64, err error, skip bool) {
	if t.seccompSuspended() {
		return 0, nil, false
	}
	s := t.seccompState()
	if s.mode == seccomp.ModeStrict {
		return t.strictSeccomp()
	}
	if s.filter.Allows(uint32(t.ev.Nr)) {
		return 0, nil, false
	}
	d := t.seccompData()
	action, filter := s.filter.Run(&d)
	if action.Full() == seccomp.Trace && t.traceSeccomp(action.Data()) {
		// The tracer may have changed the call: the filters look again, and
		// another TRACE means that they have been heard.
		if d = t.seccompData(); d.Nr < 0 {
			return t.thread.Regs().Rax, nil, true
		}
		if action, filter = s.filter.Run(&d); action.Full() == seccomp.Trace {
			return 0, nil, false
		}
	}
	return t.obeySeccomp(action, filter, &d)
}

// seccompSuspended tells whether the tracer keeps the task's filters from being
// asked (PTRACE_O_SUSPEND_SECCOMP).
func (t *Task) seccompSuspended() bool {
	if t.pt.work.Load() == 0 {
		return false
	}
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.pt.tracer != nil && t.pt.options&unix.PTRACE_O_SUSPEND_SECCOMP != 0
}

func (t *Task) obeySeccomp(action seccomp.Action, f *seccomp.Filter, d *seccomp.Data) (ret uint64, err error, skip bool) {
	switch action.Full() {
	case seccomp.Allow:
		return 0, nil, false
	case seccomp.Log:
		t.logSeccomp(d, action)
		return 0, nil, false
	case seccomp.Errno:
		if f.Logs() {
			t.logSeccomp(d, action)
		}
		const maxErrno = 4095
		return -uint64(min(action.Data(), maxErrno)), nil, true
	case seccomp.Trap:
		if f.Logs() {
			t.logSeccomp(d, action)
		}
		t.forceSeccompSignal(d, action.Data())
		return t.originalRAX(), nil, true
	case seccomp.Trace:
		return 0, unix.ENOSYS, true
	case seccomp.UserNotif:
		return t.notifySeccomp(f, d)
	}
	t.logSeccomp(d, action)
	if action.Full() == seccomp.KillThread && t.group.severalLive() {
		t.exitCode = int32(abi.SIGSYS)
	} else {
		t.groupExit(int32(abi.SIGSYS))
	}
	return 0, errExit, true
}

// originalRAX is rax as it was before the call: its number.
func (t *Task) originalRAX() uint64 {
	if r := t.thread.Regs(); int32(r.Orig_rax) == -1 {
		return r.Rax
	}
	return t.thread.Regs().Orig_rax
}

func (g *ThreadGroup) severalLive() bool {
	g.sighand.mu.Lock()
	defer g.sighand.mu.Unlock()
	return g.live > 1
}

// strictSeccomp lets four calls through; any other ends the thread.
func (t *Task) strictSeccomp() (ret uint64, err error, skip bool) {
	switch uint32(t.ev.Nr) {
	case unix.SYS_READ, unix.SYS_WRITE, unix.SYS_EXIT, unix.SYS_RT_SIGRETURN:
		return 0, nil, false
	}
	d := t.seccompData()
	t.logSeccomp(&d, seccomp.KillThread)
	t.exitCode = int32(abi.SIGKILL)
	return 0, errExit, true
}

func (t *Task) logSeccomp(d *seccomp.Data, action seccomp.Action) {
	if f := t.kernel.LogSeccomp; f != nil {
		f(t, d.Nr, d.Arch, d.IP, action)
	}
}

// forceSeccompSignal is SECCOMP_RET_TRAP: SIGSYS, with what the call was.
func (t *Task) forceSeccompSignal(d *seccomp.Data, reason uint16) {
	info := abi.SigInfo{Signo: abi.SIGSYS, Code: abi.SYS_SECCOMP, Errno: int32(reason)}
	info.SetCallAddr(d.IP)
	info.SetSyscall(d.Nr)
	info.SetArch(d.Arch)
	t.forceSignal(&info)
}

const auditArchI386 = 0x40000003

// seccompData is the call at hand as filters see it.
func (t *Task) seccompData() seccomp.Data {
	r := t.thread.Regs()
	d := seccomp.Data{Nr: int32(uint32(t.ev.Nr)), Arch: unix.AUDIT_ARCH_X86_64, IP: r.Rip, Args: t.ev.Args}
	if d.Nr == -1 && t.came32(r.Rip) {
		d.Nr, d.Arch = int32(uint32(r.Rax)), auditArchI386
		for i, v := range [6]uint64{r.Rbx, r.Rcx, r.Rdx, r.Rsi, r.Rdi, r.Rbp} {
			d.Args[i] = uint64(uint32(v))
		}
	}
	return d
}

// came32 tells whether a call that has no number of ours came by int $0x80.
func (t *Task) came32(rip uint64) bool {
	var insn [2]byte
	_, err := t.thread.ReadMemory(rip-2, insn[:])
	return err == nil && insn == [2]byte{0xcd, 0x80}
}

// notifySeccomp is SECCOMP_RET_USER_NOTIF: another process says what becomes
// of the call (seccomp_do_user_notification).
func (t *Task) notifySeccomp(f *seccomp.Filter, d *seccomp.Data) (ret uint64, err error, skip bool) {
	l := f.Listener()
	if l == nil {
		return 0, unix.ENOSYS, true
	}
	n := l.Post(d, t)
	if n == nil {
		return 0, unix.ENOSYS, true
	}
	defer l.Remove(n)
	for {
		fd, reply, done := l.Next(n)
		switch {
		case fd != nil:
			got, err := fd.Install(t)
			l.Finish(n, fd, got, err)
			continue
		case done && reply.Continue:
			return 0, nil, false
		case done && reply.Error != 0:
			return uint64(int64(reply.Error)), nil, true
		case done:
			return uint64(reply.Val), nil, true
		}
		if err := t.awaitReply(l, n); err != nil {
			return 0, err, true
		}
	}
}

// awaitReply waits until there may be something to do about n. Once the
// supervisor has it, the filter may want only death to end the wait.
func (t *Task) awaitReply(l *seccomp.Listener, n *seccomp.Notification) error {
	killable := l.Killable(n)
	var err error
	if killable {
		err = t.SleepKillable(time.Time{})
	} else {
		err = t.Sleep(time.Time{})
	}
	if err != nil && !killable && l.Killable(n) {
		return nil
	}
	return err
}
