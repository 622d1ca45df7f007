// SPDX-License-Identifier: Apache-2.0

// This file is syscall user dispatch (prctl(2), PR_SET_SYSCALL_USER_DISPATCH): calls
// from outside a range of text become SIGSYS, as a byte of the task's memory says.
// Neither a child nor the next program has it.

package task

import (
	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// UserDispatch says whose calls are dispatched: all but those from the Len bytes at Offset.
type UserDispatch struct {
	Offset, Len uint64
	Selector    user.Addr // of the byte that says whether; 0: always
}

// What the selector says.
const (
	dispatchAllow = 0 // SYSCALL_DISPATCH_FILTER_ALLOW
	dispatchBlock = 1
)

// UserDispatch is how the task's calls are dispatched; nil: they are not.
func (t *Task) UserDispatch() *UserDispatch { return t.dispatch.Load() }

// SetUserDispatch sets it (nil: off); also for a stopped tracee.
func (t *Task) SetUserDispatch(d *UserDispatch) {
	if t.dispatch.Store(d); d != nil {
		t.hooks.Or(hookDispatch)
	} else {
		t.hooks.And(^uint32(hookDispatch))
	}
}

// dispatched tells whether the call at hand is not to be made (syscall_user_dispatch). The
// task has a signal then.
func (t *Task) dispatched() bool {
	d := t.dispatch.Load()
	if d == nil || t.thread.Regs().Rip-d.Offset < d.Len {
		return false
	}
	if d.Selector != 0 {
		var b [1]byte
		signo := 0
		if _, err := t.thread.ReadMemory(uint64(d.Selector), b[:]); err != nil {
			signo = abi.SIGSEGV
		} else if b[0] == dispatchAllow {
			return false
		} else if b[0] != dispatchBlock {
			signo = abi.SIGSYS
		}
		if signo != 0 {
			t.forceFatal(signo)
			return true
		}
	}
	data := t.seccompData()
	info := abi.SigInfo{Signo: abi.SIGSYS, Code: abi.SYS_USER_DISPATCH}
	info.SetCallAddr(data.IP)
	info.SetSyscall(data.Nr)
	info.SetArch(data.Arch)
	t.thread.SetResult(t.originalRAX())
	t.forceSignal(&info)
	return true
}

// forceFatal is force_exit_sig: no handler helps.
func (t *Task) forceFatal(signo int) {
	h := t.group.sighand
	h.mu.Lock()
	h.actions[signo].Handler = SigDfl
	h.mu.Unlock()
	info := KernelInfo(signo)
	t.forceSignal(&info)
}
