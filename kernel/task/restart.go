// SPDX-License-Identifier: Apache-2.0

// This file is how an interrupted system call goes on (signal(7)). A handler
// answers one of abi's restart codes; what it means depends on whether a
// signal handler runs before the application does.

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
)

// RestartBlock is how a call goes on that can't simply be made again, since
// what it was told is relative (nanosleep, poll). It is for one restart.
type RestartBlock func(t *Task) (uint64, error)

// SetRestartBlock is for a handler that answers ERESTART_RESTARTBLOCK.
func (t *Task) SetRestartBlock(f RestartBlock) { t.block = f }

// RestartSyscall is restart_syscall(2).
func (t *Task) RestartSyscall() (uint64, error) {
	f := t.block
	t.block = nil
	if f == nil {
		return 0, unix.EINTR
	}
	return f(t)
}

func isRestart(e unix.Errno) bool {
	switch e {
	case abi.ERESTARTSYS, abi.ERESTARTNOINTR, abi.ERESTARTNOHAND, abi.ERESTART_RESTARTBLOCK:
		return true
	}
	return false
}

// restartWithHandler settles an interrupted call before a handler's frame is
// built over it.
func (t *Task) restartWithHandler(act *SigAction) {
	e := t.restart
	t.restart = 0
	switch {
	case e == 0:
	case e == abi.ERESTARTNOINTR, e == abi.ERESTARTSYS && act.Flags&SA_RESTART != 0:
		t.callAgain(t.sysNr)
	default:
		t.block = nil
		t.setResult(errnoResult(unix.EINTR))
		if told := t.kernel.Interrupted; told != nil {
			told(t.sysNr)
		}
	}
}

// restartWithoutHandler settles it when the application simply goes on.
func (t *Task) restartWithoutHandler() {
	e := t.restart
	t.restart = 0
	switch e {
	case 0:
	case abi.ERESTART_RESTARTBLOCK:
		t.callAgain(unix.SYS_RESTART_SYSCALL)
	default:
		t.callAgain(t.sysNr)
	}
}

// callAgain makes the thread's next instruction the system call it came from.
func (t *Task) callAgain(nr uint64) {
	regs := t.thread.Regs()
	regs.Rip -= arch.SyscallSize
	regs.Rax = nr
	t.thread.RegsChanged()
}

func (t *Task) setResult(v uint64) {
	t.thread.SetResult(v)
	t.thread.Regs().Rax = v
}

func errnoResult(e unix.Errno) uint64 { return -uint64(e) }
