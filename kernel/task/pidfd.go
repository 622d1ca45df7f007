// SPDX-License-Identifier: Apache-2.0

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// pidFile is a pidfd: it refers to a process, and is readable once that ended.
type pidFile struct {
	vfs.BaseFile
	group *ThreadGroup
}

// NewPidFD is an open pidfd for a process (pidfd_open).
func (k *Kernel) NewPidFD(g *ThreadGroup, flags uint32) *vfs.File {
	return vfs.NewAnonFile("[pidfd]", &pidFile{group: g}, unix.O_RDWR|flags)
}

// Poll implements vfs.FileOps.
func (p *pidFile) Poll(*vfs.File) wait.Mask {
	k := p.group.kernel
	k.mu.RLock()
	defer k.mu.RUnlock()
	switch {
	case p.group.reaped:
		return wait.Readable | wait.Hup
	case p.group.zombie:
		return wait.Readable
	}
	return 0
}

// Queue implements vfs.FileOps.
func (p *pidFile) Queue(*vfs.File) *wait.Queue { return &p.group.exitQueue }

// PidFDGroup is the process that a pidfd refers to, or nil for another file.
func PidFDGroup(f *vfs.File) *ThreadGroup {
	if p, ok := f.Ops.(*pidFile); ok {
		return p.group
	}
	return nil
}

// PidFD is the process behind a descriptor, and whether it is O_NONBLOCK:
// EBADF.
func (t *Task) PidFD(fd int32) (g *ThreadGroup, nonblock bool, err error) {
	f, err := t.files.Get(vfs.FD(fd))
	if err != nil {
		return nil, false, err
	}
	defer f.DecRef()
	if g = PidFDGroup(f); g == nil {
		return nil, false, unix.EBADF
	}
	return g, f.NonBlock(), nil
}
