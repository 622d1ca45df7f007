// SPDX-License-Identifier: Apache-2.0

// This file makes known which file systems mount(2) can mount.

package boot

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
	"github.com/ditto-kernel/ditto/kernel/fs/devpts"
	"github.com/ditto-kernel/ditto/kernel/fs/mqueue"
	"github.com/ditto-kernel/ditto/kernel/fs/overlay"
	"github.com/ditto-kernel/ditto/kernel/fs/proc"
	"github.com/ditto-kernel/ditto/kernel/fs/sysfs"
	"github.com/ditto-kernel/ditto/kernel/fs/tmpfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// registerTypes registers the types. Of sysfs there is one file system for the sandbox's own network, of the
// others as many as are mounted.
func (s *Sandbox) registerTypes() {
	newProc := func(ctx vfs.Ctx, options []vfs.Option) (vfs.FileSystem, error) {
		pids := s.kernel.FirstPids()
		if t, ok := ctx.(*task.Task); ok {
			pids = t.PidNS()
		}
		var o proc.Options
		err := o.Parse(ctx, options)
		return proc.NewIn(s.kernel, s.facts.proc, pids, o), err
	}
	first := s.kernel.FirstNetNS().Network
	s.proc, s.sys = proc.New(s.kernel, s.facts.proc), sysfs.New(s.facts.sys, first)
	newSys := func(ctx vfs.Ctx, _ []vfs.Option) (vfs.FileSystem, error) {
		if t, ok := ctx.(*task.Task); ok && t.Network() != first {
			return sysfs.New(s.facts.sys, t.Network()), nil
		}
		return s.sys, nil
	}
	vfs.RegisterFS(&vfs.FSType{Name: "sysfs", User: true, Revealing: true, May: maySys, Check: noOptions, New: newSys})
	vfs.RegisterFS(tmpfs.Type)
	vfs.RegisterFS(&vfs.FSType{Name: "proc", User: true, Revealing: true, OwnerOf: pidOwner, Check: proc.CheckOption, New: newProc})
	vfs.RegisterFS(cgroupfs.Type)
	vfs.RegisterFS(tmpfs.RamfsType)
	vfs.RegisterFS(devpts.Type)
	vfs.RegisterFS(mqueue.Type)
	vfs.RegisterFS(overlay.Type)
}

func noOptions(vfs.Ctx, vfs.Option) error { return vfs.NoParam }

// maySys is EPERM for who doesn't rule the network namespace.
func maySys(ctx vfs.Ctx) error {
	if t, ok := ctx.(*task.Task); ok && !t.Creds().CapableIn(t.Namespaces().Net.Owner(), unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	return nil
}

// pidOwner is the user namespace of the processes that a new proc is going to show.
func pidOwner(ctx vfs.Ctx) *cred.UserNS {
	if t, ok := ctx.(*task.Task); ok {
		return t.PidNS().Owner()
	}
	return cred.InitialNS
}
