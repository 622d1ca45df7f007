// SPDX-License-Identifier: Apache-2.0

package task

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// pidFile is a pidfd: it refers to a process, or to one thread, and is
// readable once that ended.
type pidFile struct {
	vfs.BaseFile
	vfs.NoReads
	vfs.NoWrites
	group  *ThreadGroup
	thread *Task // nil: the whole process
}

var pidFS = vfs.NewPseudoFS("pidfs", 0x50494446).Regular() // PID_FS_MAGIC

// NewPidFD is an open pidfd for a process, or for a thread if that is given
// (PIDFD_THREAD).
func (g *ThreadGroup) NewPidFD(thread *Task, flags uint32) *vfs.File {
	f := vfs.NewAnonFileInode("anon_inode:[pidfd]", &pidFile{group: g, thread: thread},
		pidFS.NewInode(0o700, 0, 0), unix.O_RDWR|flags)
	if thread != nil {
		f.SetFlags(unix.O_EXCL, unix.O_EXCL) // PIDFD_THREAD shows
	}
	return f
}

// Poll implements vfs.FileOps.
func (p *pidFile) Poll(*vfs.File) wait.Mask {
	k := p.group.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	switch {
	case p.group.reaped, p.thread != nil && p.thread.dead && p.thread != p.group.leader:
		return wait.Readable | wait.Hup
	case p.group.zombie, p.thread != nil && p.thread.dead:
		return wait.Readable
	}
	return 0
}

// FDInfo is what /proc/PID/fdinfo adds: the process, -1 once it was waited for.
func (p *pidFile) FDInfo() string {
	k := p.group.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	ids := p.group.ids.numbers
	if p.group.reaped {
		ids = []int32{-1}
	}
	b := fmt.Appendf(nil, "Pid:\t%d\nNSpid:", ids[0])
	for _, id := range ids {
		b = fmt.Appendf(b, "\t%d", id)
	}
	return string(b) + "\n"
}

// Queue implements vfs.FileOps.
func (p *pidFile) Queue(*vfs.File) *wait.Queue { return &p.group.exitQueue }

// WaitRelease waits until a dying process has given its memory back
// (process_mrelease(2)): ESRCH if it has, EINVAL if it does not die, or if
// others that live share it.
func (t *Task) WaitRelease(g *ThreadGroup) error {
	mine, others, dying := g.memoryUsers()
	switch {
	case mine == 0:
		return unix.ESRCH
	case !dying || others > 0:
		return unix.EINVAL
	}
	e := wait.Entry{W: t, Mask: wait.All}
	g.exitQueue.Add(&e)
	defer g.exitQueue.Remove(&e)
	for {
		if mine, _, _ := g.memoryUsers(); mine == 0 {
			return nil
		}
		if err := t.SleepKillable(time.Time{}); err != nil {
			return unix.EINTR
		}
	}
}

// memoryUsers counts the threads of the group that still have memory, and the
// tasks beyond it that share it; dying tells whether the group exits.
func (g *ThreadGroup) memoryUsers() (mine, others int, dying bool) {
	g.kernel.mu.RLock()
	threads := slices.Clone(g.threads)
	h := g.sighand
	g.kernel.mu.RUnlock()
	for _, o := range threads {
		if m, _, _ := o.Resources(); m != nil {
			mine++
			others = m.Users()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return mine, max(others-mine, 0), g.exiting
}

// PidFDTarget is what a pidfd refers to: a process, and a thread of it if it
// is about that one only. Both are nil for another file.
func PidFDTarget(f *vfs.File) (*ThreadGroup, *Task) {
	if p, ok := f.Ops.(*pidFile); ok {
		return p.group, p.thread
	}
	return nil, nil
}

// PidFD is the process behind a descriptor, and whether it is O_NONBLOCK:
// EBADF.
func (t *Task) PidFD(fd int32) (g *ThreadGroup, nonblock bool, err error) {
	f, err := t.files.Get(vfs.FD(fd))
	if err != nil {
		return nil, false, err
	}
	defer f.DecRef()
	if g, _ = PidFDTarget(f); g == nil {
		return nil, false, unix.EBADF
	}
	return g, f.NonBlock(), nil
}
