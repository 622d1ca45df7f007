// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"encoding/binary"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Signalfd takes signals of whoever reads it (signalfd(2)).
type Signalfd struct {
	vfs.BaseFile
	vfs.NoSpliceRead
	vfs.NoWrites
	mask  atomic.Uint64
	owner *task.Task // who made it: who looks, when nobody in particular does
}

// NewSignalfd is a signalfd for the signals of a mask.
func NewSignalfd(t *task.Task, mask task.SigSet, flags uint32) *vfs.File {
	s := &Signalfd{owner: t}
	s.SetMask(t, mask)
	return vfs.NewAnonFile("anon_inode:[signalfd]", s, unix.O_RDWR|flags&unix.SFD_NONBLOCK)
}

// SetMask changes which signals it takes; never SIGKILL and SIGSTOP.
// The waiters of the process of t look again, as in Linux.
func (s *Signalfd) SetMask(t *task.Task, mask task.SigSet) {
	s.mask.Store(uint64(mask &^ (task.SigBit(abi.SIGKILL) | task.SigBit(abi.SIGSTOP))))
	if t != nil {
		t.SignalQueue().Notify(wait.In)
	}
}

func (s *Signalfd) set() task.SigSet { return task.SigSet(s.mask.Load()) }

// signalfdInfoSize is the size of struct signalfd_siginfo.
const signalfdInfoSize = 128

// Read implements vfs.FileOps: as many signals as there are and fit.
func (s *Signalfd) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	t, ok := ctx.(*task.Task)
	if !ok || dst.Len() < signalfdInfoSize {
		return 0, unix.EINVAL
	}
	total := 0
	for dst.Len() >= signalfdInfoSize {
		var info abi.SigInfo
		take := func() error {
			if t.DequeueSignal(s.set(), &info) {
				return nil
			}
			return unix.EAGAIN
		}
		var err error
		if total > 0 {
			err = take()
		} else {
			err = block(ctx, f, t.SignalQueue(), wait.In, take)
		}
		if err == nil {
			b := encodeSignalfd(&info)
			_, err = dst.CopyOut(b[:])
		}
		if err != nil {
			if total > 0 {
				return total, nil
			}
			return 0, err
		}
		total += signalfdInfoSize
	}
	return total, nil
}

// encodeSignalfd is the struct signalfd_siginfo of a signal (signalfd_copyinfo).
func encodeSignalfd(i *abi.SigInfo) [signalfdInfoSize]byte {
	var b [signalfdInfoSize]byte
	put := func(off int, v uint32) { binary.LittleEndian.PutUint32(b[off:], v) }
	long := func(off int, v uint64) { binary.LittleEndian.PutUint64(b[off:], v) }
	put(0, uint32(i.Signo))
	put(4, uint32(i.Errno))
	put(8, uint32(i.Code))
	value := func() {
		put(44, uint32(i.Value()))
		long(48, i.Value())
	}
	switch {
	case i.Code == abi.SI_TIMER:
		put(24, uint32(i.TimerID()))
		put(32, uint32(i.Overrun()))
		value()
	case i.Code > 0 && int(i.Signo) == abi.SIGCHLD:
		put(12, uint32(i.Pid()))
		put(16, i.UID())
		put(40, uint32(i.Status()))
		long(56, uint64(i.Utime()))
		long(64, uint64(i.Stime()))
	case i.Code > 0 && i.Code != abi.SI_KERNEL && isFault(int(i.Signo)):
		long(72, i.Addr())
	case i.Code > 0 && i.Code != abi.SI_KERNEL && int(i.Signo) == abi.SIGIO:
		put(28, uint32(i.Band()))
		put(20, uint32(i.FD()))
	case i.Code < 0 && i.Code != abi.SI_TKILL && i.Code != abi.SI_SIGIO:
		put(12, uint32(i.Pid()))
		put(16, i.UID())
		value()
	default:
		put(12, uint32(i.Pid()))
		put(16, i.UID())
	}
	return b
}

func isFault(signo int) bool {
	switch signo {
	case abi.SIGSEGV, abi.SIGBUS, abi.SIGILL, abi.SIGFPE, abi.SIGTRAP:
		return true
	}
	return false
}

// PollBy implements poll.Personal: whoever polls looks for his own signals.
func (s *Signalfd) PollBy(by wait.Sleeper) wait.Mask {
	if t, ok := by.(*task.Task); ok {
		if t.HasSignal(s.set()) {
			return wait.In
		}
		return 0
	}
	return s.Poll(nil)
}

// QueueFor implements poll.Personal.
func (s *Signalfd) QueueFor(by wait.Sleeper) *wait.Queue {
	if t, ok := by.(*task.Task); ok {
		return t.SignalQueue()
	}
	return s.Queue(nil)
}

// Poll implements vfs.FileOps.
func (s *Signalfd) Poll(*vfs.File) wait.Mask {
	if s.owner != nil && s.owner.HasSignal(s.set()) {
		return wait.In
	}
	return 0
}

// Queue implements vfs.FileOps.
func (s *Signalfd) Queue(*vfs.File) *wait.Queue { return s.owner.SignalQueue() }
