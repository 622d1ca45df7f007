// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// sigsetSize is sizeof(sigset_t), which every rt_sig* call must be given.
const sigsetSize = 8

// saKnown is the flags of sigaction that Linux keeps; the others are cleared,
// so that a program can find out (UAPI_SA_FLAGS).
const saKnown = task.SA_NOCLDSTOP | task.SA_NOCLDWAIT | task.SA_SIGINFO | task.SA_ONSTACK | task.SA_RESTART |
	task.SA_NODEFER | task.SA_RESETHAND | saExposeTagbits | task.SA_RESTORER

const saExposeTagbits = 0x800

//ditto:syscall rt_sigaction full
func rtSigaction(t *task.Task, signo int32, act, oact user.Addr, size uint64) error {
	if size != sigsetSize {
		return unix.EINVAL
	}
	var sa task.SigAction
	if act != 0 {
		if err := get(t, act, &sa); err != nil {
			return err
		}
	}
	if signo < 1 || signo > task.NSig || act != 0 && (signo == abi.SIGKILL || signo == abi.SIGSTOP) {
		return unix.EINVAL
	}
	var old task.SigAction
	if act == 0 {
		old = t.Action(int(signo))
	} else {
		sa.Flags &= saKnown
		old = t.SetAction(int(signo), sa)
	}
	if oact == 0 {
		return nil
	}
	return put(t, oact, &old)
}

//ditto:syscall rt_sigprocmask full
func rtSigprocmask(t *task.Task, how int32, nset, oset user.Addr, size uint64) error {
	if size != sigsetSize {
		return unix.EINVAL
	}
	old := t.Blocked()
	if nset != 0 {
		v, err := get64(t, nset)
		if err != nil {
			return err
		}
		set := task.SigSet(v)
		switch how {
		case unix.SIG_BLOCK:
			set = old | set
		case unix.SIG_UNBLOCK:
			set = old &^ set
		case unix.SIG_SETMASK:
		default:
			return unix.EINVAL
		}
		t.SetBlocked(set)
	}
	if oset == 0 {
		return nil
	}
	return put64(t, oset, uint64(old))
}

//ditto:syscall rt_sigpending full
func rtSigpending(t *task.Task, set user.Addr, size uint64) error {
	if size > sigsetSize {
		return unix.EINVAL
	}
	v := uint64(t.PendingSignals())
	var b [8]byte
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
	_, err := t.Memory().CopyOut(set, b[:size])
	return err
}

//ditto:syscall rt_sigreturn full
func rtSigreturn(t *task.Task) (uint64, error) { return t.SigReturn(), nil }

//ditto:syscall restart_syscall full
func restartSyscall(t *task.Task) (uint64, error) { return t.RestartSyscall() }

// minSigStack is MINSIGSTKSZ: the smallest alternative stack that sigaltstack
// takes.
const minSigStack = 2048

// stackT is stack_t.
type stackT struct {
	SP    uint64
	Flags uint32
	_     uint32
	Size  uint64
}

//ditto:syscall sigaltstack full
func sigaltstack(t *task.Task, uss, uoss user.Addr) error {
	sp := t.Thread().Regs().Rsp
	old := t.AltStack()
	if uss != 0 {
		var s stackT
		if err := get(t, uss, &s); err != nil {
			return err
		}
		if err := t.SetAltStack(arch.AltStack{Addr: s.SP, Size: s.Size, Flags: s.Flags}, sp, minSigStack); err != nil {
			return err
		}
	}
	if uoss == 0 {
		return nil
	}
	return put(t, uoss, &stackT{SP: old.Addr, Size: old.Size, Flags: old.State(sp) | old.Flags&arch.SS_AUTODISARM})
}

//ditto:syscall pause full
func pause(t *task.Task) error { return t.Pause() }
