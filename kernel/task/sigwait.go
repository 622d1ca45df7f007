// SPDX-License-Identifier: Apache-2.0

package task

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// Pause is pause(2).
func (t *Task) Pause() error {
	for {
		if err := t.Sleep(time.Time{}); err != nil {
			return abi.ERESTARTNOHAND
		}
	}
}

// Suspend is rt_sigsuspend(2).
func (t *Task) Suspend(set SigSet) error {
	t.SwapMask(set)
	return t.Pause()
}

// SwapMask blocks other signals for the length of one call (ppoll, pselect,
// epoll_pwait, rt_sigsuspend). If the call answers EINTR or a restart code
// the mask comes back by itself, after the handler; otherwise the call ends
// with RestoreMask.
func (t *Task) SwapMask(set SigSet) {
	t.savedMask, t.restoreMask = t.blocked, true
	t.SetBlocked(set)
}

// RestoreMask undoes SwapMask for a call that was not interrupted.
func (t *Task) RestoreMask() {
	if t.restoreMask {
		t.restoreMask = false
		t.SetBlocked(t.savedMask)
	}
}

// WaitSignal is rt_sigtimedwait(2): it takes a signal of the set, waiting for
// timeout at most (0: not at all; negative: for ever). EAGAIN when the time is
// up, EINTR when another signal came.
func (t *Task) WaitSignal(set SigSet, timeout time.Duration, info *abi.SigInfo) error {
	set &^= sigKernelOnly
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.dequeue(^set, info) {
		t.recalc()
		return nil
	}
	if timeout == 0 {
		return unix.EAGAIN
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	// What is waited for counts as not blocked, so that it is sent here.
	blocked := t.blocked
	t.waitingOn = blocked & set
	t.blocked = blocked &^ set
	t.recalc()
	got := false
	var err error
	for !got && err == nil {
		h.mu.Unlock()
		err = t.Sleep(deadline)
		h.mu.Lock()
		got = t.dequeue(^set, info)
	}
	t.waitingOn = 0
	t.blocked = blocked
	t.recalc()
	switch {
	case got:
		return nil
	case err == unix.ETIMEDOUT:
		return unix.EAGAIN
	}
	return unix.EINTR
}
